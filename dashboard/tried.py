"""Doing what a person asked for, and saying why when it cannot be done."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from ..errors import UsageError


def tried(action: Callable[[], Any]) -> None:
    """Carry out ``action`` and draw the page again; what it refuses is shown where the person looks."""
    try:
        action()
    except UsageError as error:
        st.error(str(error))
    else:
        st.rerun()
