"""What the rule editor does with a draft's files, pasted turns and verdicts."""

from dataclasses import replace
from typing import Any

import pytest
import yaml

from callqa.dashboard.editor_view import (
    Problem,
    checked,
    file_lines,
    list_parts,
    list_text,
    parse_turns,
    problems_in,
    split_cells,
    test_from_verdict,
    title_of,
    try_transcript,
    try_turns,
    with_test,
)
from callqa.dashboard.texts import texts_in
from callqa.inspect.rulebook import read_rulebook
from callqa.rulebooks.drafts import Draft, begin_draft, save_files
from callqa.settings import get_settings
from callqa.store.call import get_call
from callqa.store.database import Store
from callqa.tests.dashboard.sample_store import Filled

ZH = texts_in("zh")
RULE = """title: 推诿
name: shirking
version: 1
status: test
level: high
scope: {speaker: agent}
detection:
  said: {lists: [away]}
  condition: said
tests:
  - {name: 说了, turns: [{agent: 这个不归我管。}], expect: [{turn: 0}]}
"""
LIST = "# 谁都可以加\ndescription: 推走\nterms: [不归我管]\n"
FILES = {"service/shirking.yaml": RULE, "lists/away.yaml": LIST}


def draft_of(store: Store, **files: str | None) -> Draft:
    begun = begin_draft(store, get_settings(), "改", author="a")
    return save_files(
        store,
        "改",
        {p.replace("__", "/") + ".yaml": t for p, t in files.items()},
        revision=begun.revision,
        author="a",
    )


def test_files_say_what_became_of_them(empty_store: Store) -> None:
    draft = draft_of(empty_store, service__new=RULE, service__shirking="title: 别推", lists__insult=None)
    found = {line.path: line for line in file_lines(draft)}
    assert found["service/new.yaml"].change == "new"
    assert (found["service/shirking.yaml"].change, found["service/shirking.yaml"].title) == (
        "changed",
        "别推",
    )
    assert found["lists/insult.yaml"].change == "gone"
    assert found["service/dead_air.yaml"].change == ""
    assert file_lines(draft)[-1].path == "lists/insult.yaml"


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("title: 推诿\nname: x", "推诿"),
        ("description: '词'", "词"),
        ("titel: [", "x"),
        ("", "x"),
        ("title:\n", "x"),
    ],
)
def test_a_half_written_file_has_a_title_too(text: str, title: str) -> None:
    assert title_of("service/x.yaml", text) == title


def test_a_problem_is_placed_at_its_line() -> None:
    broken = RULE.replace("level: high", "level: purple")
    (problem,) = problems_in(checked(FILES | {"service/shirking.yaml": broken}, "service/shirking.yaml"))
    assert (problem.file, problem.line) == ("service/shirking.yaml", 5)
    assert "purple" in problem.message


def test_what_is_no_yaml_is_placed_too() -> None:
    found = problems_in(checked(FILES | {"service/shirking.yaml": "title: [\nname"}, "service/shirking.yaml"))
    assert found[0].file == "service/shirking.yaml"
    assert isinstance(found[0], Problem)


def test_a_changed_list_runs_the_tests_of_the_rules_that_use_it() -> None:
    changed = checked(FILES | {"lists/away.yaml": "terms: [找别人]\n"}, "lists/away.yaml")
    assert [result.rule for result in changed.tests] == ["service.shirking"]
    assert "test '说了'" in problems_in(changed)[0].message


def test_a_list_comes_apart_and_together_again() -> None:
    assert list_parts(LIST) == ("推走", ["不归我管"])
    made = list_text(LIST, "推走", ["不归我管", " 找别人 ", "", "不归我管", "12315", "a: b"])
    assert made.startswith("# 谁都可以加\n")
    assert list_parts(made) == ("推走", ["不归我管", "找别人", "12315", "a: b"])


@pytest.mark.parametrize("text", ["terms: {a: 1}", "terms: [a]\nmore: 1", "[a]", "terms: [", "terms: a"])
def test_a_list_that_is_none_is_not_opened_as_a_grid(text: str) -> None:
    with pytest.raises(ValueError):
        list_parts(text)


def test_a_pasted_column_becomes_terms() -> None:
    assert split_cells(["投诉", None, "退款\n赔偿\t曝光\r\n", " "]) == ["投诉", "退款", "赔偿", "曝光"]


@pytest.mark.parametrize(
    ("text", "turns"),
    [
        ("坐席：您好\n客户：我要投诉", [{"agent": "您好"}, {"customer": "我要投诉"}]),
        ("客服: 您好\n用户:退钱", [{"agent": "您好"}, {"customer": "退钱"}]),
        ("Agent: hello\nC: refund", [{"agent": "hello"}, {"customer": "refund"}]),
        ("您好\n\n我要投诉\n好的", [{"agent": "您好"}, {"customer": "我要投诉"}, {"agent": "好的"}]),
        ("时间：明天\n", [{"agent": "时间：明天"}]),
        ("", []),
    ],
)
def test_pasted_lines_become_turns(text: str, turns: list[dict[str, str]]) -> None:
    assert parse_turns(text) == turns


