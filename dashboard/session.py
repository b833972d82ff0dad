"""What a page needs of the running session: store, texts, reviewer, address, permission to hear."""

import getpass
import secrets
import time
from collections.abc import Mapping, Sequence
from datetime import date

import streamlit as st

from ..privacy.roles import Permission, Person, Role
from ..review.actions import ReviewSession
from ..settings import get_settings
from ..store.calls import Facet, facet, rule_counts
from ..store.database import Store, open_store
from .access import LIFETIME, Grant, load_secret, sign
from .day_view import Overview, overview
from .filters import View, from_params, to_params
from .routes import sound_url
from .texts import LANGUAGES, Texts, texts_in

FACETS_SECONDS = 60
OVERVIEW_SECONDS = 20
"""Counting goes through all calls of a period, which is too slow for every click."""


@st.cache_resource(show_spinner=False)
def _store_at(url: str) -> Store:
    return open_store(url)


def store() -> Store:
    return _store_at(get_settings().resolved_database_url)


@st.cache_data(ttl=FACETS_SECONDS, show_spinner=False)
def _facets_at(url: str) -> dict[str, tuple[str, ...]]:
    fields: tuple[Facet, ...] = ("business", "team", "agent")
    found = {field: tuple(facet(_store_at(url), field)) for field in fields}
    return found | {"rule": tuple(rule_counts(_store_at(url)))}


def facets() -> dict[str, tuple[str, ...]]:
    """Values to filter by, most frequent first; not newer than FACETS_SECONDS."""
    return _facets_at(get_settings().resolved_database_url)


@st.cache_data(ttl=OVERVIEW_SECONDS, show_spinner=False)
def _overview_at(url: str, since: date | None, until: date | None) -> Overview:
    return overview(_store_at(url), since, until)


def overview_of(since: date | None, until: date | None) -> Overview:
    """The figures of a period; not newer than OVERVIEW_SECONDS."""
    return _overview_at(get_settings().resolved_database_url, since, until)


def language() -> str:
    """From the address, else what this session had before, else Chinese."""
    asked = st.query_params.get("lang") or st.session_state.get("language")
    known = asked if asked in LANGUAGES else LANGUAGES[0]
    st.session_state.language = known
    return known


def texts() -> Texts:
    return texts_in(language())


def choose_language(chosen: str) -> None:
    st.session_state.language = chosen
    keep_language()


def keep_language() -> None:
    """Put the language into the address; Streamlit's own links leave it out."""
    chosen = st.session_state.language
    if chosen == LANGUAGES[0]:
        st.query_params.pop("lang", None)
    elif st.query_params.get("lang") != chosen:
        st.query_params["lang"] = chosen


def review_session() -> ReviewSession:
    if "review" not in st.session_state:
        st.session_state.review = ReviewSession(default_reviewer())
    session: ReviewSession = st.session_state.review
    return session


def default_reviewer() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no such user in a container
        return "reviewer"


def person() -> Person:
    """Who sits here. Without accounts whoever reaches this machine's page may do everything."""
    return Person(review_session().reviewer, Role.ADMIN)


def may(permission: Permission) -> bool:
    return person().may(permission)


def view() -> View:
    """The list that the address names."""
    return from_params(address())


def address() -> dict[str, list[str]]:
    return {name: st.query_params.get_all(name) for name in st.query_params}


def set_view(chosen: View, **more: str) -> None:
    """Put a list, and what else the page needs, into the address."""
    params = params_for(chosen, **more)
    st.query_params.from_dict(params)
    remember_address(st.session_state.get("page", ""), params)


def enter(page: str) -> None:
    """Begin a page. One that is come back to without an address goes on where it was left: Streamlit
    drops the address on the way back from another page.
    """
    st.session_state.page = page
    here = address()
    if not here.keys() - {"lang"}:
        here = st.session_state.get(f"address_{page}", {}) | here
        st.query_params.from_dict(here)
    remember_address(page, here)


def remember_address(page: str, params: Mapping[str, Sequence[str]]) -> None:
    st.session_state[f"address_{page}"] = {k: list(v) for k, v in params.items() if k != "lang"}


def params_for(chosen: View, **more: str) -> dict[str, Sequence[str]]:
    kept = {"lang": [language()]} if language() != LANGUAGES[0] else {}
    return {**to_params(chosen), **{name: [value] for name, value in more.items()}, **kept}


def sound_address(recording_id: int) -> str:
    """Where this session may hear the recording; the same address all shift long."""
    if "sound" not in st.session_state or st.session_state.sound[1] < time.time() + LIFETIME / 2:
        st.session_state.sound = (secrets.token_hex(16), int(time.time()) + LIFETIME)
    nonce, expires = st.session_state.sound
    secret = load_secret(get_settings().home.absolute())
    return sound_url(recording_id, sign(secret, Grant(recording_id, nonce, expires)))
