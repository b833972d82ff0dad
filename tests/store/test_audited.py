"""Audit log, accounts and erasure on both databases."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text

from callqa.errors import StoreError
from callqa.privacy.accounts import add_account, list_accounts
from callqa.privacy.audit import record, verify
from callqa.privacy.retention import Policy, erase, purge
from callqa.privacy.roles import Role
from callqa.privacy.sessions import session_of, sign_in_with_identity
from callqa.settings import get_settings
from callqa.store import Store, get_call, list_calls


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CALLQA_HOME", str(tmp_path / "home"))
    get_settings.cache_clear()
    return tmp_path / "home"


def test_the_log_is_one_chain_and_refuses_changes(store: Store) -> None:
    for n in range(5):
        record(store, f"p{n}", "verdict", "flag 1", {"n": n})
    for command in ("UPDATE audit_line SET who = 'eve'", "DELETE FROM audit_line"):
        with pytest.raises(StoreError, match="only ever added"), store.write() as connection:
            connection.execute(text(command))
    found = verify(store)
    assert (found.lines, found.problems) == (5, ())


def test_accounts_and_sessions(store: Store) -> None:
    add_account(store, "root", Role.ADMIN, by="x", oidc="root@corp.example")
    add_account(store, "li", Role.LEAD, by="root", oidc="li@corp.example", teams=["一组"])
    session = session_of(store, sign_in_with_identity(store, {"email": "li@corp.example"}))
    assert session is not None
    assert session.person.teams == frozenset({"一组"})
    assert [row.name for row in list_accounts(store)] == ["li", "root"]


def test_erasing_and_purging(store: Store, inspected: Callable[..., int], home: Path) -> None:
    gone = inspected("a.wav", customer="13812345678", started_at="2026-01-01 09:00:00")
    kept = inspected("b.wav", customer="13900001111", started_at="2026-01-01 09:00:00")
    done = erase(store, home, who="root", reason="r", customer="13812345678", keep_files=True)
    assert done.calls == 1
    assert [row.id for row in list_calls(store).rows] == [kept] != [gone]
    policy = Policy.model_validate({"default": {"transcripts": 30}})
    assert purge(store, home, policy, who="root", today=date(2026, 11, 20)).transcripts == 1
    assert get_call(store, kept).transcript is None