def test_a_rule_is_tried_on_turns() -> None:
    trial = try_turns(read_rulebook(FILES), "service.shirking", [{"agent": "这个不归我管"}])
    assert [(f.turn, f.quote) for f in trial.found] == [(0, "这个不归我管")]
    assert "said (agent): 1 hit" in trial.trace
    assert try_turns(read_rulebook(FILES), "service.shirking", [{"customer": "不归我管"}]).found == ()


def test_a_rule_is_tried_on_a_stored_call(filled: Filled) -> None:
    call = get_call(filled.store, filled.calls[0])
    assert call.transcript is not None
    trial = try_transcript(read_rulebook(FILES), "service.shirking", call.transcript, {})
    assert [f.turn for f in trial.found] == [2]


def made_from(filled: Filled, verdict: str, **changes: Any) -> dict[str, Any]:
    call = get_call(filled.store, filled.calls[0])
    flag = next(f.flag for f in call.flags if f.flag.rule == "service.shirking")
    values: dict[str, Any] = {"start": flag.start, "end": flag.end, "quote": flag.quote, **changes}
    return test_from_verdict(call, verdict=verdict, texts=ZH, **values)


def test_a_confirmed_flag_becomes_a_test_that_must_hit(filled: Filled) -> None:
    test = made_from(filled, "confirmed")
    assert test["expect"] == [{"turn": 2, "quote": "不归我管"}]
    text = with_test(RULE, test)
    assert checked(FILES | {"service/shirking.yaml": text}, "service/shirking.yaml").problems == ()


def test_a_false_alarm_becomes_a_test_that_fails_until_the_rule_is_mended(filled: Filled) -> None:
    test = made_from(filled, "false_alarm")
    assert test["expect"] == []
    text = with_test(RULE, test)
    before = checked(FILES | {"service/shirking.yaml": text}, "service/shirking.yaml")
    assert len(before.problems) == 1
    spared = text.replace("condition: said", "condition: said and not said_so")
    spared = spared.replace("said: {", "said_so: {terms: [这个不归我管，你]}\n  said: {")
    after = checked(FILES | {"service/shirking.yaml": spared}, "service/shirking.yaml")
    assert after.problems == ()


def test_personal_data_does_not_go_into_a_test(filled: Filled) -> None:
    call = get_call(filled.store, filled.calls[0])
    assert call.transcript is not None
    spoken = call.transcript.utterances[5]
    test = made_from(filled, "false_alarm", start=spoken.start, end=spoken.end, quote="")
    assert "[手机号]" in str(test["turns"])
    assert "幺三八幺二三四" not in str(test)


def test_a_verdict_outside_of_every_line_makes_no_test(filled: Filled) -> None:
    with pytest.raises(ValueError):
        made_from(filled, "confirmed", start=9000.0, end=9001.0)


def test_a_call_without_transcript_makes_no_test(filled: Filled) -> None:
    call = replace(get_call(filled.store, filled.calls[0]), transcript=None, redacted=())
    with pytest.raises(ValueError):
        test_from_verdict(call, start=1, end=2, quote="", verdict="confirmed", texts=ZH)


NEW = {"name": "另一个", "turns": [{"agent": "不归我管"}], "expect": [{"turn": 0}]}


@pytest.mark.parametrize(
    "text",
    [
        RULE,
        RULE.replace("tests:\n", "# 注释\ntests:\n"),
        RULE + "falsepositives: [复述]\n",
        RULE + "\n\n# 尾注\n",
        RULE.split("tests:")[0],
        RULE.split("tests:")[0] + "tests: []\n",
        RULE.replace("  - {name: 说了, turns", "- {name: 说了, turns"),
        RULE.replace(
            "  - {name: 说了, turns: [{agent: 这个不归我管。}], expect: [{turn: 0}]}",
            "  - name: 说了\n    turns:\n      - {agent: 这个不归我管。}\n    expect:\n      - turn: 0",
        ),
        RULE.rstrip("\n"),
    ],
)
def test_a_test_is_added_and_all_else_stays(text: str) -> None:
    before, after = yaml.safe_load(text), yaml.safe_load(with_test(text, NEW))
    assert after.pop("tests") == [*before.pop("tests", []), NEW]
    assert after == before
    kept = [line for line in text.splitlines() if line.strip() and "tests: []" not in line]
    assert [
        line for line in kept if line not in with_test(text, NEW).splitlines()
    ] == [] or "tests: []" in text


@pytest.mark.parametrize("text", ["tests: [", "- a", ""])
def test_nothing_is_added_to_what_is_no_rule(text: str) -> None:
    with pytest.raises(ValueError):
        with_test(text, NEW)
