"""Page: the quality loop. Samples, forms that people fill in, calibration, and what rules miss."""

from collections.abc import Callable

import streamlit as st

from . import links, session
from .quality_calibration import calibration_tab
from .quality_forms import forms_tab
from .quality_misses import misses_tab
from .quality_samples import samples_tab
from .texts import Texts

TABS: dict[str, Callable[[Texts], None]] = {
    "samples": samples_tab,
    "forms": forms_tab,
    "calibration": calibration_tab,
    "misses": misses_tab,
}


def quality_page() -> None:
    session.enter("quality")
    texts = session.texts()
    asked = st.query_params.get("tab", "samples")
    st.session_state.quality_tab = asked if asked in TABS else "samples"
    chosen = st.segmented_control(
        texts("quality.what"),
        tuple(TABS),
        format_func=lambda name: texts(f"quality.{name}"),
        key="quality_tab",
        required=True,
        label_visibility="collapsed",
        on_change=lambda: st.query_params.update(tab=st.session_state.quality_tab),
    )
    TABS[chosen or "samples"](texts)
    links.follow()
