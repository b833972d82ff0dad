"""What a page needs of the running session: store, texts, reviewer, address, permission to hear."""

import secrets
import time
from collections.abc import Mapping, Sequence

import streamlit as st

from ..privacy.roles import Permission, Person
from ..review.actions import ReviewSession
from ..settings import get_settings
from ..store.database import Store, open_store
from ..store.day_figures import GROUPS, known_rules, known_values
from ..store.scope import Scope
from .access import LIFETIME, Grant, load_secret, sign
from .filters import View, from_params, to_params
from .routes import sound_url
from .texts import LANGUAGES, Texts, texts_in
from .who import must_sign_in, person_at, signed_in, system_name

FACETS_SECONDS = 60


@st.cache_resource(show_spinner=False)
def _store_at(url: str) -> Store:
    return open_store(url)


def store() -> Store:
    """The store, limited to the calls that the person who sits here reaches."""
    return whole_store().within(person().scope)


def whole_store() -> Store:
    """The store without limits: for what belongs to no call."""
    return _store_at(get_settings().resolved_database_url)


@st.cache_data(ttl=FACETS_SECONDS, show_spinner=False)
def _facets_at(url: str, scope: Scope) -> dict[str, tuple[str, ...]]:
    store = _store_at(url).within(scope)
    found = {field: tuple(known_values(store, field)) for field in GROUPS}
    return found | {"rule": tuple(known_rules(store))}


def facets() -> dict[str, tuple[str, ...]]:
    """Values to filter by, most frequent first; not newer than FACETS_SECONDS."""
    return _facets_at(get_settings().resolved_database_url, person().scope)


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
    """This tab's sitting; with accounts it is the signed-in person's, whatever was typed."""
    if "review" not in st.session_state:
        st.session_state.review = ReviewSession(default_reviewer())
    session: ReviewSession = st.session_state.review
    if must_sign_in(whole_store()):
        session.reviewer = person_at(whole_store(), "").name
    return session


def default_reviewer() -> str:
    return system_name()


def person() -> Person:
    """Who sits here; raises SignedOut (a StoreError) when nobody is signed in any more."""
    review = st.session_state.get("review")
    return person_at(whole_store(), review.reviewer if review else default_reviewer())


def has_signed_in() -> bool:
    """Whether who sits here came in with an account; False where there are no accounts."""
    return signed_in(whole_store()) is not None


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
    """Begin a page. One that is come back to without an address of its own goes on where it was left: on
    the way back from another page Streamlit drops the address, or brings that page's along.
    """
    before = st.session_state.get("page")
    st.session_state.page = page
    here = address()
    plain = {name: values for name, values in here.items() if name != "lang"}
    brought = before not in (None, page) and plain == st.session_state.get(f"address_{before}", {})
    if brought or not plain:
        kept = {"lang": here["lang"]} if "lang" in here else {}
        here = st.session_state.get(f"address_{page}", {}) | kept
        st.query_params.from_dict(here)
    remember_address(page, here)


def remember_address(page: str, params: Mapping[str, Sequence[str]]) -> None:
    st.session_state[f"address_{page}"] = {k: list(v) for k, v in params.items() if k != "lang"}


def params_for(chosen: View, **more: str) -> dict[str, Sequence[str]]:
    kept = {"lang": [language()]} if language() != LANGUAGES[0] else {}
    return {**to_params(chosen), **{name: [value] for name, value in more.items()}, **kept}


def sound_address(recording_id: int, *, original: bool = False) -> str:
    """Where this session may hear the recording; the same address all shift long."""
    session = signed_in(whole_store())
    if "sound" not in st.session_state or st.session_state.sound[1] < time.time() + LIFETIME / 2:
        st.session_state.sound = (secrets.token_hex(16), int(time.time()) + LIFETIME)
    nonce, expires = st.session_state.sound
    secret = load_secret(get_settings().home.absolute())
    # Bound to the sign-in: the route asks for its cookie too, and whether it still holds.
    grant = Grant(recording_id, session.key if session else nonce, expires, original)
    return sound_url(recording_id, sign(secret, grant))
