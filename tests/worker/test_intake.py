"""Finding, hashing and queueing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from callqa.errors import UsageError
from callqa.ingest.identity import sha256_of
from callqa.ingest.metadata import Metadata
from callqa.store import Store, batch_problems, batch_statuses, get_call, open_counts, start_batch
from callqa.worker import intake as intake_module
from callqa.worker.intake import Intake, Taken

Make = Callable[..., Path]


@pytest.fixture
def take_in(store: Store, calls: Path) -> Callable[..., Taken]:
    def take(*tables: Path, paths: tuple[Path, ...] = (), limit: int | None = None) -> Taken:
        batch = start_batch(store, [calls])
        intake = Intake(store, paths or (calls,), Metadata.load(tables), batch, limit=limit)
        intake.run()
        return intake.taken

    return take


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of files whose content was read."""
    read: list[str] = []
    really = sha256_of

    def noting(path: Path) -> str:
        read.append(path.name)
        return really(path)

    monkeypatch.setattr(intake_module, "sha256_of", noting)
    return read


def test_what_is_found_is_queued(
    take_in: Callable[..., Taken], store: Store, calls: Path, make_call: Make
) -> None:
    make_call(calls / "a.wav", 10)
    make_call(calls / "deep" / "er" / "b.wav", 11)
    taken = take_in()
    assert (taken.files, taken.new, taken.known) == (2, 2, 0)
    assert open_counts(store) == (2, 0)
    assert taken.new_bytes == sum(f.stat().st_size for f in calls.rglob("*.wav"))


def test_the_same_content_is_queued_once(
    take_in: Callable[..., Taken], store: Store, calls: Path, make_call: Make
) -> None:
    make_call(calls / "a.wav", 10)
    make_call(calls / "b.wav", 10)
    taken = take_in()
    assert (taken.files, taken.new, taken.known) == (2, 1, 1)
    assert get_call(store, 1).names == ("a.wav", "b.wav")


def test_a_file_as_it_was_is_not_read_again(
    take_in: Callable[..., Taken], calls: Path, make_call: Make, hashed: list[str]
) -> None:
    make_call(calls / "a.wav", 10)
    take_in()
    make_call(calls / "b.wav", 11)
    assert take_in().known == 1
    assert hashed == ["a.wav", "b.wav"]


def test_a_file_that_changed_is_read_again(
    take_in: Callable[..., Taken], calls: Path, make_call: Make, hashed: list[str]
) -> None:
    make_call(calls / "a.wav", 10)
    take_in()
    make_call(calls / "a.wav", 11)
    assert take_in().new == 1
    assert hashed == ["a.wav", "a.wav"]


def test_many_files_come_in_portions(
    take_in: Callable[..., Taken], calls: Path, make_call: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake_module, "CHUNK_FILES", 2)
    for tenths in range(1, 6):
        make_call(calls / f"{tenths}.wav", tenths)
    assert take_in().new == 5


@pytest.mark.parametrize(("limit", "new", "reached"), [(1, 1, True), (3, 3, True), (4, 3, False)])
def test_a_limit_counts_new_recordings(
    take_in: Callable[..., Taken], calls: Path, make_call: Make, limit: int, new: int, reached: bool
) -> None:
    make_call(calls / "0.wav", 9)
    take_in()
    for tenths in (1, 2, 3):
        make_call(calls / f"{tenths}.wav", tenths)
    taken = take_in(limit=limit)
    assert (taken.new, taken.limit_reached) == (new, reached)


def test_a_file_that_a_list_names_but_is_not_there_is_accounted_for(
    take_in: Callable[..., Taken], store: Store, calls: Path, make_call: Make, tmp_path: Path
) -> None:
    make_call(calls / "a.wav", 10)
    manifest = tmp_path / "list.csv"
    manifest.write_text("file\ncalls/a.wav\ncalls/gone.wav\n")
    taken = take_in(paths=(manifest,))
    assert (taken.files, taken.unreadable) == (2, 1)
    assert batch_statuses(store, 1) == {"queued": 1, "unreadable": 1}
    (problem,) = batch_problems(store, 1)
    assert (problem.name, problem.status) == ("gone.wav", "unreadable")
    assert problem.reason.startswith("it is not there")


