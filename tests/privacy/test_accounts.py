"""Accounts: none by default, made by an administrator, closed at once."""

from collections.abc import Callable
from typing import Any

import pytest

from callqa.errors import UsageError
from callqa.privacy.accounts import account as table
from callqa.privacy.accounts import (
    add_account,
    get_account,
    has_accounts,
    list_accounts,
    set_access,
    set_disabled,
    set_password,
)
from callqa.privacy.audit import entries
from callqa.privacy.passwords import hash_password, is_right
from callqa.privacy.roles import PERMISSIONS, Permission, Person, Role
from callqa.privacy.sessions import session_of, sign_in_with_password
from callqa.store import Scope, Store
from callqa.tests.privacy.conftest import PASSWORD

Add = Callable[..., None]


def test_a_new_store_has_no_account_and_no_password(store: Store) -> None:
    assert not has_accounts(store)
    assert list_accounts(store) == []


def test_the_first_account_is_an_administrator(store: Store) -> None:
    with pytest.raises(UsageError, match="first account must be an administrator"):
        add_account(store, "li", Role.REVIEWER, by="x", oidc="li@corp.example")
    add_account(store, "li", Role.ADMIN, by="x", oidc="li@corp.example")
    assert has_accounts(store)


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"name": ""}, "1 to 60"),
        ({"name": "x" * 61}, "1 to 60"),
        ({"name": "a\nb"}, "1 to 60"),
        ({"name": "root"}, "already"),
        ({"oidc": None}, "needs a password or an identity"),
        ({"oidc": "ROOT@corp.example"}, "already"),
        ({"role": Role.AGENT}, "--agent"),
    ],
)
def test_accounts_that_make_no_sense_are_refused(
    store: Store, values: dict[str, Any], complaint: str
) -> None:
    add_account(store, "root", Role.ADMIN, by="x", oidc="root@corp.example")
    given: dict[str, Any] = {"name": "li", "role": Role.REVIEWER, "oidc": "li@corp.example", **values}
    with pytest.raises(UsageError, match=complaint):
        add_account(store, by="x", **given)


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaaaa", "x" * 300, "wangfang-2026"])
def test_weak_passwords_are_refused(password: str) -> None:
    with pytest.raises(UsageError):
        hash_password(password, "wangfang")


def test_hashes_are_argon2id_and_salted(hashed: str) -> None:
    assert hashed.startswith("$argon2id$")
    assert hash_password(PASSWORD) != hashed
    assert is_right(hashed, PASSWORD)
    assert not is_right(hashed, PASSWORD + "!")
    assert not is_right(None, "a password that nobody has")
    assert not is_right("no hash", PASSWORD)


def test_the_password_is_nowhere_in_the_database(store: Store, account: Add) -> None:
    account("li")
    with store.read() as connection:
        kept = str(list(connection.execute(table.select())))
    assert PASSWORD not in kept
    assert not any(PASSWORD in e.detail for e in entries(store))


def test_a_disabled_account_is_out_at_once(store: Store, account: Add) -> None:
    account("li")
    secret = sign_in_with_password(store, "li", PASSWORD)
    set_disabled(store, "li", True, by="root")
    assert session_of(store, secret) is None
    set_disabled(store, "li", False, by="root")
    assert session_of(store, secret) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda s: set_password(s, "li", "another good password", by="root"),
        lambda s: set_access(s, "li", by="root", role=Role.LEAD),
    ],
)
def test_a_change_of_an_account_ends_its_sessions(store: Store, account: Add, change: Any) -> None:
    account("li")
    secret = sign_in_with_password(store, "li", PASSWORD)
    change(store)
    assert session_of(store, secret) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda s: set_disabled(s, "root", True, by="root"),
        lambda s: set_access(s, "root", by="root", role=Role.LEAD),
    ],
)
def test_the_last_administrator_stays(store: Store, account: Add, change: Any) -> None:
    account("li")
    with pytest.raises(UsageError, match="last administrator"):
        change(store)
    assert get_account(store, "root").person.role is Role.ADMIN


def test_an_account_that_is_not_there_is_named(store: Store) -> None:
    with pytest.raises(UsageError, match="no account 'li'"):
        get_account(store, "li")


def test_every_change_stands_in_the_audit_log(store: Store, account: Add) -> None:
    account("li")
    set_access(store, "li", by="root", role=Role.LEAD, teams=["一组"])
    set_disabled(store, "li", True, by="root")
    changes = [(e.who, e.subject, e.detail) for e in entries(store) if e.subject == "li"]
    assert ['"change": "add"' in changes[0][2], '"一组"' in changes[1][2], '"disable"' in changes[2][2]] == [
        True
    ] * 3
    assert {who for who, *_ in changes} == {"test", "root"}


@pytest.mark.parametrize(
    ("person", "scope"),
    [
        (Person("a", Role.ADMIN), Scope()),
        (Person("a", Role.LEAD, frozenset({"贷款"}), frozenset({"一组"})), Scope(("贷款",), ("一组",))),
        (Person("a", Role.AGENT, agent="王芳"), Scope(agents=("王芳",))),
        (Person("a", Role.AGENT), Scope(agents=("",))),
    ],
)
def test_the_calls_a_person_reaches(person: Person, scope: Scope) -> None:
    assert person.scope == scope


def test_every_permission_is_somebodys_and_only_administrators_manage_accounts() -> None:
    assert set().union(*PERMISSIONS.values()) == set(Permission)
    assert [r for r in Role if Permission.USERS_MANAGE in PERMISSIONS[r]] == [Role.ADMIN]
    assert [r for r in Role if Permission.ERASE in PERMISSIONS[r]] == [Role.ADMIN]
    assert Permission.ORIGINAL_SEE not in PERMISSIONS[Role.REVIEWER]
