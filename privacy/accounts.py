"""Accounts: made by an administrator, never by default, never deleted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from ..errors import UsageError
from ..store.access_tables import Account, SignIn
from ..store.database import Store
from ..store.tables import columns_of, now
from .audit import Action, record
from .passwords import hash_password
from .roles import Person, Role

account, sign_in = columns_of(Account), columns_of(SignIn)
LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account as a list shows it."""

    id: int
    name: str
    role: Role
    businesses: tuple[str, ...]
    teams: tuple[str, ...]
    agent: str | None
    oidc: str | None
    has_password: bool
    disabled: bool
    locked_until: datetime | None
    created_at: datetime

    @property
    def person(self) -> Person:
        return Person(self.name, self.role, frozenset(self.businesses), frozenset(self.teams), self.agent)


def has_accounts(store: Store) -> bool:
    """Whether anybody has to sign in: since the first account was made, disabled ones included."""
    with store.read() as connection:
        return connection.execute(select(account.c.id).limit(1)).first() is not None


def list_accounts(store: Store) -> list[AccountRow]:
    with store.read() as connection:
        return [_row(found) for found in connection.execute(select(account).order_by(account.c.name))]


def get_account(store: Store, name: str) -> AccountRow:
    """The account of that name; raises UsageError when there is none."""
    with store.read() as connection:
        return _row(_named(connection, name))


def add_account(
    store: Store,
    name: str,
    role: Role,
    *,
    by: str,
    password: str | None = None,
    oidc: str | None = None,
    businesses: Iterable[str] = (),
    teams: Iterable[str] = (),
    agent: str | None = None,
) -> AccountRow:
    """Make an account; with neither password nor identity nobody can use it, which is refused."""
    name = name.strip()
    if not 0 < len(name) <= LONGEST_NAME or any(not c.isprintable() for c in name):
        raise UsageError(f"a name has 1 to {LONGEST_NAME} printable characters")
    if password is None and not oidc:
        raise UsageError("an account needs a password or an identity (--oidc)")
    _check_agent(role, agent)
    values = {
        "name": name,
        "role": role.value,
        "password": hash_password(password, name) if password is not None else None,
        "password_at": now() if password is not None else None,
        "oidc": oidc.strip().lower() if oidc else None,
        "businesses": sorted(set(businesses)),
        "teams": sorted(set(teams)),
        "agent": agent,
        "failures": 0,
        "created_at": now(),
    }
    with store.write() as connection:
        taken = account.c.name == name
        if oidc:
            taken |= account.c.oidc == values["oidc"]
        if connection.execute(select(account.c.id).where(taken)).first():
            raise UsageError(f"there is an account of this name or identity already: {name}")
        if connection.execute(select(account.c.id).limit(1)).first() is None and role is not Role.ADMIN:
            raise UsageError("the first account must be an administrator: --role admin")
        connection.execute(account.insert().values(values))
        shown = {k: values[k] for k in ("role", "businesses", "teams", "agent", "oidc")}
        record(connection, by, Action.ACCOUNT, name, {"change": "add", **shown})
        return _row(_named(connection, name))


def set_password(store: Store, name: str, password: str, *, by: str) -> None:
    """A new password; every session of the account ends."""
    hashed = hash_password(password, name)
    values = {"password": hashed, "password_at": now(), "failures": 0, "locked_until": None}
    _change(store, name, values, by, {"change": "password"})


def set_disabled(store: Store, name: str, disabled: bool, *, by: str) -> None:
    """A disabled account is out at once, wherever it is signed in."""
    values = {"disabled_at": now() if disabled else None, "failures": 0, "locked_until": None}
    _change(store, name, values, by, {"change": "disable" if disabled else "enable"})


def set_access(
    store: Store,
    name: str,
    *,
    by: str,
    role: Role,
    businesses: Iterable[str] = (),
    teams: Iterable[str] = (),
    agent: str | None = None,
) -> None:
    """Another role or scope; sessions end, so that no page shows what it no longer may."""
    _check_agent(role, agent)
    values: dict[str, Any] = {
        "role": role.value,
        "businesses": sorted(set(businesses)),
        "teams": sorted(set(teams)),
        "agent": agent,
    }
    _change(store, name, values, by, {"change": "access", **values})


def account_of_identity(connection: Connection, claims: Mapping[str, Any]) -> Any:
    """The account that the identity provider's claims name; None when there is none.

    ``issuer|subject`` counts before the mail address; an address that the provider says is not
    verified does not count.
    """
    keys = [f"{claims.get('iss')}|{claims.get('sub')}".lower()] if claims.get("sub") else []
    mail = claims.get("email")
    if isinstance(mail, str) and mail and claims.get("email_verified") in (None, True, "true"):
        keys.append(mail.strip().lower())
    for key in keys:
        found = connection.execute(select(account).where(account.c.oidc == key)).first()
        if found:
            return found
    return None


def _change(store: Store, name: str, values: Mapping[str, Any], by: str, detail: Mapping[str, Any]) -> None:
    with store.write() as connection:
        found = _named(connection, name)
        connection.execute(update(account).where(account.c.id == found.id).values(**values))
        active_admins = (account.c.role == Role.ADMIN.value) & account.c.disabled_at.is_(None)
        if not connection.execute(select(func.count()).where(active_admins)).scalar_one():
            raise UsageError(f"{name} is the last administrator; make another one first")
        connection.execute(delete(sign_in).where(sign_in.c.account_id == found.id))
        record(connection, by, Action.ACCOUNT, name, detail)


def _named(connection: Connection, name: str) -> Any:
    found = connection.execute(select(account).where(account.c.name == name)).first()
    if found is None:
        raise UsageError(f"there is no account {name!r}; callqa users list shows all")
    return found


def _check_agent(role: Role, agent: str | None) -> None:
    if role is Role.AGENT and not agent:
        raise UsageError("an agent's account needs the agent whose calls it sees: --agent NAME")


def _row(found: Any) -> AccountRow:
    return AccountRow(
        id=found.id,
        name=found.name,
        role=Role(found.role),
        businesses=tuple(found.businesses),
        teams=tuple(found.teams),
        agent=found.agent,
        oidc=found.oidc,
        has_password=found.password is not None,
        disabled=found.disabled_at is not None,
        locked_until=found.locked_until,
        created_at=found.created_at,
    )
