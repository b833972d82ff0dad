"""From a draft to a version that counts, and back."""

import json
from collections.abc import Callable
from datetime import date

import pytest

from callqa.errors import RulebookError, UsageError
from callqa.inspect.rulebook import read_rulebook, shipped_rulebook
from callqa.privacy.audit import entries
from callqa.rulebooks.current import base_files, effective_rulebook, version_files
from callqa.rulebooks.drafts import (
    DraftChanged,
    begin_draft,
    discard_draft,
    list_drafts,
    open_draft,
    save_files,
)
from callqa.rulebooks.publishing import Outdated, prepare, publish, publish_files, rebase, rollback
from callqa.settings import Settings
from callqa.store import Store
from callqa.store.publications import publications
from callqa.worker.reinspect import reinspect

Make = Callable[..., str]
Inspected = Callable[..., int]


@pytest.fixture
def published(store: Store, settings: Settings, make_rule: Make) -> dict[str, str]:
    """Version 1: two rules."""
    files = {"a/hello.yaml": make_rule("hello", "您好"), "a/bye.yaml": make_rule("bye", "再见")}
    publish_files(store, settings, files, author="li", note="first")
    return files


def draft_with(store: Store, settings: Settings, name: str, files: dict[str, str | None]) -> None:
    begin_draft(store, settings, name, author="li")
    save_files(store, name, files, revision=1, author="li")


def test_without_any_version_the_shipped_rulebook_counts(store: Store, settings: Settings) -> None:
    assert effective_rulebook(store, settings).hash == shipped_rulebook().hash


def test_a_published_draft_counts_and_is_gone(
    store: Store, settings: Settings, published: dict[str, str], make_rule: Make
) -> None:
    draft_with(store, settings, "更多", {"a/hello.yaml": make_rule("hello", "您好", "早上好")})
    done = publish(store, settings, "更多", author="wang", note="早上也算")
    assert (done.version.number, done.version.author, done.version.note) == (2, "wang", "早上也算")
    assert effective_rulebook(store, settings).hash == done.version.hash
    assert list_drafts(store) == ()


def test_another_detection_gets_another_number(
    store: Store, settings: Settings, published: dict[str, str], make_rule: Make
) -> None:
    changed = "# 说明\n" + make_rule("hello", "您好", "早上好")
    draft_with(store, settings, "d", {"a/hello.yaml": changed})
    assert publish(store, settings, "d", author="li", note="").bumped == {"a.hello": 2}
    assert version_files(store, 2)["a/hello.yaml"] == changed.replace("version: 1", "version: 2")


def test_words_about_a_rule_need_no_new_number(
    store: Store, settings: Settings, published: dict[str, str]
) -> None:
    draft_with(store, settings, "d", {"a/hello.yaml": published["a/hello.yaml"].replace("说明", "别的")})
    assert publish(store, settings, "d", author="li", note="").bumped == {}


def test_a_number_is_never_used_for_something_else_again(
    store: Store, settings: Settings, published: dict[str, str], make_rule: Make
) -> None:
    for name, word in (("one", "早上好"), ("two", "晚上好")):
        draft_with(store, settings, name, {"a/hello.yaml": make_rule("hello", word)})
        publish(store, settings, name, author="li", note="")
    rollback(store, settings, 1, author="li")
    draft_with(store, settings, "three", {"a/hello.yaml": make_rule("hello", "下午好")})
    assert publish(store, settings, "three", author="li", note="").bumped == {"a.hello": 4}


def test_changing_a_list_renumbers_the_rules_that_use_it(
    store: Store, settings: Settings, make_rule: Make
) -> None:
    uses = make_rule("hello", "您好").replace("terms: [您好]", "lists: [greet]")
    files = {
        "a/hello.yaml": uses,
        "a/bye.yaml": make_rule("bye", "再见"),
        "lists/greet.yaml": "terms: [您好]\n",
    }
    publish_files(store, settings, files, author="li", note="")
    draft_with(store, settings, "d", {"lists/greet.yaml": "terms: [您好, 早上好]\n"})
    assert publish(store, settings, "d", author="li", note="").bumped == {"a.hello": 2}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("turns: [{agent: 您好}]", "turns: [{agent: 再见}]"), "test '说了'"),
        (("level: low", "level: lowest"), "a/hello.yaml:5"),
        (("title: 规则", "titel: 规则"), "unknown key 'titel'"),
        (("status: test", "status: stable"), "a stable rule needs a test that must not hit"),
    ],
)
def test_what_lint_or_a_test_finds_is_not_published(
    store: Store, settings: Settings, published: dict[str, str], change: tuple[str, str], told: str
) -> None:
    draft_with(store, settings, "d", {"a/hello.yaml": published["a/hello.yaml"].replace(*change)})
    with pytest.raises(RulebookError, match=told):
        publish(store, settings, "d", author="li", note="")
    assert len(publications(store)) == 1
    assert open_draft(store, "d").changes


