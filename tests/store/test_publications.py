"""Published versions, drafts and slim reading, on both databases."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import Connection

from callqa.errors import UsageError
from callqa.store import CallFilter, Store, save_rulebook
from callqa.store import slim as slim_reading
from callqa.store.drafts import DraftChanged, add_draft, change_draft, drafts, get_draft, remove_draft
from callqa.store.publications import (
    NewPublication,
    Publication,
    add_publication,
    publication_files,
    publications,
    published_contents,
)


def publish(store: Store, hash: str = "sha256:aa", **values: object) -> Publication:
    save_rulebook(store, hash, hash.encode())
    new = NewPublication(hash, b"files", "note", "li", **values)  # type: ignore[arg-type]
    return add_publication(store, new, first=lambda *_: None, then=lambda *_: None)


def test_versions_are_numbered_on(store: Store) -> None:
    assert [publish(store).number, publish(store, "sha256:bb", effective_from=date(2026, 12, 1)).number] == [
        1,
        2,
    ]
    newest, oldest = publications(store)
    assert (newest.number, newest.effective_from, oldest.effective_from) == (2, date(2026, 12, 1), None)
    assert newest.published_at.tzinfo is not None or newest.published_at is not None
    assert sorted(published_contents(store)) == [b"sha256:aa", b"sha256:bb"]
    assert (publication_files(store, 2), publication_files(store, 3)) == (b"files", None)


def test_what_fails_at_the_end_undoes_the_version(store: Store) -> None:
    save_rulebook(store, "sha256:aa", b"x")

    def fail(connection: Connection, version: Publication) -> None:
        raise UsageError("no")

    with pytest.raises(UsageError):
        add_publication(store, NewPublication("sha256:aa", b"", "", "li"), first=lambda *_: None, then=fail)
    assert publications(store) == ()


def test_the_newest_number_is_told_first(store: Store) -> None:
    publish(store)
    told: list[int | None] = []
    new = NewPublication("sha256:aa", b"", "", "li")
    add_publication(store, new, first=lambda _, newest: told.append(newest), then=lambda *_: None)
    assert told == [1]


def test_a_draft_goes_up_with_every_change(store: Store) -> None:
    add_draft(store, "d", author="li", base=None, base_files=b"base")
    changed = change_draft(store, "d", {"a/b.yaml": "x", "a/c.yaml": None}, revision=1, author="wang")
    assert (changed.revision, changed.updated_by, changed.author) == (2, "wang", "li")
    assert get_draft(store, "d").changes == {"a/b.yaml": "x", "a/c.yaml": None}
    with pytest.raises(DraftChanged, match="changed by wang"):
        change_draft(store, "d", {}, revision=1, author="li")
    with pytest.raises(UsageError, match="already"):
        add_draft(store, "d", author="li", base=None, base_files=b"")
    with store.write() as connection:
        remove_draft(connection, "d", 2)
    assert drafts(store) == ()
    with pytest.raises(UsageError, match="no draft"):
        get_draft(store, "d")


def test_slim_calls_are_the_lines_without_words(store: Store, inspected: Callable[..., int]) -> None:
    first, second = inspected("a.wav", lines=("您好", "投诉")), inspected("b.wav", lines=("再见",))
    calls = list(slim_reading.slim_calls(store, first, second))
    assert [(c.recording_id, c.texts, c.roles) for c in calls] == [
        (first, ("您好", "投诉"), ("agent", "customer")),
        (second, ("再见",), ("agent",)),
    ]
    assert (calls[0].starts, calls[0].ends, calls[0].duration) == ((0.0, 2.0), (1.5, 3.5), 60.0)


def test_a_transcript_made_anew_has_another_stamp(
    store: Store, inspected: Callable[..., int], build: object
) -> None:
    from callqa.store import save_result

    number = inspected("a.wav")
    inspected("b.wav")
    before = slim_reading.transcript_stamps(store, 4)
    assert slim_reading.transcript_stamps(store, 4) == before
    transcript = build.transcript("别的")  # type: ignore[attr-defined]
    save_result(store, number, build.result(transcript, build.inspection()))  # type: ignore[attr-defined]
    assert slim_reading.transcript_stamps(store, 4) != before


def test_flags_by_day_team_and_business(store: Store, inspected: Callable[..., int], build: object) -> None:
    flags = [build.flag(start=float(n)) for n in range(3)]  # type: ignore[attr-defined]
    one = inspected("a.wav", *flags[:2], team="一组", started_at="2026-11-02T09:00:00")
    two = inspected("b.wav", flags[2], team="二组", started_at="2026-11-02T09:00:00")
    inspected("c.wav", build.flag("x.other"), team="二组")  # type: ignore[attr-defined]

    def groups(filter: CallFilter, numbers: list[int] | None = None) -> set[tuple[str | None, int, int]]:
        found = slim_reading.flag_groups(store, "service.abuse", filter, ["sha256:aa"], numbers)
        return {(g.team, g.calls, g.flags) for g in found}

    assert groups(CallFilter()) == {("一组", 1, 2), ("二组", 1, 1)}
    assert groups(CallFilter(team=("二组",))) == {("二组", 1, 1)}
    assert groups(CallFilter(), [one]) == {("一组", 1, 2)}
    assert groups(CallFilter(), []) == set()
    places = slim_reading.call_places(store, [one, two, 99], CallFilter(team=("一组",)))
    assert [(p.id, p.team, p.day) for p in places.values()] == [(one, "一组", date(2026, 11, 2))]
    assert slim_reading.inspected_counts(store, CallFilter()) == (3, 2)
    assert slim_reading.rulebooks_of_calls(store, CallFilter()) == ["sha256:aa"]
    assert slim_reading.calls_with_rulebook(store, [None, "sha256:aa"], CallFilter(name="a.wav")) == {one}
