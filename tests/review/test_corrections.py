"""A corrected word, swapped sides, a flag that was missed: what the reviewer changes, and the way back."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy

from callqa.errors import UsageError
from callqa.inspect.engine import inspect_call
from callqa.inspect.rulebook import read_rulebook
from callqa.privacy.redact import redact_utterances
from callqa.privacy.roles import Person, Role
from callqa.review.actions import Refused, ReviewSession
from callqa.review.added import new_flag
from callqa.review.corrections import correct_line, rewrite, swap_roles, undo_edit
from callqa.store.call import StoredCall, get_call
from callqa.store.claims import claim_call
from callqa.store.database import Store, open_store
from callqa.store.edit_history import last_edits, originals
from callqa.store.edits import EditOvertaken
from callqa.store.recordings import NewFile, add_recordings
from callqa.store.records import call_record
from callqa.store.results import AudioFacts, Result, save_result
from callqa.store.rulebooks import save_rulebook
from callqa.store.search import search
from callqa.store.verdicts import add_verdict
from callqa.transcribe.measures import measure
from callqa.transcribe.types import Role as Speaker
from callqa.transcribe.types import Transcript, Utterance, Word

RULES = read_rulebook(
    {
        "service/shirking.yaml": """
title: 推诿
name: shirking
version: 3
status: stable
level: high
scope: {speaker: agent}
detection: {phrase: {terms: [不归我管]}, condition: phrase}
outcome: {points: -10}
"""
    }
)
SAID = (("agent", "您好请讲"), ("customer", "我要投诉"), ("agent", "这个不龟我管，您打13812345678"))


def utterance(index: int, role: str, text: str) -> Utterance:
    start = 10.0 * index
    words = tuple(Word(start + 0.2 * i, start + 0.2 * i + 0.2, c, 0.9) for i, c in enumerate(text))
    return Utterance(index, start, start + 0.2 * len(text), f"S{index % 2}", Speaker(role), text, 0.9, words)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'callqa.db'}")
    add_recordings(opened, [NewFile(tmp_path / "a.wav", "a.wav", "a" * 64, 1, 0, {})])
    save_rulebook(opened, RULES.hash, RULES.to_bytes())
    lines = tuple(utterance(i, role, text) for i, (role, text) in enumerate(SAID))
    measures = measure(lines, 40.0, {"agent": -20.0, "customer": -30.0})
    transcript = Transcript(40.0, 2, "zh", lines, measures, {"asr": "a"})
    inspection = inspect_call(transcript, RULES)
    facts = AudioFacts("wav", "pcm_s16le", 8000, 2, 40.0)
    save_result(opened, 1, Result(facts, transcript, inspection, redact_utterances(lines)))
    yield opened
    opened.close()


def call(store: Store) -> StoredCall:
    return get_call(store, 1)


def text_of(store: Store, line: int) -> str:
    transcript = call(store).transcript
    assert transcript is not None
    return transcript.utterances[line].text


def correct(
    store: Store, line: int, span: tuple[int, int], text: str, action: str = "x", seen: Any = None
) -> int:
    return correct_line(store, 1, line, span, text, seen=seen, reviewer="王芳", action=action)


@pytest.mark.parametrize(
    ("span", "text", "whole", "words"),
    [
        ((1, 2), "号", "您号请讲", ["您", "号", "请", "讲"]),
        ((0, 2), "你好", "你好请讲", ["你", "好", "请", "讲"]),
        ((1, 2), "", "您请讲", ["您", "请", "讲"]),
        ((4, 4), "吧。", "您好请讲吧。", ["您", "好", "请", "讲", "吧。"]),
        ((0, 0), "喂，", "喂，您好请讲", ["喂，", "您", "好", "请", "讲"]),
        ((2, 3), "VIP 9", "您好VIP 9讲", ["您", "好", "VIP ", "9", "讲"]),
    ],
)
def test_words_beside_the_change_keep_their_times(
    span: tuple[int, int], text: str, whole: str, words: list[str]
) -> None:
    before = utterance(1, "agent", "您好请讲")
    after = rewrite(before, *span, text)
    assert after.text == whole == "".join(w.text for w in after.words)
    assert [w.text for w in after.words] == words
    kept = {w.text: (w.start, w.end) for w in before.words}
    assert all((w.start, w.end) == kept[w.text] for w in after.words if w.text in kept and w.text not in text)
    starts = [w.start for w in after.words]
    assert starts == sorted(starts)
    assert all(before.start <= w.start <= w.end <= before.end for w in after.words)


def test_new_words_share_the_time_of_those_they_replace() -> None:
    after = rewrite(utterance(0, "agent", "您好请讲"), 1, 3, "号一二三")
    assert [(round(w.start, 2), round(w.end, 2)) for w in after.words[1:5]] == [
        (0.2, 0.3), (0.3, 0.4), (0.4, 0.5), (0.5, 0.6),
    ]  # fmt: skip


def test_a_part_of_a_word_is_replaced_within_the_word() -> None:
    words = (Word(0.0, 1.0, "HELLO", 0.9), Word(1.0, 1.2, "吗", 0.9))
    after = rewrite(Utterance(0, 0.0, 1.2, "S0", Speaker.AGENT, "HELLO吗", 0.9, words), 1, 2, "A")
    assert [(w.text, w.start, w.end) for w in after.words] == [("HALLO", 0.0, 1.0), ("吗", 1.0, 1.2)]


def test_a_line_without_words_keeps_having_none() -> None:
    after = rewrite(Utterance(0, 0.0, 1.0, "S0", Speaker.AGENT, "您好"), 1, 2, "号")
    assert (after.text, after.words) == ("您号", ())


@pytest.mark.parametrize(("span", "text"), [((0, 9), "x"), ((3, 1), "x"), ((-1, 2), "x"), ((0, 4), "  ")])
def test_what_makes_no_line_is_refused(span: tuple[int, int], text: str) -> None:
    with pytest.raises(UsageError):
        rewrite(utterance(0, "agent", "您好请讲"), *span, text)


def test_a_corrected_word_is_inspected_searched_and_marked(store: Store) -> None:
    assert call(store).flags == ()
    edit = correct(store, 2, (3, 4), "归")
    changed = call(store)
    assert [(f.flag.rule, f.flag.quote) for f in changed.flags] == [("service.shirking", "这个不归我管")]
    assert changed.row.score == 90
    assert [hit.position for hit in search(store, "不归我管")] == [2]
    assert originals(changed.edits) == {2: SAID[2][1]}
    assert last_edits(changed.edits) == {2: edit}


def test_what_is_redacted_follows_the_correction(store: Store) -> None:
    correct(store, 2, (3, 4), "归")
    assert call(store).redacted[2] == "这个不归我管，您打[手机号]"


def test_an_export_shows_what_was_recognised(store: Store) -> None:
    correct(store, 2, (3, 4), "归")
    lines = call_record(call(store))["utterances"]
    assert lines[2]["original_text"] == SAID[2][1]
    assert "original_text" not in lines[0]
    assert "".join(w["text"] for w in lines[2]["words"]) == lines[2]["text"]


def test_an_undone_correction_brings_words_times_and_flags_back(store: Store) -> None:
    before = call(store)
    edit = correct(store, 2, (3, 4), "归")
    undo_edit(store, 1, edit, reviewer="王芳", action="y")
    after = call(store)
    assert after.transcript == before.transcript
    assert (after.flags, after.redacted, after.row.score) == ((), before.redacted, before.row.score)
    assert [e.kind for e in after.edits] == ["text", "undo"]
    assert originals(after.edits) == {}


def test_corrections_of_one_line_are_undone_one_by_one(store: Store) -> None:
    first = correct(store, 2, (3, 4), "归", "x1")
    second = correct(store, 2, (0, 2), "那个", "x2", seen=first)
    with pytest.raises(EditOvertaken):
        undo_edit(store, 1, first, reviewer="王芳", action="y1")
    undo_edit(store, 1, second, reviewer="王芳", action="y2")
    assert text_of(store, 2).startswith("这个不归我管")
    undo_edit(store, 1, first, reviewer="王芳", action="y3")
    assert text_of(store, 2) == SAID[2][1]


def test_who_has_not_seen_a_correction_does_not_overwrite_it(store: Store) -> None:
    correct(store, 2, (3, 4), "归", "x1")
    with pytest.raises(EditOvertaken):
        correct(store, 2, (3, 4), "贵", "x2")
    assert text_of(store, 2).startswith("这个不归我管")


def test_another_line_may_be_corrected_meanwhile(store: Store) -> None:
    correct(store, 2, (3, 4), "归", "x1")
    correct(store, 0, (1, 2), "号", "x2")
    assert text_of(store, 0) == "您号请讲"


def test_a_correction_that_arrives_again_is_made_once(store: Store) -> None:
    first = correct(store, 0, (0, 0), "喂", "x1")
    assert correct(store, 0, (0, 0), "喂", "x1") == first
    assert text_of(store, 0) == "喂您好请讲"


def test_a_verdict_stays_with_a_flag_that_stays(store: Store) -> None:
    correct(store, 2, (3, 4), "归", "x1")
    add_verdict(store, call(store).flags[0].id, "confirmed", reviewer="王芳")
    correct(store, 0, (1, 2), "号", "x2")
    assert [f.verdict for f in call(store).flags] == ["confirmed"]
    assert call(store).row.open_count == 0


def test_without_its_rulebook_a_call_keeps_its_flags(store: Store) -> None:
    correct(store, 2, (3, 4), "归", "x1")
    with store.write() as connection:
        connection.execute(sqlalchemy.text("UPDATE recording SET rulebook = 'sha256:unknown'"))
    correct(store, 2, (3, 4), "龟", "x2", seen=last_edits(call(store).edits)[2])
    assert len(call(store).flags) == 1


def test_swapped_sides_swap_roles_measures_and_what_rules_find(store: Store) -> None:
    correct(store, 2, (3, 4), "归", "x1")
    before = call(store)
    swap_roles(store, 1, seen=None, reviewer="王芳", action="s1")
    after = call(store)
    assert before.transcript is not None
    assert after.transcript is not None
    assert [u.role.value for u in after.transcript.utterances] == ["customer", "agent", "customer"]
    assert after.flags == ()
    old, new = before.transcript.measures, after.transcript.measures
    assert new.talk_ratio["agent"] == old.talk_ratio["customer"]
    assert new.loudness_dbfs == {"agent": -30.0, "customer": -20.0}
    assert after.row.metrics is not None
    assert after.row.metrics["loudness_dbfs"] == {"agent": -30.0, "customer": -20.0}


def test_an_undone_swap_is_as_before(store: Store) -> None:
    before = call(store)
    edit = swap_roles(store, 1, seen=None, reviewer="王芳", action="s1")
    undo_edit(store, 1, edit, reviewer="王芳", action="s2")
    after = call(store)
    assert (after.transcript, after.row.metrics) == (before.transcript, before.row.metrics)


def test_two_who_swap_at_once_do_not_swap_back(store: Store) -> None:
    swap_roles(store, 1, seen=None, reviewer="王芳", action="s1")
    with pytest.raises(EditOvertaken):
        swap_roles(store, 1, seen=None, reviewer="李强", action="s2")


def test_a_swap_does_not_keep_a_correction_from_being_undone(store: Store) -> None:
    edit = correct(store, 2, (3, 4), "归", "x1")
    swap_roles(store, 1, seen=None, reviewer="王芳", action="s1")
    undo_edit(store, 1, edit, reviewer="王芳", action="y")
    transcript = call(store).transcript
    assert transcript is not None
    assert (transcript.utterances[2].text, transcript.utterances[2].role) == (SAID[2][1], Speaker.CUSTOMER)


def test_after_another_transcription_an_old_correction_cannot_be_undone(store: Store) -> None:
    edit = correct(store, 2, (3, 4), "归", "x1")
    transcript = call(store).transcript
    assert transcript is not None
    lines = (*transcript.utterances[:2], utterance(2, "agent", "全新的一句"))
    fresh = Transcript(40.0, 2, "zh", lines, transcript.measures)
    facts = AudioFacts("wav", "pcm_s16le", 8000, 2, 40.0)
    save_result(store, 1, Result(facts, fresh, None, [u.text for u in lines]))
    with pytest.raises(EditOvertaken, match="anew"):
        undo_edit(store, 1, edit, reviewer="王芳", action="y")


def test_an_added_flag_has_the_times_of_its_words(store: Store) -> None:
    new = new_flag(store, 1, "service.shirking", 1, (2, 4), "没登记")
    assert (new.quote, new.role, new.rule_version, new.severity.value) == ("投诉", "customer", 3, "high")
    assert (round(new.start, 2), round(new.end, 2)) == (10.4, 10.8)


@pytest.mark.parametrize(
    ("rule", "line", "span"),
    [
        ("no.such", 1, (0, 1)),
        ("service.shirking", 9, (0, 1)),
        ("service.shirking", 1, (2, 2)),
        ("service.shirking", 1, (0, 99)),
    ],
)
def test_words_or_rules_that_are_not_there_make_no_flag(
    store: Store, rule: str, line: int, span: tuple[int, int]
) -> None:
    with pytest.raises(UsageError):
        new_flag(store, 1, rule, line, span)


def action(kind: str, id: str, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "id": id, "call": 1, **more}


ADD = {"rule": "service.shirking", "line": 1, "first": 2, "last": 4, "comment": "没登记"}


def test_the_browsers_actions_add_correct_swap_and_take_back(store: Store) -> None:
    session = ReviewSession("王芳")
    session.apply(
        store,
        [
            action("add", "1", **ADD),
            action("correct", "2", line=2, first=3, last=4, text="归", seen=None),
            action("swap", "3", seen=None),
        ],
    )
    assert session.refused == {}
    assert len(call(store).added) == 1
    assert text_of(store, 2).startswith("这个不归")
    back = [
        action("restore", "4", edit=session.saved["3"]),
        action("restore", "5", edit=session.saved["2"]),
        action("withdraw", "6", added=session.saved["1"]),
    ]
    session.apply(store, back)
    assert session.refused == {}
    assert text_of(store, 2) == SAID[2][1]
    assert call(store).added == ()


def test_actions_left_over_from_before_a_crash_are_done_once(store: Store) -> None:
    actions = [
        action("add", "1", **ADD),
        action("correct", "2", line=0, first=0, last=0, text="喂", seen=None),
        action("swap", "3", seen=None),
    ]
    for _ in range(2):
        session = ReviewSession("王芳")
        session.apply(store, actions)
        assert session.refused == {}
    assert len(call(store).added) == 1
    assert text_of(store, 0) == "喂您好请讲"
    assert [e.kind for e in call(store).edits] == ["text", "swap"]


def test_a_verdict_given_before_a_correction_finds_its_flag_after_it(store: Store) -> None:
    correct(store, 2, (3, 4), "归", "x1")
    old = call(store).flags[0]
    correct(store, 0, (1, 2), "号", "x2")
    assert call(store).flags[0].id != old.id
    session = ReviewSession("王芳")
    place = {"flag": old.id, "rule": old.flag.rule, "start": old.flag.start, "end": old.flag.end}
    session.apply(store, [action("verdict", "1", value="false_alarm", reason="context", seen=None, **place)])
    assert session.refused == {}
    assert [f.verdict for f in call(store).flags] == ["false_alarm"]


def test_a_verdict_undone_before_a_crash_stays_undone(store: Store) -> None:
    correct(store, 2, (3, 4), "归", "x1")
    flag = call(store).flags[0].id
    given = action("verdict", "1", value="confirmed", flag=flag, seen=None)
    session = ReviewSession("王芳")
    session.apply(store, [given])
    undone = action("undo", "2", verdict=session.saved["1"])
    session.apply(store, [undone])
    again = ReviewSession("王芳")
    again.apply(store, [given, undone])
    assert [f.verdict for f in call(store).flags] == [None]


def test_nothing_is_done_to_a_call_that_somebody_else_has(store: Store) -> None:
    claim_call(store, 1, "李强", "tab")
    session = ReviewSession("王芳")
    session.apply(store, [action("add", "1", **ADD), action("swap", "2", seen=None)])
    assert session.refused == {n: Refused("held", reviewer="李强") for n in ("1", "2")}


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.AGENT])
def test_who_may_not_does_nothing(store: Store, role: Role) -> None:
    session = ReviewSession("x")
    session.apply(store, [action("add", "1", **ADD), action("swap", "2", seen=None)], Person("x", role))
    assert {refused.why for refused in session.refused.values()} == {"forbidden"}


@pytest.mark.parametrize(
    "wrong",
    [
        action("add", "1", **{**ADD, "first": "2"}),
        action("correct", "1", line=0, first=0, last=True, text="x", seen=None),
        action("restore", "1", edit=-1),
        action("explode", "1"),
        {"id": "1"},
    ],
)
def test_what_makes_no_sense_is_refused(store: Store, wrong: dict[str, Any]) -> None:
    session = ReviewSession("王芳")
    session.apply(store, [wrong])
    assert session.refused == {"1": Refused("invalid")}
