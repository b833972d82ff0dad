"""The frame around every page: navigation, language, reviewer."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from ..errors import StoreError
from ..privacy.roles import Permission
from . import session
from .page_agents import agents_page, teams_page
from .page_appeals import appeals_page
from .page_audit import audit_page
from .page_batch import batch_page
from .page_calls import calls_page
from .page_cases import cases_page
from .page_causes import causes_page
from .page_day import day_page
from .page_digest import digest_page
from .page_editor import editor_page
from .page_history import history_page
from .page_listening import listening_page
from .page_login import account_box, signed_out_page
from .page_quality import quality_page
from .page_review import review_page
from .page_rules import rules_page
from .page_search import search_page
from .page_users import users_page
from .texts import LANGUAGES, Texts
from .who import SignedOut, ask_again

log = logging.getLogger(__name__)
ICON = Path(__file__).parent / "assets" / "icon.png"


@dataclass(frozen=True)
class Page:
    """One entry of the navigation, titled by the text ``nav.<name>``; shown to who has the permission."""

    name: str
    icon: str
    needs: Permission
    draw: Callable[[], None]
    group: str = ""
    """Pages of one group share an entry, titled ``nav.group.<name>``; those of none stand by themselves."""


PAGES = (
    Page("overview", "monitoring", Permission.DAY_SEE, day_page),
    Page("calls", "call", Permission.CALLS_SEE, calls_page),
    Page("review", "fact_check", Permission.CALLS_SEE, review_page),
    Page("search", "search", Permission.CALLS_SEE, search_page),
    Page("agents", "support_agent", Permission.DAY_SEE, agents_page, "people"),
    Page("teams", "groups", Permission.DAY_SEE, teams_page, "people"),
    Page("quality", "checklist", Permission.VERDICT_GIVE, quality_page, "people"),
    Page("appeals", "gavel", Permission.CALLS_SEE, appeals_page, "people"),
    Page("digest", "record_voice_over", Permission.VOICE_SEE, digest_page, "voice"),
    Page("causes", "troubleshoot", Permission.VOICE_SEE, causes_page, "voice"),
    Page("cases", "assignment", Permission.VOICE_SEE, cases_page, "voice"),
    Page("listening", "hearing", Permission.VOICE_SEE, listening_page, "voice"),
    Page("rules", "rule", Permission.RULES_SEE, rules_page, "rulebook"),
    Page("editor", "edit_note", Permission.RULES_EDIT, editor_page, "rulebook"),
    Page("history", "history", Permission.RULES_SEE, history_page, "rulebook"),
    Page("batch", "conveyor_belt", Permission.DAY_SEE, batch_page, "house"),
    Page("users", "group", Permission.USERS_MANAGE, users_page, "house"),
    Page("audit", "policy", Permission.AUDIT_SEE, audit_page, "house"),
)
_LANGUAGE_NAMES = {"zh": "中文", "en": "English"}


def main() -> None:
    """Draw the page that the address names."""
    texts = session.texts()
    st.set_page_config(texts("app.name"), ICON, "wide", "collapsed")
    ask_again()
    try:
        page = st.navigation(_grouped(texts), position="top")
    except SignedOut:
        signed_out_page(texts)
        return
    _sidebar(texts)
    session.keep_language()
    try:
        page.run()
    except StoreError as error:
        st.error(f"{texts('error.store')}{texts('colon')}{error}")
    except Exception:
        log.exception("page %s", page.url_path)
        st.error(texts("error.page"), icon=":material/error:")
        st.page_link(page, label=texts("error.again"), icon=":material/refresh:")


def pages(texts: Texts) -> list[st.Page]:
    return [
        st.Page(
            page.draw,
            title=texts(f"nav.{page.name}"),
            icon=f":material/{page.icon}:",
            url_path=page.name,
            default=n == 0,
        )
        for n, page in enumerate(open_pages())
    ]


def _grouped(texts: Texts) -> dict[str, list[st.Page]]:
    groups: dict[str, list[st.Page]] = {}
    for page, drawn in zip(open_pages(), pages(texts), strict=True):
        title = texts(f"nav.group.{page.group}") if page.group else ""
        groups.setdefault(title, []).append(drawn)
    return groups


def open_pages() -> list[Page]:
    """The pages that the person who sits here may see."""
    person = session.person()
    return [page for page in PAGES if person.may(page.needs)]


def _sidebar(texts: Texts) -> None:
    with st.sidebar:
        st.session_state.side_language = session.language()
        st.segmented_control(
            texts("side.language"),
            LANGUAGES,
            format_func=_LANGUAGE_NAMES.__getitem__,
            key="side_language",
            required=True,
            on_change=lambda: session.choose_language(st.session_state.side_language),
        )
        if session.has_signed_in():
            account_box(texts, session.person())
        else:
            _reviewer(texts)
        st.caption(texts("side.about"))


def _reviewer(texts: Texts) -> None:
    review = session.review_session()
    name = st.text_input(
        texts("side.reviewer"), review.reviewer, help=texts("side.reviewer_help"), max_chars=60
    )
    review.reviewer = name.strip() or session.default_reviewer()