def test_two_people_do_not_overwrite_each_other(
    store: Store, settings: Settings, published: dict[str, str], make_rule: Make
) -> None:
    draft = begin_draft(store, settings, "d", author="li")
    save_files(
        store, "d", {"a/hello.yaml": make_rule("hello", "您好呀")}, revision=draft.revision, author="li"
    )
    with pytest.raises(DraftChanged, match="changed by li meanwhile"):
        save_files(store, "d", {"a/hello.yaml": "title: x"}, revision=draft.revision, author="wang")
    assert "您好呀" in open_draft(store, "d").files["a/hello.yaml"]
    with pytest.raises(DraftChanged):
        discard_draft(store, "d", revision=draft.revision)


def test_what_was_shown_is_what_is_published(
    store: Store, settings: Settings, published: dict[str, str], make_rule: Make
) -> None:
    draft_with(store, settings, "d", {"a/hello.yaml": make_rule("hello", "您好呀")})
    with pytest.raises(DraftChanged):
        publish(store, settings, "d", author="li", note="", revision=1)
    assert len(publications(store)) == 1


def test_two_drafts_of_other_files_go_together(
    store: Store, settings: Settings, published: dict[str, str], make_rule: Make
) -> None:
    draft_with(store, settings, "one", {"a/hello.yaml": make_rule("hello", "您好呀")})
    draft_with(store, settings, "two", {"a/bye.yaml": make_rule("bye", "再会")})
    publish(store, settings, "one", author="li", note="")
    publish(store, settings, "two", author="li", note="")
    rules = effective_rulebook(store, settings)
    assert [r.version for r in rules.rules] == [2, 2]


def test_two_drafts_of_one_file_are_looked_at_again(
    store: Store, settings: Settings, published: dict[str, str], make_rule: Make
) -> None:
    for name, word in (("one", "您好呀"), ("two", "您好啊")):
        draft_with(store, settings, name, {"a/hello.yaml": make_rule("hello", word)})
    publish(store, settings, "one", author="li", note="")
    with pytest.raises(Outdated, match=r"a/hello\.yaml"):
        publish(store, settings, "two", author="li", note="")
    rebased = rebase(store, settings, "two", revision=2, author="li")
    assert (rebased.base, rebased.revision) == (2, 3)
    assert publish(store, settings, "two", author="li", note="").bumped == {"a.hello": 3}


def test_a_draft_that_changes_nothing_is_not_published(
    store: Store, settings: Settings, published: dict[str, str]
) -> None:
    begin_draft(store, settings, "d", author="li")
    with pytest.raises(UsageError, match="changes nothing"):
        publish(store, settings, "d", author="li", note="")


def test_going_back_is_a_new_version_with_the_old_content(
    store: Store, settings: Settings, published: dict[str, str], make_rule: Make
) -> None:
    draft_with(store, settings, "d", {"a/hello.yaml": make_rule("hello", "您好呀")})
    publish(store, settings, "d", author="li", note="")
    back = rollback(store, settings, 1, author="wang", note="太多").version
    assert (back.number, back.rollback_of, back.note) == (3, 1, "太多")
    assert back.hash == publications(store)[-1].hash
    assert version_files(store, 3) == published
    with pytest.raises(UsageError, match="nothing to go back to"):
        rollback(store, settings, 1, author="wang")


@pytest.mark.parametrize(
    ("periods", "day", "expected"),
    [
        ([(None, None)], "2020-01-01", 1),
        ([("2026-12-01", None)], "2026-11-30", None),
        ([("2026-12-01", None)], "2026-12-01", 1),
        ([(None, None), ("2026-12-01", None)], "2026-11-30", 1),
        ([(None, None), ("2026-12-01", "2026-12-24")], "2026-12-24", 2),
        ([(None, None), ("2026-12-01", "2026-12-24")], "2026-12-25", 1),
        ([("2299-12-01", None), (None, None)], "2300-01-01", 1),
        ([(None, None), (None, None)], "2026-01-01", 2),
    ],
)
def test_which_version_a_day_is_inspected_under(
    store: Store,
    settings: Settings,
    make_rule: Make,
    periods: list[tuple[str | None, str | None]],
    day: str,
    expected: int | None,
) -> None:
    for number, (begin, end) in enumerate(periods):
        first, last = (date.fromisoformat(day) if day else None for day in (begin, end))
        files = {"a/hello.yaml": make_rule("hello", f"您好{number}", version=number + 1)}
        publish_files(
            store, settings, files, author="li", note="", effective_from=first, effective_until=last
        )
    hashes = {v.hash: v.number for v in publications(store)}
    book = effective_rulebook(store, settings, date.fromisoformat(day))
    assert hashes.get(book.hash) == expected


