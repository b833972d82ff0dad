"""Listening lists: made, heard, and what became of what was noted."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from callqa.errors import UsageError
from callqa.inspect.types import Flag, Inspection, Level
from callqa.store import AudioFacts, NewFile, Result, Store, add_recordings, open_store, save_result
from callqa.store.calls import CallFilter
from callqa.store.listening import (
    actions,
    add_action,
    close_action,
    items_of_list,
    listening_lists,
    note_item,
)
from callqa.store.review_lists import save_list
from callqa.transcribe.types import Measures, Role, Transcript, Utterance
from callqa.voice.listening import curate, curate_list, draw_list


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Twenty calls; the first five have a low flag at 2 s and a grave one at 30 s."""
    opened = open_store(f"sqlite:///{tmp_path / 'callqa.db'}")
    for n in range(1, 21):
        data = {"started_at": "2026-03-04T10:00:00", "agent": "7"}
        add_recordings(opened, [NewFile(Path(f"/calls/{n}.wav"), f"{n}.wav", f"{n:064x}", 1, 1, data)])
        line = Utterance(0, 0.0, 60.0, "S0", Role.AGENT, "不归我管")
        spans = ((2.0, Level.LOW), (30.0, Level.HIGH), (40.0, Level.HIGH)) if n <= 5 else ()
        flags = tuple(
            Flag("a.b", 1, level, at, at + 1, "agent", 0, "x", 0, "exact", "") for at, level in spans
        )
        found = Inspection(flags, 40 if flags else 100, "sha256:" + "0" * 64, ())
        transcript = Transcript(60.0, 1, "zh", (line,), Measures())
        assert save_result(
            opened, n, Result(AudioFacts("wav", "pcm", 8000, 1, 60.0), transcript, found, ["x"])
        )
    yield opened
    opened.close()


def drawn(store: Store, **more: object) -> int:
    return draw_list(store, "三月亲听", CallFilter(), 6, listener="王总", by="lead", **more)  # type: ignore[arg-type]


def test_a_drawn_list_holds_trouble_and_the_usual(store: Store) -> None:
    items = items_of_list(store, drawn(store))
    assert len({item.recording_id for item in items}) == 6
    assert sum(item.recording_id <= 5 for item in items) >= 2
    assert sum(item.recording_id > 5 for item in items) >= 2


def test_calls_begin_at_their_gravest_flag(store: Store) -> None:
    starts = {item.recording_id: item.start for item in items_of_list(store, drawn(store))}
    assert {at for one, at in starts.items() if one <= 5} == {27.0}
    assert {at for one, at in starts.items() if one > 5} == {0.0}


def test_the_same_seed_draws_the_same(store: Store) -> None:
    calls = [
        [item.recording_id for item in items_of_list(store, drawn(store, seed=seed))] for seed in (1, 1, 2)
    ]
    assert calls[0] == calls[1] != calls[2]


def test_a_curated_list_keeps_its_order_and_seconds(store: Store) -> None:
    made = curate(store, "物流", [(9, 12.0), (3, 1.0)], listener="王总", by="lead", prompt="想想包装")
    assert [(item.recording_id, item.start) for item in items_of_list(store, made)] == [(9, 9.0), (3, 0.0)]


def test_a_kept_list_is_curated_for_a_listener(store: Store) -> None:
    kept = save_list(store, "退款争议", [(9, 12.0), (3, 1.0)], query="退款", by="lead")
    made = curate_list(store, "三月亲听", kept, listener="王总", by="lead")
    assert [(item.recording_id, item.start) for item in items_of_list(store, made)] == [(3, 0.0), (9, 9.0)]
    assert listening_lists(store)[0].how == "curated"


def test_progress_and_open_actions_are_counted(store: Store) -> None:
    made = drawn(store, due=date(2026, 3, 31))
    first, second, *_ = items_of_list(store, made)
    note_item(store, first.id, by="王总", note="态度好")
    action = add_action(store, first.id, 28.5, "改话术", by="王总", owner="培训部", due=date(2026, 4, 1))
    add_action(store, second.id, 1.0, "查包装", by="王总")
    (row,) = listening_lists(store, "王总")
    assert (row.calls, row.heard, row.open_actions) == (6, 1, 2)
    close_action(store, action, state="done", outcome="已更新话术")
    assert listening_lists(store)[0].open_actions == 1
    assert [(a.text, a.state, a.outcome) for a in actions(store, list_id=made)] == [
        ("改话术", "done", "已更新话术"), ("查包装", "open", ""),
    ]  # fmt: skip
    assert [a.second for a in actions(store, state="open")] == [1.0]


def test_an_action_is_closed_once_and_with_words(store: Store) -> None:
    action = add_action(store, items_of_list(store, drawn(store))[0].id, 1.0, "改", by="x")
    with pytest.raises(UsageError, match="with its outcome"):
        close_action(store, action, state="done", outcome=" ")
    close_action(store, action, state="dropped", outcome="不需要")
    with pytest.raises(UsageError, match="closed already"):
        close_action(store, action, state="done", outcome="好")


def test_lists_belong_to_their_listener(store: Store) -> None:
    drawn(store)
    assert listening_lists(store, "李总") == []


def test_what_makes_no_list(store: Store) -> None:
    with pytest.raises(UsageError, match="no call fits"):
        draw_list(store, "t", CallFilter(team=("x",)), 5, listener="a", by="b")
    with pytest.raises(UsageError, match="title and a listener"):
        curate(store, " ", [(1, 0.0)], listener="a", by="b")
    with pytest.raises(UsageError, match="needs calls"):
        curate(store, "t", [], listener="a", by="b")