def test_a_file_that_cannot_be_read_is_accounted_for(
    take_in: Callable[..., Taken],
    store: Store,
    calls: Path,
    make_call: Make,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_call(calls / "a.wav", 10)

    def refused(path: Path) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(intake_module, "sha256_of", refused)
    assert take_in().unreadable == 1
    (problem,) = batch_problems(store, 1)
    assert (problem.reason, problem.remedy) == (
        "it cannot be read: Permission denied",
        "allow callqa to read it",
    )


def test_documents_are_left_aside_and_counted(
    take_in: Callable[..., Taken], calls: Path, make_call: Make
) -> None:
    make_call(calls / "a.wav", 10)
    for name in ("a.json", "b.txt", ".hidden", "c.wav.part"):
        (calls / name).write_text("{}")
    assert take_in().aside == {"document": 2, "hidden": 1, "unfinished": 1}


def test_call_data_reaches_the_recording(
    take_in: Callable[..., Taken], store: Store, calls: Path, make_call: Make, tmp_path: Path
) -> None:
    make_call(calls / "a.wav", 10)
    (tmp_path / "data.csv").write_text("file,agent,工单\na.wav,7,88\nz.wav,8,89\n")
    taken = take_in(tmp_path / "data.csv")
    assert get_call(store, 1).row.agent == "7"
    assert get_call(store, 1).row.call_data["工单"] == "88"
    assert len(taken.notes) == 1
    assert "rows of call data that fit no recording: 1" in taken.notes[0]


def test_a_path_that_is_not_there_is_a_wrong_request(take_in: Callable[..., Taken], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file or folder"):
        take_in(paths=(tmp_path / "nowhere",))


def test_an_error_in_the_thread_reaches_whoever_waits(store: Store, tmp_path: Path) -> None:
    intake = Intake(store, [tmp_path / "nowhere"], Metadata.load(), start_batch(store, []))
    intake.start()
    with pytest.raises(UsageError, match="no such file or folder"):
        while intake.is_running():
            pass


def test_a_file_that_somebody_still_writes_is_left_for_the_next_run(
    take_in: Callable[..., Taken], calls: Path, make_call: Make
) -> None:
    make_call(calls / "a.wav", 10)
    path = make_call(calls / "b.wav", 11)
    with path.open("ab"):
        taken = take_in()
    assert (taken.new, taken.aside, taken.being_written) == (1, {"unfinished": 1}, [path])
    assert taken.notes == [f"1 files are still being written, first {path}; a later run takes them"]
    assert take_in().new == 1


def test_a_database_that_is_away_for_a_while_holds_the_intake_up(
    store: Store, calls: Path, make_call: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sqlite3

    from sqlalchemy.exc import OperationalError

    from callqa.errors import StoreError
    from callqa.store import add_recordings
    from callqa.worker.patience import Patience

    make_call(calls / "a.wav", 10)
    really, asked = add_recordings, []

    def at_the_third_time(*given: Any, **more: Any) -> Any:
        asked.append(given)
        if len(asked) < 3:
            cause = OperationalError("s", {}, sqlite3.OperationalError("database is locked"))
            raise StoreError("the database cannot be used") from cause
        return really(*given, **more)

    monkeypatch.setattr(intake_module, "add_recordings", at_the_third_time)
    batch = start_batch(store, [calls])
    intake = Intake(store, [calls], Metadata.load(), batch, patiently=Patience(60, lambda _: False))
    intake.run()
    assert (intake.taken.new, open_counts(store)) == (1, (1, 0))
