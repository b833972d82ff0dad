"""What the review desk keeps for one browser tab: its name among claims, the address of its claim."""

import secrets

import streamlit as st

from ..settings import get_settings
from .access import load_secret
from .claim_routes import claim_url


def page_key() -> str:
    """This tab's name; a reload is another tab."""
    if "page_key" not in st.session_state:
        st.session_state.page_key = secrets.token_hex(12)
    return str(st.session_state.page_key)


def claim_address(recording_id: int, reviewer: str) -> str:
    """Where this tab keeps and gives back the call."""
    secret = load_secret(get_settings().home.absolute())
    return claim_url(secret, recording_id, reviewer, page_key())
