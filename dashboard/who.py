"""Who sits at a page: asked of the store at every run, so that an account that is closed is out at once."""

import getpass
import time
from functools import cache
from typing import Any

import streamlit as st

from ..errors import StoreError
from ..privacy.accounts import has_accounts
from ..privacy.roles import Person, Role
from ..privacy.sessions import Session, session_of
from ..store.database import Store

COOKIE = "callqa_session"
_FRESH_SECONDS = 1.0
"""Within one run a person is asked for many times; a fragment's run begins without ``ask_again``."""


class SignedOut(StoreError):
    """Nobody is signed in here any more; what the browser still holds it keeps and sends again."""

    def __init__(self) -> None:
        super().__init__("signed out: sign in again")


def session_secret() -> str | None:
    """What the browser showed when the page connected."""
    return st.context.cookies.get(COOKIE)


def must_sign_in(store: Store) -> bool:
    """Whether there are accounts; once there are, for good."""
    state = _state()
    if not state.get("accounts"):
        state["accounts"] = has_accounts(store)
    return bool(state["accounts"])


def ask_again() -> None:
    """A new run of the page begins: who sits here is asked of the store anew."""
    _state().pop("session", None)


def signed_in(store: Store) -> Session | None:
    """The live sign-in of this page; None without accounts. Raises SignedOut."""
    if not must_sign_in(store):
        return None
    state = _state()
    known: tuple[float, str, Session] | None = state.get("session")
    secret = session_secret() or ""
    if known and known[1] == secret and time.monotonic() - known[0] < _FRESH_SECONDS:
        return known[2]
    found = session_of(store, secret)
    if found is None:
        state.pop("session", None)
        raise SignedOut
    state["session"] = (time.monotonic(), secret, found)
    return found


def person_at(store: Store, name: str) -> Person:
    """Who sits here. Without accounts whoever reaches this machine's page, ``name``, may do everything."""
    session = signed_in(store)
    return session.person if session else Person(name, Role.ADMIN)


@cache
def system_name() -> str:
    """The name of the person whose system account runs this."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no such user in a container
        return "reviewer"


def _state() -> dict[str, Any]:
    """Of this browser tab only."""
    found: dict[str, Any] = st.session_state.setdefault("_who", {})
    return found
