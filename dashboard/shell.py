"""The frame around every page: navigation, language, reviewer."""

from pathlib import Path

import streamlit as st

from ..errors import StoreError
from . import session
from .page_calls import calls_page
from .page_day import day_page
from .page_review import review_page
from .page_rules import rules_page
from .texts import LANGUAGES, Texts

ICON = Path(__file__).parent / "assets" / "icon.png"
_LANGUAGE_NAMES = {"zh": "中文", "en": "English"}


def main() -> None:
    """Draw the page that the address names."""
    texts = session.texts()
    st.set_page_config(texts("app.name"), ICON, "wide", "collapsed")
    page = st.navigation(pages(texts), position="top")
    _sidebar(texts)
    session.keep_language()
    try:
        page.run()
    except StoreError as error:
        st.error(f"{texts('error.store')}：{error}")


def pages(texts: Texts) -> list[st.Page]:
    return [
        st.Page(day_page, title=texts("nav.overview"), icon=":material/monitoring:", default=True),
        st.Page(calls_page, title=texts("nav.calls"), icon=":material/call:", url_path="calls"),
        st.Page(review_page, title=texts("nav.review"), icon=":material/fact_check:", url_path="review"),
        st.Page(rules_page, title=texts("nav.rules"), icon=":material/rule:", url_path="rules"),
    ]


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
        review = session.review_session()
        name = st.text_input(
            texts("side.reviewer"), review.reviewer, help=texts("side.reviewer_help"), max_chars=60
        )
        review.reviewer = name.strip() or session.default_reviewer()
        st.caption(texts("side.about"))