def test_a_later_version_without_the_change_is_told_of(
    store: Store, settings: Settings, published: dict[str, str], make_rule: Make
) -> None:
    later = {**published, "a/hello.yaml": make_rule("hello", "您好呀", version=2)}
    publish_files(store, settings, later, author="li", note="", effective_from=date(2299, 1, 1))
    draft_with(store, settings, "d", {"a/bye.yaml": make_rule("bye", "再会")})
    notes = publish(store, settings, "d", author="li", note="").notes
    assert notes == ("version 2 takes over on 2299-01-01, without what is new here",)


def test_a_folder_of_the_settings_comes_first(
    store: Store, settings: Settings, published: dict[str, str], make_rule: Make
) -> None:
    folder = settings.home / "my" / "a"
    folder.mkdir(parents=True)
    (folder / "hello.yaml").write_text(make_rule("hello", "喂"), encoding="utf-8")
    own = settings.model_copy(update={"rulebook": settings.home / "my"})
    assert effective_rulebook(store, own).rules[0].detections["phrase"].finder != (
        effective_rulebook(store, settings).rules[1].detections["phrase"].finder
    )
    assert len(effective_rulebook(store, own).rules) == 1


def test_calls_are_inspected_under_the_version_of_their_day(
    store: Store, settings: Settings, published: dict[str, str], make_rule: Make, inspected: Inspected
) -> None:
    from callqa.rulebooks.current import Effective
    from callqa.store import get_call

    before = {**published, "a/bye.yaml": make_rule("bye", "回见", version=2)}
    publish_files(store, settings, before, author="li", note="", effective_from=date(2026, 12, 1))
    old = inspected("old.wav", [{"agent": "再见"}], published, started_at="2026-11-30T23:59:00")
    new = inspected("new.wav", [{"agent": "再见"}], published, started_at="2026-12-01T00:01:00")
    reinspect(store, Effective(store, settings))
    assert [len(get_call(store, n).flags) for n in (old, new)] == [1, 0]


def test_an_old_rulebook_gives_the_same_flags_byte_for_byte(
    store: Store, settings: Settings, published: dict[str, str], make_rule: Make, inspected: Inspected
) -> None:
    from callqa.rulebooks.current import Effective, named_rulebook
    from callqa.store import get_call
    from callqa.store.records import call_record

    turns = [{"agent": "您好，这里是客服"}, {"customer": "您好"}, {"agent": "那再见"}]
    numbers = [inspected(f"{n}.wav", turns, published) for n in range(3)]

    def flags() -> bytes:
        records = (call_record(get_call(store, n), None) for n in numbers)
        return json.dumps([(r["flags"], r["score"], r["rulebook"]) for r in records], sort_keys=True).encode()

    first = flags()
    draft_with(store, settings, "d", {"a/hello.yaml": make_rule("hello", "客服", level="high", points=-30)})
    publish(store, settings, "d", author="li", note="")
    reinspect(store, Effective(store, settings))
    assert flags() != first
    reinspect(store, named_rulebook(store, settings, "1"))
    assert flags() == first


def test_publishing_is_in_the_audit_log(store: Store, settings: Settings, published: dict[str, str]) -> None:
    (line,) = [e for e in entries(store) if e.subject == "rulebook 1"]
    assert (line.who, line.action) == ("li", "rules")


def test_texts_are_kept_as_they_were_written(store: Store, settings: Settings, make_rule: Make) -> None:
    files = {"a/hello.yaml": "# 谁写的\n" + make_rule("hello", "您好")}
    publish_files(store, settings, files, author="li", note="")
    assert base_files(store, settings) == (1, files)


def test_a_draft_is_tried_as_it_would_be_published(
    store: Store, settings: Settings, published: dict[str, str], make_rule: Make
) -> None:
    draft_with(store, settings, "d", {"a/hello.yaml": make_rule("hello", "您好呀"), "a/bye.yaml": None})
    prepared = prepare(store, settings, open_draft(store, "d"))
    assert [(r.id, r.version) for r in prepared.rulebook.rules] == [("a.hello", 2)]
    assert prepared.before.hash == read_rulebook(published).hash


@pytest.mark.parametrize("path", ["../x.yaml", "a/b/c.yaml", "a/x.yml", "x.yaml", "/etc/x.yaml", "a/..yaml"])
def test_paths_outside_a_rulebook_are_refused(
    store: Store, settings: Settings, published: dict[str, str], path: str
) -> None:
    begin_draft(store, settings, "d", author="li")
    with pytest.raises(UsageError, match="no file of a rulebook"):
        save_files(store, "d", {path: "x"}, revision=1, author="li")
