"""A data folder of its own, which the settings name, and stores in it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from callqa.privacy.accounts import add_account
from callqa.privacy.roles import Role
from callqa.settings import get_settings
from callqa.store import Store, open_store

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _own_home(home: Path) -> None:
    """Every test has one."""


@pytest.fixture
def store(home: Path) -> Iterator[Store]:
    opened = open_store(get_settings().resolved_database_url)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def hashed() -> str:
    """Hashing takes its time on purpose: once is enough."""
    from callqa.privacy.passwords import hash_password

    return hash_password(PASSWORD)


@pytest.fixture
def account(store: Store, hashed: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes an account with PASSWORD; the first one is an administrator called root."""
    monkeypatch.setattr("callqa.privacy.accounts.hash_password", lambda _p, _n="": hashed)

    def add(name: str, role: Role = Role.REVIEWER, **more: object) -> None:
        if name != "root" and not _there(store, "root"):
            add_account(store, "root", Role.ADMIN, by="test", password=PASSWORD)
        add_account(store, name, role, by="test", password=PASSWORD, **more)  # type: ignore[arg-type]

    return add


def _there(store: Store, name: str) -> bool:
    from callqa.privacy.accounts import list_accounts

    return name in {row.name for row in list_accounts(store)}
