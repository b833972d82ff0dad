"""Rulebooks are kept as they were used."""

from collections.abc import Callable

import pytest

from callqa.errors import UsageError
from callqa.store import Store, load_rulebook, rulebooks_in_use, save_rulebook


def test_a_rulebook_is_found_by_its_hash_or_its_beginning(store: Store) -> None:
    save_rulebook(store, "sha256:abc1", b"one")
    save_rulebook(store, "sha256:abd2", b"two")
    assert [load_rulebook(store, h) for h in ("sha256:abc1", "abd2", "abc")] == [b"one", b"two", b"one"]


@pytest.mark.parametrize(
    ("hash", "message"),
    [("ab", "more than one"), ("ff", "no stored"), ("%", "no stored"), ("ab_", "no stored")],
)
def test_a_hash_that_fits_none_or_several(store: Store, hash: str, message: str) -> None:
    save_rulebook(store, "sha256:abc1", b"one")
    save_rulebook(store, "sha256:abd2", b"two")
    with pytest.raises(UsageError, match=message):
        load_rulebook(store, hash)


def test_a_saved_rulebook_never_changes(store: Store) -> None:
    save_rulebook(store, "sha256:abc1", b"one")
    save_rulebook(store, "sha256:abc1", b"other")
    assert load_rulebook(store, "abc1") == b"one"


def test_use_is_counted(store: Store, inspected: Callable[..., int]) -> None:
    save_rulebook(store, "sha256:old", b"old")
    save_rulebook(store, "sha256:aa", b"new")
    inspected("a.wav"), inspected("b.wav")
    assert rulebooks_in_use(store) == {"sha256:aa": 2, "sha256:old": 0}
