"""Opening, migrating and sharing the database."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from callqa.errors import StoreError, UsageError
from callqa.store import Store, batch_statuses, database, get_call, open_store
from callqa.store.recordings import recording
from callqa.store.tables import Table

ADD_RULEBOOK = text("INSERT INTO rulebook VALUES ('h', '', '2026-01-01')")
FIRST_ROWS = (
    "INSERT INTO batch (id, started_at, paths) VALUES (7, '2026-01-01', '[]')",
    "INSERT INTO recording (id, sha256, name, path, size_bytes, status, attempts, added_at, queued_at, day,"
    " call_data, flag_count, open_count, doubtful_count)"
    " VALUES (1, 'ff', 'a.wav', '/a.wav', 1, 'queued', 0, '2026-01-01', '2026-01-01', '2026-01-01',"
    " '{}', 0, 0, 0)",
    "INSERT INTO file (path, name, recording_id, batch_id) VALUES ('/a.wav', 'a.wav', 1, 7)",
)
only_sqlite = pytest.mark.parametrize("store", ["sqlite"], indirect=True)


def test_migrations_make_exactly_the_tables_the_program_uses(store: Store) -> None:
    with store.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Table.metadata) == []


def test_a_database_of_the_first_release_keeps_its_rows(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    engine = database._engine(url)
    with engine.connect().execution_options(callqa_write=True) as connection, connection.begin():
        database.migrate(connection, "0001")
        for command in FIRST_ROWS:
            connection.execute(text(command))
    store = open_store(url)
    assert batch_statuses(store, 7) == {"queued": 1}
    assert get_call(store, 1).names == ("a.wav",)


def test_revision_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(database.__file__).parent / "migrations"))
    assert ScriptDirectory.from_config(config).get_current_head() == database.REVISION


def test_missing_folders_are_made(tmp_path: Path) -> None:
    open_store(f"sqlite:///{tmp_path / 'a' / 'b' / 'callqa.db'}").close()
    assert (tmp_path / "a" / "b" / "callqa.db").is_file()


def test_a_database_that_is_up_to_date_opens_without_alembic(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'callqa.db'}"
    open_store(url).close()
    code = f"from callqa.store import open_store; open_store({url!r})"
    code += "; import sys; print('alembic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_database_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'callqa.db'}"
    store = open_store(url)
    with store.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    store.close()
    with pytest.raises(StoreError, match=r"newer callqa .*9999.*update callqa"):
        open_store(url)


@only_sqlite
@pytest.mark.parametrize(
    ("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 1), ("foreign_keys", 1)]
)
def test_sqlite_is_set_up_for_readers_beside_a_writer(store: Store, pragma: str, value: object) -> None:
    with store.read() as connection:
        assert connection.execute(text(f"PRAGMA {pragma}")).scalar() == value


@pytest.mark.parametrize("url", ["", "callqa.db", "nosuchdatabase://x/y"])
def test_what_is_no_url_is_a_wrong_request(url: str) -> None:
    with pytest.raises(UsageError, match="not a database URL"):
        open_store(url)


def test_a_file_that_is_no_database_is_named_as_the_trouble(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("these are notes, not a database" * 100)
    with pytest.raises(StoreError, match="not a database"):
        open_store(f"sqlite:///{tmp_path / 'notes.txt'}")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot make the folder"):
        open_store(f"sqlite:///{tmp_path / 'file' / 'sub' / 'callqa.db'}")


def test_several_processes_may_open_a_new_database_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'callqa.db'}"
    code = f"from callqa.store import open_store; open_store({url!r})"
    started = [subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE) for _ in range(4)]
    assert [p.communicate()[1] for p in started] == [b""] * 4


def test_a_transaction_that_fails_leaves_nothing(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.write() as connection:
        connection.execute(ADD_RULEBOOK)
        _ = 1 / 0
    with store.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM rulebook")).scalar() == 0


def test_a_reader_sees_one_moment_while_another_writes(store: Store) -> None:
    count = text("SELECT count(*) FROM rulebook")
    with store.read() as reader:
        assert reader.execute(count).scalar() == 0
        with store.write() as writer:
            writer.execute(ADD_RULEBOOK)
        assert reader.execute(count).scalar() == 0
    with store.read() as reader:
        assert reader.execute(count).scalar() == 1


@only_sqlite
def test_a_second_writer_waits_for_the_first(store: Store) -> None:
    order: list[str] = []
    entered = threading.Event()

    def first() -> None:
        with store.write():
            entered.set()
            time.sleep(0.3)
            order.append("first")

    thread = threading.Thread(target=first)
    thread.start()
    entered.wait()
    with store.write() as connection:
        connection.execute(recording.update().values(name="x"))
        order.append("second")
    thread.join()
    assert order == ["first", "second"]


def test_two_hosts_may_open_a_new_server_database_at_once(
    postgresql: object,
) -> None:
    from sqlalchemy import create_engine, make_url

    url = make_url(postgresql.url)  # type: ignore[attr-defined]
    admin = create_engine(url.set(drivername="postgresql+pg8000"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql("CREATE DATABASE begun_twice")
    fresh = url.set(database="begun_twice").render_as_string(hide_password=False)
    code = f"from callqa.store import open_store; open_store({fresh!r}).close()"
    started = [subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE) for _ in range(4)]
    assert [p.communicate()[1] for p in started] == [b""] * 4
    with admin.connect() as connection:
        connection.exec_driver_sql("DROP DATABASE begun_twice")
    admin.dispose()
