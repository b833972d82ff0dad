"""What the call page and the list are given."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from callqa.dashboard.call_view import Answers, Queue, call_view, last_by
from callqa.dashboard.filters import View
from callqa.dashboard.formats import length_text, local_time, score_band
from callqa.dashboard.list_view import MOST_TAGS, list_view, range_text
from callqa.dashboard.rule_names import RuleNames
from callqa.dashboard.texts import texts_in
from callqa.inspect.types import Level
from callqa.store.call import get_call, get_peaks
from callqa.store.calls import CallPage, list_calls
from callqa.store.review_queries import flags_of
from callqa.store.verdicts import VerdictEntry, add_verdict, undo_verdict, verdict_history
from callqa.tests.dashboard.sample_store import Filled

ZH = texts_in("zh")


def view_of(filled: Filled, call: int, have: str = "", **changes: Any) -> dict[str, Any]:
    stored = get_call(filled.store, call)
    return call_view(
        replace(stored, row=replace(stored.row, **changes)),
        get_peaks(filled.store, call),
        verdict_history(filled.store, call),
        RuleNames(),
        ZH,
        reviewer="a",
        sound="sound.wav",
        queue=Queue(),
        answers=Answers(),
        have=have,
    )


def test_a_call_without_a_number_is_called_by_its_file(filled: Filled) -> None:
    assert view_of(filled, filled.calls[0])["call"]["title"] == "call-000.wav"
    assert view_of(filled, filled.calls[0], call_id="C-77")["call"]["title"] == "C-77"


def test_a_telephone_number_in_the_title_is_masked(filled: Filled) -> None:
    assert view_of(filled, filled.calls[0], name="13812345678.wav")["call"]["title"] == "138****5678.wav"


def test_facts_that_are_missing_take_no_room(filled: Filled) -> None:
    labels = [
        label for label, _ in view_of(filled, filled.calls[0], team=None, customer=None)["call"]["facts"]
    ]
    assert labels == ["坐席", "业务", "时间"]


def test_defects_of_the_recording_are_told(filled: Filled) -> None:
    assert (
        view_of(filled, filled.calls[0], warnings=["cut short"])["call"]["notice"] == "录音有缺陷：cut short"
    )


def test_a_sound_call_has_no_notice(filled: Filled) -> None:
    assert view_of(filled, filled.calls[0])["call"]["notice"] == ""


def test_a_flag_shows_the_verdict_that_counts(filled: Filled) -> None:
    call = filled.calls[0]
    first = get_call(filled.store, call).flags[0].id
    entry = add_verdict(filled.store, first, "unsure", reviewer="王芳", comment="听不清")
    shown = next(f for f in view_of(filled, call)["flags"] if f["id"] == first)["verdict"]
    assert (shown["id"], shown["value"], shown["by"], shown["comment"]) == (entry, "unsure", "王芳", "听不清")


def test_a_verdict_taken_back_is_not_shown(filled: Filled) -> None:
    call = filled.calls[0]
    first = get_call(filled.store, call).flags[0].id
    add_verdict(filled.store, first, "unsure", reviewer="a")
    undo_verdict(filled.store, first, reviewer="a")
    assert [f["verdict"] for f in view_of(filled, call)["flags"]] == [None] * 4


def test_drawing_anew_is_asked_for_when_flags_change_and_not_for_a_verdict(filled: Filled) -> None:
    call = filled.calls[0]
    before = view_of(filled, call)["call"]["signature"]
    add_verdict(filled.store, get_call(filled.store, call).flags[0].id, "unsure", reviewer="a")
    assert view_of(filled, call)["call"]["signature"] == before
    assert view_of(filled, call, rulebook="sha256:other")["call"]["signature"] != before


def test_what_the_browser_has_is_not_sent_again(filled: Filled) -> None:
    call = filled.calls[0]
    have = view_of(filled, call)["call"]["signature"] + "|zh"
    again = view_of(filled, call, have)
    assert {"lanes", "utterances", "texts"}.isdisjoint(again)
    assert len(again["flags"]) == 4


@pytest.mark.parametrize("have", ["", "|zh", "x|zh"])
def test_what_the_browser_has_of_another_call_does_not_count(filled: Filled, have: str) -> None:
    assert "utterances" in view_of(filled, filled.calls[0], have)


def test_texts_in_another_language_are_sent(filled: Filled) -> None:
    call = filled.calls[0]
    assert "texts" in view_of(filled, call, view_of(filled, call)["call"]["signature"] + "|en")


def entry(id: int, verdict: str = "confirmed", reviewer: str = "a", **more: Any) -> VerdictEntry:
    values = {"rule": "a.b", "start": 1.0, "undoes": None, **more}
    return VerdictEntry(
        id, 1, values["rule"], 1, values["start"], values["start"] + 1, "", verdict, values["undoes"],
        reviewer, "", "", datetime(2026, 11, 21, tzinfo=UTC),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ([], None),
        ([entry(1)], 1),
        ([entry(1), entry(2, start=9.0)], 2),
        ([entry(1), entry(2, start=9.0), entry(3, "undo", start=9.0, undoes=2)], 1),
        ([entry(1), entry(2, reviewer="b")], None),
        ([entry(1), entry(2, reviewer="b", start=9.0)], 1),
        ([entry(1), entry(2, "undo", undoes=1)], None),
    ],
)
def test_undo_after_a_reload_takes_back_the_reviewers_own_last(
    filled: Filled, history: list[VerdictEntry], expected: int | None
) -> None:
    last = last_by(history, get_call(filled.store, filled.calls[0]), "a")
    assert last == (expected and {"kind": "verdict", "id": expected})


@pytest.mark.parametrize(
    ("score", "band"), [(100, "good"), (85, "good"), (84, "fair"), (70, "fair"), (69, "poor")]
)
def test_scores_have_bands(score: int, band: str) -> None:
    assert score_band(score) == band


def test_a_transcript_is_handed_over_as_text_not_as_markup(filled: Filled) -> None:
    lines = view_of(filled, filled.calls[0])["utterances"]
    assert "".join(piece[0] for piece in lines[2]["pieces"]) == "这个不归我管，你自己去找厂家吧。"


def page(filled: Filled) -> CallPage:
    return list_calls(filled.store)


def test_columns_nobody_fills_are_left_out(filled: Filled) -> None:
    bare = tuple(replace(row, team=None, business="", agent=None, customer=None) for row in page(filled).rows)
    found = list_view(CallPage(bare, len(bare)), {}, View(), RuleNames(), ZH)
    names = [column["name"] for column in found["columns"]]
    assert names == ["score", "name", "started", "length", "flags", "progress", "status"]


def test_flags_of_one_rule_are_counted_and_many_rules_are_folded(filled: Filled) -> None:
    row = page(filled).rows[0]
    flags = [("a.x", Level.HIGH), ("a.x", Level.HIGH), *((f"a.{n}", Level.LOW) for n in range(5))]
    shown = list_view(CallPage((row,), 1), {row.id: flags}, View(), RuleNames(), ZH)["rows"][0]["flags"]
    assert [tag["label"] for tag in shown] == ["a.x ×2", "a.0", "a.1", "+3"]
    assert len(shown) == MOST_TAGS + 1
    assert shown[-1]["title"] == "a.2、a.3、a.4"


@pytest.mark.parametrize(
    ("number", "total", "previous", "following"),
    [(1, 40, None, None), (1, 51, None, 2), (2, 51, 1, None), (2, 200, 1, 3), (1, 0, None, None)],
)
def test_there_are_pages_before_and_after(
    filled: Filled, number: int, total: int, previous: int | None, following: int | None
) -> None:
    found = list_view(CallPage(page(filled).rows, total), {}, View(page=number), RuleNames(), ZH)
    assert (found["previous"], found["next"]) == (previous, following)


def test_the_range_names_first_and_last_call(filled: Filled) -> None:
    rows = page(filled).rows
    assert range_text(CallPage(rows, 231), View(page=2), ZH) == "第 51–57 通，共 231 通"
    assert range_text(CallPage((), 0), View(), ZH) == "共 0 通"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, ""), (0, "0:00"), (59.9, "0:59"), (60, "1:00"), (3600, "1:00:00"), (36061, "10:01:01")],
)
def test_lengths_are_written_like_a_clock(seconds: float | None, text: str) -> None:
    assert length_text(seconds) == text


def test_rows_show_how_far_the_review_is(filled: Filled) -> None:
    call = filled.calls[0]
    add_verdict(filled.store, get_call(filled.store, call).flags[0].id, "unsure", reviewer="a")
    found = list_view(page(filled), flags_of(filled.store, [call]), View(), RuleNames(), ZH)
    progress = next(row for row in found["rows"] if row["id"] == call)["progress"]
    assert (progress["done"], progress["total"]) == (1, 4)


def test_a_call_without_a_time_shows_its_day(filled: Filled) -> None:
    row = replace(page(filled).rows[0], started_at=None, day=(datetime(2026, 3, 1) + timedelta(1)).date())
    assert list_view(CallPage((row,), 1), {}, View(), RuleNames(), ZH)["rows"][0]["started"] == "03-02"


def test_a_stored_moment_without_a_zone_is_utc() -> None:
    aware = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
    assert local_time(aware.replace(tzinfo=None)) == local_time(aware) == aware
