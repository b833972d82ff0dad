"""Progress, the account at the end, signals."""

import io
import os
import signal
from typing import Any

import pytest
from rich.console import Console

from callqa.store import Problem
from callqa.worker.messages import Done
from callqa.worker.progress import Bar, Lines, describe
from callqa.worker.stopping import Stopping
from callqa.worker.summary import MOST_PROBLEMS, Summary, show


def make_summary(**changes: Any) -> Summary:
    values: dict[str, Any] = {
        "batch": 1,
        "files": 3,
        "recordings": 3,
        "new": 3,
        "statuses": {"inspected": 3},
        "aside": {},
        "flags": {},
        "problems": (),
        "notes": (),
        "done": 3,
        "audio_seconds": 3725.0,
        "wall_seconds": 100.0,
        "stopped": False,
        "limit_reached": False,
    }
    return Summary(**{**values, **changes})


def shown(summary: Summary, *, terminal: bool = False) -> str:
    out = io.StringIO()
    show(summary, Console(file=out, force_terminal=terminal, width=100, color_system=None))
    return out.getvalue()


def problem(name: str = "b.wav", **changes: str) -> Problem:
    values = {"status": "failed", "kind": "damaged", "reason": "it breaks off", "remedy": "fetch it again"}
    return Problem(name=name, path=f"/calls/{name}", **{**values, **changes})


@pytest.mark.parametrize(
    ("message", "line"),
    [
        (Done(1, "a.wav", "inspected", 61.4, 10, 2), "inspected a.wav: 61 s, 2 flags"),
        (Done(1, "a.wav", "inspected", 61.4, 10, 1), "inspected a.wav: 61 s, 1 flag"),
        (Done(1, "a.wav", "failed", 0, 10, detail="it is [bold]"), "failed a.wav: it is [bold]"),
    ],
)
def test_a_recording_in_a_line(message: Done, line: str) -> None:
    assert describe(message) == line


def test_a_log_has_a_line_a_recording(capsys: pytest.CaptureFixture[str]) -> None:
    with Lines() as lines:
        lines.expect(2, 100)
        lines.done(Done(1, "a.wav", "inspected", 60, 10))
        lines.done(Done(1, "b.wav", "failed", 0, 10, detail="it breaks off"))
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("1/2 inspected a.wav: 60 s, 0 flags, ")
    assert second.startswith("2/2 failed b.wav: it breaks off, ")


def test_a_quiet_log_has_only_what_must_be_said(capsys: pytest.CaptureFixture[str]) -> None:
    with Lines(details=False) as lines:
        lines.done(Done(1, "a.wav", "inspected", 60, 10))
        lines.say("stopping")
    assert capsys.readouterr().err == "stopping\n"


def test_the_bar_moves_with_the_bytes() -> None:
    with Bar() as bar:
        bar.expect(2, 100)
        bar.done(Done(1, "a.wav", "inspected", 60, 75))
        (task,) = bar._progress.tasks
        assert (task.completed, task.total, task.fields["count"]) == (75, 100, "1/2")
        bar.expect(1, 100)
        assert task.total == 200


@pytest.mark.parametrize("terminal", [False, True])
def test_the_account_names_every_status(terminal: bool) -> None:
    text = shown(make_summary(statuses={"inspected": 1, "failed": 1, "queued": 1}), terminal=terminal)
    lines = [line.replace("│", " ").split()[:2] for line in text.splitlines()]
    for status in ("inspected", "failed", "queued"):
        assert {"1", status} in [set(line) for line in lines]
    assert {"3", "files"} in [set(line) for line in lines]


def test_the_account_gives_reason_and_remedy() -> None:
    assert "failed b.wav: it breaks off; fetch it again" in shown(make_summary(problems=(problem(),)))


def test_a_long_list_of_problems_is_cut_and_says_where_the_rest_is() -> None:
    text = shown(make_summary(problems=tuple(problem(f"{n}.wav") for n in range(MOST_PROBLEMS + 5))))
    assert text.count("it breaks off") == MOST_PROBLEMS
    assert "… and 5 more: callqa status --problems" in text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "This run: 3 recordings, 1:02:05 of sound in 0:01:40 (37.2 times real time)."),
        ({"done": 0}, "This run: nothing was left to do."),
        ({"done": 0, "statuses": {"queued": 3}}, "callqa worker --until-empty"),
        ({"recordings": 2}, "The files hold 2 different recordings."),
        ({"aside": {"hidden": 1, "document": 2}}, "Left aside: 2 document, 1 hidden."),
        ({"flags": {"high": 2, "low": 1}}, "Flags: 2 high, 1 low."),
        ({"limit_reached": True}, "run again for more"),
        ({"stopped": True, "statuses": {"queued": 3}}, "Stopped; run the same command again to go on."),
        ({"notes": ("x.csv:2: odd",)}, "Note: x.csv:2: odd"),
        ({"files": 4}, "please report this"),
    ],
)
def test_what_the_account_says(changes: dict[str, Any], sentence: str) -> None:
    assert sentence in shown(make_summary(**changes))


@pytest.mark.parametrize("sentence", ["different recordings", "Left aside", "Flags:", "Stopped", "Note:"])
def test_what_the_account_does_not_say_without_need(sentence: str) -> None:
    assert sentence not in shown(make_summary())


@pytest.mark.parametrize(
    ("statuses", "complete", "failures"),
    [
        ({"inspected": 3}, True, False),
        ({"inspected": 2, "empty": 1}, True, False),
        ({"inspected": 2, "failed": 1}, True, True),
        ({"inspected": 2, "quarantined": 1}, True, True),
        ({"inspected": 2, "unreadable": 1}, True, True),
        ({"inspected": 2, "queued": 1}, False, False),
        ({"inspected": 2, "running": 1}, False, False),
    ],
)
def test_when_a_batch_is_complete_and_when_it_has_failures(
    statuses: dict[str, int], complete: bool, failures: bool
) -> None:
    summary = make_summary(statuses=statuses)
    assert (summary.is_complete, summary.has_failures, summary.unaccounted) == (complete, failures, 0)


def test_signals_are_counted_and_explained() -> None:
    said: list[str] = []
    with Stopping(said.append) as stopping:
        assert stopping.level == 0
        os.kill(os.getpid(), signal.SIGTERM)
        assert stopping.level == 1
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        assert stopping.level == 2
    assert said[0] == "finishing the recordings in hand; once more to stop now"
    assert said[1].startswith("stopping now")


def test_signals_mean_afterwards_what_they_meant_before() -> None:
    before = signal.getsignal(signal.SIGINT)
    with Stopping(print):
        assert signal.getsignal(signal.SIGINT) != before
    assert signal.getsignal(signal.SIGINT) == before
