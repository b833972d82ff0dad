"""What a service tells others: metrics, health, logs, hosts, status, summary."""

import io
import json
import logging
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from callqa.errors import UsageError
from callqa.settings import Settings
from callqa.store import Store, add_recordings
from callqa.store.batch_tables import Host
from callqa.store.hosts import SILENT, announce_service, end_service, services
from callqa.store.progress import progress
from callqa.store.queue import claim, postpone
from callqa.store.recordings import NewFile, recording
from callqa.store.tables import columns_of, now
from callqa.worker.logs import JsonFormatter, set_up_logging
from callqa.worker.messages import Done
from callqa.worker.metrics import STALLED_SECONDS, Metrics, serve_metrics
from callqa.worker.progress import JsonLines
from callqa.worker.status import current_status, show_status, show_trace
from callqa.worker.summary import Summary

Run = Callable[..., Summary]
Make = Callable[..., Path]


def new(name: str) -> NewFile:
    return NewFile(Path("/calls") / name, name, name, 1, 1, {})


def get(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@pytest.fixture
def served(store: Store) -> Any:
    """Metrics behind a web server; ``workers`` are how many were started and how many are ready."""
    workers = [1, 1]
    metrics = Metrics(store, lambda: (workers[0], workers[1]))
    server = serve_metrics(metrics, 0)
    yield metrics, workers, server.server_address[1]
    server.shutdown()
    server.server_close()


def test_figures_of_what_was_done_and_what_waits(served: Any, store: Store) -> None:
    metrics, _, port = served
    add_recordings(store, [new("a"), new("b")])
    metrics.heard(Done(1, "a", "inspected", 60.0, 1000, 2, steps={"decode": 0.5, "transcribe": 2.0}))
    metrics.heard(Done(2, "b", "failed", detail="broken"))
    code, text = get(port, "/metrics")
    assert code == 200
    for line in (
        'callqa_recordings_total{kind="recording",status="inspected"} 1.0',
        'callqa_recordings_total{kind="recording",status="failed"} 1.0',
        "callqa_audio_seconds_total 60.0",
        "callqa_flags_total 2.0",
        'callqa_stage_seconds_total{stage="transcribe"} 2.0',
        'callqa_queue{status="queued"} 2.0',
        "callqa_workers_ready 1.0",
        "callqa_database_up 1.0",
    ):
        assert line in text.splitlines()


def test_healthy_while_the_supervisor_turns(served: Any) -> None:
    metrics, _, port = served
    assert get(port, "/healthz")[0] == 200
    metrics._beat -= STALLED_SECONDS + 1
    assert get(port, "/healthz")[0] == 503
    metrics.turned()
    assert get(port, "/healthz")[0] == 200


@pytest.mark.parametrize(("waiting", "ready", "code"), [(0, 0, 200), (1, 1, 200), (1, 0, 503)])
def test_ready_when_a_worker_is_there_for_what_waits(
    served: Any, store: Store, waiting: int, ready: int, code: int
) -> None:
    _, workers, port = served
    add_recordings(store, [new(str(n)) for n in range(waiting)])
    workers[1] = ready
    assert get(port, "/readyz")[0] == code


def test_not_ready_without_a_database(served: Any, store: Store) -> None:
    _, _, port = served
    with store.write() as connection:
        connection.exec_driver_sql("ALTER TABLE recording RENAME TO elsewhere")
    assert get(port, "/readyz")[0] == 503
    assert "callqa_database_up 0.0" in get(port, "/metrics")[1]


def test_other_addresses_are_refused(served: Any) -> None:
    assert get(served[2], "/etc/passwd")[0] == 404


def test_a_port_that_is_taken_is_said(served: Any) -> None:
    with pytest.raises(UsageError, match="cannot listen"):
        serve_metrics(served[0], served[2])


def test_a_line_of_log_is_an_object_that_names_call_batch_host_and_worker() -> None:
    record = logging.LogRecord("callqa.x", logging.ERROR, "f", 1, "broken: %s", ("a.wav",), None)
    record.call, record.batch = 7, 3
    line = json.loads(JsonFormatter({"host": "h", "worker": "w"}).format(record))
    assert {k: line[k] for k in ("level", "message", "call", "batch", "host", "worker")} == {
        "level": "error",
        "message": "broken: a.wav",
        "call": 7,
        "batch": 3,
        "host": "h",
        "worker": "w",
    }


def test_each_recording_is_a_line_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging(Settings(log_format="json", host_name="h"))
    try:
        with JsonLines() as lines:
            lines.done(Done(7, "a.wav", "inspected", 60.0, flags=2, batch=3, worker="w"))
            lines.say("stopping")
    finally:
        set_up_logging(Settings())
    first, second = map(json.loads, capsys.readouterr().err.splitlines())
    assert (first["event"], first["call"], first["batch"], first["status"]) == (
        "recording",
        7,
        3,
        "inspected",
    )
    assert (first["worker"], first["host"]) == ("w", "h")
    assert (second["event"], second["message"]) == ("message", "stopping")


def announce(store: Store, name: str) -> None:
    announce_service(store, name, host_name="h", workers=2, device="cpu", version="1")


def test_a_service_is_known_until_it_says_goodbye(store: Store) -> None:
    announce(store, "s")
    announce(store, "s")
    assert [(s.service, s.host, s.workers, s.is_alive) for s in services(store)] == [("s", "h", 2, True)]
    end_service(store, "s")
    assert services(store) == ()


def test_a_service_that_fell_silent_is_told_apart(store: Store) -> None:
    announce(store, "s")
    host = columns_of(Host)
    with store.write() as connection:
        connection.execute(host.update().values(heartbeat_at=now() - SILENT - timedelta(seconds=5)))
    assert [s.is_alive for s in services(store)] == [False]


def test_progress_counts_what_waits_what_runs_and_what_waits_out_a_fault(store: Store) -> None:
    add_recordings(store, [new(name) for name in "abcd"])
    claim(store, "w")
    (claimed,) = claim(store, "w")
    postpone(store, "w", claimed, timedelta(hours=1), "away")
    p = progress(store)
    assert (p.waiting, p.postponed, p.running, p.ends_at) == (2, 1, 1, None)


def test_the_end_is_foreseen_from_what_was_done_of_late(store: Store) -> None:
    add_recordings(store, [new(str(n)) for n in range(70)])
    begun = now() - timedelta(minutes=6)
    with store.write() as connection:
        for n in range(1, 61):  # one every six seconds
            change = recording.update().where(recording.c.id == n)
            at = begun + timedelta(seconds=6 * n)
            connection.execute(change.values(status="inspected", finished_at=at))
    p = progress(store)
    assert p.per_hour == pytest.approx(600, rel=0.05)
    assert p.ends_at is not None
    assert (p.ends_at - now()).total_seconds() == pytest.approx(60, abs=10)


def test_the_end_of_background_work_comes_after_that_of_the_queue(store: Store) -> None:
    from callqa.store.batch_tables import Task

    add_recordings(store, [new(str(n)) for n in range(40)])
    begun, task = now() - timedelta(minutes=5), columns_of(Task)
    with store.write() as connection:
        for n in range(1, 31):  # one every ten seconds; so also of ten tasks, and twenty wait
            at = begun + timedelta(seconds=10 * n)
            change = recording.update().where(recording.c.id == n)
            connection.execute(change.values(status="inspected", finished_at=at))
            state = {"status": "done", "finished_at": at} if n <= 10 else {"status": "queued"}
            connection.execute(task.insert().values(recording_id=n, kind="reinspect", queued_at=at, **state))
    p = progress(store)
    assert p.ends_at is not None and p.tasks_end_at is not None
    assert (p.ends_at - now()).total_seconds() == pytest.approx(100, rel=0.1)
    assert p.tasks_end_at - p.ends_at == pytest.approx(timedelta(minutes=10), rel=0.1)


def test_while_a_service_lives_nobody_is_told_to_start_one(store: Store) -> None:
    add_recordings(store, [new("a")])
    lines = []
    for _ in range(2):
        lines.append(shown(lambda console: show_status(current_status(store), console)))
        announce(store, "s")
    assert ["nobody works" in text for text in lines] == [True, False]


def shown(show: Callable[[Console], None]) -> str:
    out = io.StringIO()
    show(Console(file=out, width=120, color_system=None))
    return out.getvalue()


def test_status_names_hosts_and_background_work(
    run_batch: Run, store: Store, calls: Path, make_call: Make
) -> None:
    from callqa.worker.again import queue_again

    make_call(calls / "a.wav", 10)
    run_batch()
    announce(store, "s")
    queue_again(store, "reinspect")
    text = shown(lambda console: show_status(current_status(store), console))
    assert "h: 2 workers (cpu)" in text
    assert "Background work: 1 wait, 0 run" in text


def test_a_call_s_trace_can_be_read(run_batch: Run, store: Store, calls: Path, make_call: Make) -> None:
    make_call(calls / "a.wav", 10)
    run_batch()
    text = shown(lambda console: show_trace(store, 1, console))
    assert "attempt 1 (recording, batch 1) on " in text
    assert "  transcribe " in text


def test_the_summary_tells_hours_speed_and_cost_of_each_stage(
    run_batch: Run, calls: Path, make_call: Make, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_call(calls / "a.wav", 20)
    summary = run_batch("slow").to_json()
    assert summary["hours"] == pytest.approx(2 / 3600, abs=0.001)
    assert summary["real_time_factor"] > 0
    stage = summary["stages"]["transcribe"]
    assert stage["seconds"] == pytest.approx(0.7, abs=0.3)
    assert stage["per_audio_hour"] == pytest.approx(stage["seconds"] * 1800, rel=0.01)
    assert stage["cost"] is None


def test_a_stage_costs_its_share_of_an_hour(
    run_batch: Run, store: Store, calls: Path, make_call: Make
) -> None:
    from callqa.worker.summary import stages_of

    make_call(calls / "a.wav", 20)
    run_batch("slow")
    stage = stages_of(store, 1, cost_per_hour=3600.0)["transcribe"]
    assert stage.cost == pytest.approx(stage.seconds)
