"""A backup holds everything, says when it is damaged, and never overwrites what is there."""

import json
import sqlite3
import tarfile
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine

from callqa.errors import StoreError, UsageError
from callqa.store import NewFile, Store, add_recordings, backup, database, list_calls, open_store
from callqa.store.backup import backup as make
from callqa.store.backup import read_manifest, restore
from callqa.store.calls import CallFilter


def url_of(store: Store) -> str:
    return store.engine.url.render_as_string(hide_password=False)


def names(store: Store) -> list[str]:
    return [row.name for row in list_calls(store, CallFilter()).rows]


def asked(file: Path, question: str) -> Any:
    with closing(sqlite3.connect(file)) as raw:
        return raw.execute(question).fetchone()[0]


@pytest.fixture
def sqlite(tmp_path, empty_database):
    target = tmp_path / "source" / "callqa.db"
    target.parent.mkdir()
    target.write_bytes(empty_database.read_bytes())
    opened = open_store(f"sqlite:///{target}")
    yield opened
    opened.close()


def fill(store: Store, count: int = 3) -> None:
    files = [NewFile(Path(f"/calls/{n}.wav"), f"{n}.wav", f"{n:064d}", 1, 1, {}) for n in range(count)]
    add_recordings(store, files)


def test_what_was_stored_comes_back(sqlite, tmp_path):
    fill(sqlite)
    written = make(url_of(sqlite), tmp_path / "a.backup")
    read = restore(tmp_path / "a.backup", f"sqlite:///{tmp_path / 'new' / 'callqa.db'}")
    back = open_store(f"sqlite:///{tmp_path / 'new' / 'callqa.db'}")
    assert names(back) == names(sqlite) != []
    assert read == written
    assert written.rows["recording"] == 3


def test_postgresql_comes_back(postgresql, tmp_path):
    store = open_store(postgresql.empty())
    fill(store, 5)
    url = url_of(store)
    other = store.engine.url.set(database="restored")
    outside = create_engine(store.engine.url, isolation_level="AUTOCOMMIT")
    with outside.connect() as connection:
        connection.exec_driver_sql("DROP DATABASE IF EXISTS restored")
        connection.exec_driver_sql("CREATE DATABASE restored")
    outside.dispose()
    make(url, tmp_path / "a.backup")
    restore(tmp_path / "a.backup", other.render_as_string(hide_password=False))
    back = open_store(other.render_as_string(hide_password=False))
    assert names(back) == names(store)
    back.close()
    with pytest.raises(UsageError, match="holds tables already"):
        restore(tmp_path / "a.backup", other.render_as_string(hide_password=False))
    store.close()


def test_it_is_one_moment_though_others_write(sqlite, tmp_path):
    fill(sqlite, 400)
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            with sqlite.write() as connection:
                connection.exec_driver_sql("UPDATE recording SET attempts = attempts + 1")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        make(url_of(sqlite), tmp_path / "a.backup")
    finally:
        stop.set()
        writer.join()
    restore(tmp_path / "a.backup", f"sqlite:///{tmp_path / 'new.db'}")
    assert asked(tmp_path / "new.db", "SELECT count(DISTINCT attempts) FROM recording") == 1


def test_a_file_that_is_there_is_not_overwritten(sqlite, tmp_path):
    (tmp_path / "a.backup").write_text("precious")
    with pytest.raises(UsageError, match="exists already"):
        make(url_of(sqlite), tmp_path / "a.backup")
    assert (tmp_path / "a.backup").read_text() == "precious"


def test_a_database_that_is_there_is_not_overwritten(sqlite, tmp_path):
    fill(sqlite)
    make(url_of(sqlite), tmp_path / "a.backup")
    with pytest.raises(UsageError, match="move it away first"):
        restore(tmp_path / "a.backup", url_of(sqlite))


def test_nobody_else_can_read_it(sqlite, tmp_path):
    make(url_of(sqlite), tmp_path / "a.backup")
    assert (tmp_path / "a.backup").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("place", [0.5, 0.9])
def test_a_damaged_backup_is_refused(sqlite, tmp_path, place):
    fill(sqlite)
    make(url_of(sqlite), tmp_path / "a.backup")
    content = bytearray((tmp_path / "a.backup").read_bytes())
    with tarfile.open(tmp_path / "a.backup") as tar:
        entry = tar.getmember("database")
    content[entry.offset_data + int(entry.size * place)] ^= 0xFF
    (tmp_path / "a.backup").write_bytes(content)
    with pytest.raises(StoreError, match="checksum differs"):
        restore(tmp_path / "a.backup", f"sqlite:///{tmp_path / 'new.db'}")
    assert not (tmp_path / "new.db").exists()


def test_something_else_is_no_backup(tmp_path):
    (tmp_path / "a.txt").write_text("hello")
    with pytest.raises(StoreError, match="no backup of callqa"):
        read_manifest(tmp_path / "a.txt")


def test_a_backup_of_another_kind_says_the_way(sqlite, tmp_path):
    make(url_of(sqlite), tmp_path / "a.backup")
    with pytest.raises(UsageError, match="callqa db move"):
        restore(tmp_path / "a.backup", "postgresql://nobody@localhost/x")


def test_an_older_backup_is_migrated(tmp_path):
    engine = database._engine(f"sqlite:///{tmp_path / 'old.db'}")
    with engine.connect() as connection, connection.execution_options(callqa_write=True).begin():
        database.migrate(connection, "0002")
    engine.dispose()
    old = tmp_path / "old.db"
    with pytest.MonkeyPatch.context() as patch:  # written by the callqa of then
        patch.setattr(backup, "open_store", lambda url: Store(database._engine(url)))
        written = make(f"sqlite:///{old}", tmp_path / "a.backup")
    assert written.revision == "0002"
    restore(tmp_path / "a.backup", f"sqlite:///{tmp_path / 'new.db'}")
    assert asked(tmp_path / "new.db", "SELECT version_num FROM alembic_version") == database.REVISION


def test_the_manifest_is_plain_json(sqlite, tmp_path):
    make(url_of(sqlite), tmp_path / "a.backup")
    with tarfile.open(tmp_path / "a.backup") as tar:
        file = tar.extractfile("manifest.json")
        assert file and json.load(file)["kind"] == "sqlite"
