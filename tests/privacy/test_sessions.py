"""Signing in: by password or identity; locked after wrong ones; over in time."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from callqa.privacy import sessions
from callqa.privacy.accounts import add_account, sign_in
from callqa.privacy.audit import entries
from callqa.privacy.roles import Role
from callqa.privacy.sessions import (
    SignInRefused,
    end_session,
    lock_after,
    make_token,
    session_of,
    sign_in_with_identity,
    sign_in_with_password,
)
from callqa.store import Store
from callqa.tests.privacy.conftest import PASSWORD

Add = Callable[..., None]
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wrong passwords are many here, and each check takes its time on purpose."""
    monkeypatch.setattr(
        "callqa.privacy.sessions.is_right", lambda kept, given: bool(kept) and given == PASSWORD
    )
    monkeypatch.setattr("callqa.privacy.sessions._UNKNOWN", sessions._Unknown())


def wrong(store: Store, name: str, at: datetime = NOW) -> SignInRefused:
    with pytest.raises(SignInRefused) as caught:
        sign_in_with_password(store, name, "wrong", at)
    return caught.value


def test_a_right_password_gives_a_session_of_that_person(store: Store, account: Add) -> None:
    account("li", Role.LEAD, teams=["一组"])
    session = session_of(store, sign_in_with_password(store, "li", PASSWORD))
    assert session is not None
    assert (session.person.name, session.person.role, session.person.teams) == (
        "li",
        Role.LEAD,
        frozenset({"一组"}),
    )


def test_only_the_hash_of_the_secret_is_kept(store: Store, account: Add) -> None:
    account("li")
    secret = sign_in_with_password(store, "li", PASSWORD)
    with store.read() as connection:
        assert secret not in str(list(connection.execute(sign_in.select())))


@pytest.mark.parametrize("secret", [None, "", "x", "x" * 5000, "' OR 1=1 --"])
def test_other_secrets_are_nobodys(store: Store, account: Add, secret: str | None) -> None:
    account("li")
    sign_in_with_password(store, "li", PASSWORD)
    assert session_of(store, secret) is None


def test_wrong_name_and_wrong_password_sound_alike(store: Store, account: Add) -> None:
    account("li")
    assert str(wrong(store, "li")) == str(wrong(store, "nobody"))


@pytest.mark.parametrize("name", ["li", "nobody"])
def test_the_fifth_wrong_password_locks_also_where_there_is_no_account(
    store: Store, account: Add, name: str
) -> None:
    account("li")
    assert [wrong(store, name).wait is None for _ in range(5)] == [True] * 5
    assert wrong(store, name).wait == timedelta(seconds=30)


def test_while_locked_the_right_password_is_refused_too(store: Store, account: Add) -> None:
    account("li")
    for _ in range(5):
        wrong(store, "li")
    with pytest.raises(SignInRefused, match="try again in"):
        sign_in_with_password(store, "li", PASSWORD, NOW + timedelta(seconds=29))
    assert sign_in_with_password(store, "li", PASSWORD, NOW + timedelta(seconds=31))


def test_a_right_password_forgets_the_wrong_ones(store: Store, account: Add) -> None:
    account("li")
    for _ in range(3):
        for _ in range(4):
            wrong(store, "li")
        assert sign_in_with_password(store, "li", PASSWORD, NOW)


def test_guesses_at_the_same_time_all_count(store: Store, account: Add) -> None:
    account("li")

    def guess(_: int) -> None:
        with suppress(SignInRefused):
            sign_in_with_password(store, "li", "wrong", NOW)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(guess, range(8)))
    assert wrong(store, "li").wait is not None


@pytest.mark.parametrize(
    ("failures", "seconds"), [(4, 0), (5, 30), (6, 60), (7, 120), (12, 3600), (999, 3600)]
)
def test_locks_grow(failures: int, seconds: int) -> None:
    assert lock_after(failures) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("used_after", "asked_after", "alive"),
    [(0, 3, True), (0, 5, False), (3, 6, True), (3, 7.5, False)],
)
def test_a_session_ends_when_it_is_not_used(
    store: Store, account: Add, used_after: float, asked_after: float, alive: bool
) -> None:
    account("li")
    secret = sign_in_with_password(store, "li", PASSWORD, NOW)
    session_of(store, secret, at=NOW + timedelta(hours=used_after))
    assert (session_of(store, secret, at=NOW + timedelta(hours=asked_after)) is not None) is alive


def test_a_session_ends_however_much_it_is_used(store: Store, account: Add) -> None:
    account("li")
    secret = sign_in_with_password(store, "li", PASSWORD, NOW)
    alive = [session_of(store, secret, at=NOW + timedelta(hours=h)) is not None for h in range(14)]
    assert alive == [True] * 12 + [False] * 2


def test_signing_out_ends_this_session_only(store: Store, account: Add) -> None:
    account("li")
    first, second = (sign_in_with_password(store, "li", PASSWORD) for _ in range(2))
    end_session(store, first)
    assert session_of(store, first) is None
    assert session_of(store, second) is not None


def test_a_token_is_no_page_session_and_the_other_way_round(store: Store, account: Add) -> None:
    account("li")
    token, page = make_token(store, "li", 1, "cron", by="root"), sign_in_with_password(store, "li", PASSWORD)
    assert session_of(store, token, "token") is not None
    assert session_of(store, token, "page") is None
    assert session_of(store, page, "token") is None


def test_a_token_ends_in_time(store: Store, account: Add) -> None:
    account("li")
    token = make_token(store, "li", 1, "", by="root")
    later = datetime.now(UTC) + timedelta(days=1, minutes=1)
    assert session_of(store, token, "token", later) is None


@pytest.mark.parametrize(
    ("claims", "known"),
    [
        ({"iss": "https://id.example", "sub": "1", "email": "LI@corp.example", "email_verified": True}, True),
        ({"iss": "https://id.example", "sub": "1", "email": "li@corp.example"}, True),
        (
            {"iss": "https://id.example", "sub": "1", "email": "li@corp.example", "email_verified": False},
            False,
        ),
        ({"iss": "https://id.example", "sub": "1", "email": "eve@corp.example"}, False),
        ({"iss": "https://id.example", "sub": "77"}, True),
        ({"iss": "https://other.example", "sub": "77"}, False),
        ({"email": ["li@corp.example"]}, False),
        ({}, False),
    ],
)
def test_who_the_identity_provider_names(store: Store, account: Add, claims: Any, known: bool) -> None:
    account("root", Role.ADMIN)
    add_account(store, "li", Role.LEAD, by="root", oidc="li@corp.example")
    add_account(store, "wu", Role.LEAD, by="root", oidc="https://id.example|77")
    if not known:
        with pytest.raises(SignInRefused):
            sign_in_with_identity(store, claims)
    else:
        assert session_of(store, sign_in_with_identity(store, claims)) is not None


def test_an_account_without_password_does_not_open_with_one(store: Store, account: Add) -> None:
    account("root", Role.ADMIN)
    add_account(store, "li", Role.LEAD, by="root", oidc="li@corp.example")
    wrong(store, "li")


def test_sign_ins_stand_in_the_audit_log(store: Store, account: Add) -> None:
    account("li")
    secret = sign_in_with_password(store, "li", PASSWORD)
    wrong(store, "li")
    wrong(store, "my secret typed as a name")
    end_session(store, secret)
    lines = [(e.who, e.action) for e in entries(store)][-4:]
    refused = "sign_in.refused"
    assert lines == [("li", "sign_in"), ("li", refused), ("?", refused), ("li", "sign_out")]
    assert not any("my secret" in e.subject + e.detail + e.who for e in entries(store))
