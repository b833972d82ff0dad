import textwrap

import pytest

from callqa.errors import RulebookError
from callqa.inspect.rule import Keywords
from callqa.inspect.rulebook import Rulebook, load_rulebook, shipped_rulebook

RULE = """
title: 服务禁语
name: forbidden
version: 2
status: stable
level: high
scope: {speaker: agent}
detection:
  phrase: {lists: [banned], terms: [不归我管]}
  condition: phrase
outcome: {points: -10}
tests:
  - {name: 说了, turns: [{agent: 这个不归我管}], expect: [{turn: 0}]}
"""
BANNED = "description: 禁语\nterms: [随便你, 爱买不买]\n"


def write(folder, rule=RULE, banned=BANNED, name="forbidden"):
    (folder / "service").mkdir(exist_ok=True)
    (folder / "lists").mkdir(exist_ok=True)
    (folder / "service" / f"{name}.yaml").write_text(textwrap.dedent(rule), encoding="utf-8")
    (folder / "lists" / "banned.yaml").write_text(banned, encoding="utf-8")
    return folder


def problems(folder):
    with pytest.raises(RulebookError) as caught:
        load_rulebook(folder)
    return caught.value.problems


def test_a_rule_is_read(tmp_path):
    (rule,) = load_rulebook(write(tmp_path)).rules
    assert (rule.id, rule.area, rule.name) == ("service.forbidden", "service", "forbidden")
    assert (rule.version, rule.level, rule.outcome.points) == (2, "high", -10)
    finder = rule.detections["phrase"].finder
    assert isinstance(finder, Keywords)
    assert finder.terms == ("不归我管", "随便你", "爱买不买")


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("title: 服务禁语\n", "", 1, "'title' is missing"),
        ("level: high", "level: severe", 6, "'level' is 'severe'"),
        ("version: 2", "version: two", 4, "'version' must be a number"),
        ("version: 2", "version: 0", 4, "'version' must be a number from 1"),
        ("name: forbidden", "name: other", 3, "the file is called forbidden"),
        ("scope: {speaker: agent}", "scope: {speaker: boss}", 7, "'speaker' is 'boss'"),
        ("scope: {speaker: agent}", "scope: {who: agent}", 7, "unknown key 'who'"),
        ("lists: [banned]", "lists: [bannd]", 9, "no list 'bannd'"),
        ("terms: [不归我管]", "terms: [，。]", 9, "no character that can be matched"),
        ("terms: [不归我管]", "regex: '(a'", 9, "exactly one of"),
        ("condition: phrase", "condition: phrases", 10, "no detection 'phrases'"),
        ("outcome: {points: -10}", "outcome: {points: much}", 11, "'points' must be a number"),
        ("outcome: {points: -10}", "result: {points: -10}", 11, "unknown key 'result'"),
        ("expect: [{turn: 0}]", "expect: [{turn: 3}]", 13, "no such turn"),
        ("{agent: 这个不归我管}", "{boss: 这个不归我管}", 13, "a turn needs one speaker"),
        ("name: forbidden", "name: forbidden\nname: forbidden", 4, "given twice"),
        ("status: stable", "status: [stable", 6, "not valid YAML"),
    ],
)
def test_problems_say_where_they_are(tmp_path, old, new, line, message):
    assert old in RULE
    found = problems(write(tmp_path, RULE.replace(old, new)))
    matching = [p for p in found if message in p]
    assert matching, found
    assert matching[0].startswith(f"service/forbidden.yaml:{line}: ")


def test_all_problems_of_all_files_come_at_once(tmp_path):
    write(tmp_path, RULE.replace("level: high", "level: x").replace("status: stable", "status: y"))
    write(tmp_path, RULE.replace("name: forbidden", "name: second\ncolour: red"), name="second")
    found = problems(tmp_path)
    assert {p.split(":")[0] for p in found} == {"service/forbidden.yaml", "service/second.yaml"}
    assert len(found) == 3


@pytest.mark.parametrize(
    ("detection", "message"),
    [
        ("  p: {regex: '(退'}\n  condition: p", "not an RE2 expression"),
        ("  p: {regex: '退，'}\n  condition: p", "folded away before matching"),
        ("  p: {regex: '{nolist}'}\n  condition: p", "there is no list 'nolist'"),
        ("  p: {terms: [退], near: {anchor: q}}\n  condition: p", "no other detection"),
        ("  p: {terms: [退], near: {anchor: p}}\n  condition: p", "no other detection"),
        (
            "  p: {terms: [退], near: {anchor: q}}\n  q: {terms: [款], near: {anchor: p}}\n"
            "  condition: p and q",
            "anchored to itself in a circle",
        ),
        ("  p: {terms: [退]}\n  q: {terms: [款]}\n  condition: p", "the condition does not use 'q'"),
        (
            "  p: {terms: [退], near: {anchor: q, within: 6 miles}}\n  condition: p",
            "'within' must be an amount",
        ),
        ("  p: {silence: {longer: 1 s}}\n  condition: p", "must be 2 s or more"),
        ("  p: {rate: {min_chars: 5}}\n  condition: p", "'over' or 'under' is needed"),
        ("  p: {entity: [passport]}\n  condition: p", "'passport' is no entity"),
        ("  p: {data: {field: team, compare: in, value: a}}\n  condition: p", "does not go with 'in'"),
        ("  p: {terms: [退], window: {first: 3}}\n  condition: p", "'first' must be an amount"),
        ("  p: {}\n  condition: p", "exactly one of"),
    ],
)
def test_mistakes_in_detections_are_found(tmp_path, detection, message):
    rule = f"title: t\nname: forbidden\nversion: 1\nstatus: test\nlevel: low\ndetection:\n{detection}\n"
    assert any(message in p for p in problems(write(tmp_path, rule)))


def test_a_folder_without_rules_is_no_rulebook(tmp_path):
    assert "no rules here" in problems(tmp_path)[0]


def test_layout_does_not_change_the_hash_but_content_does(tmp_path):
    first = load_rulebook(write(tmp_path)).hash
    assert first.startswith("sha256:")
    assert (
        load_rulebook(write(tmp_path, "# remark\n" + RULE.replace("[不归我管]", "['不归我管']"))).hash
        == first
    )
    assert load_rulebook(write(tmp_path, RULE, BANNED.replace("随便你", "随你"))).hash != first


def test_a_stored_rulebook_is_the_same_rulebook():
    rulebook = shipped_rulebook()
    again = Rulebook.from_bytes(rulebook.to_bytes())
    assert again.hash == rulebook.hash
    assert again.rules == rulebook.rules


@pytest.mark.parametrize("data", [b"", b"[]", b'{"format": 99}', b"\xff"])
def test_other_bytes_are_refused(data):
    with pytest.raises(RulebookError):
        Rulebook.from_bytes(data)


def test_rules_are_found_by_id_and_by_name():
    rulebook = shipped_rulebook()
    assert rulebook["praise"] is rulebook["customer.praise"]
    with pytest.raises(KeyError):
        rulebook["nothing"]
