"""The button that gives what is on the screen as a file."""

from collections.abc import Callable
from datetime import datetime

import streamlit as st

from ..privacy.audit import Action, record
from ..privacy.roles import Permission
from . import session
from .report_pdf import to_pdf
from .reports import Report, to_csv, to_xlsx
from .texts import Texts

_KINDS: dict[str, tuple[Callable[[Report], bytes], str]] = {
    "xlsx": (to_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "csv": (to_csv, "text/csv"),
    "pdf": (to_pdf, "application/pdf"),
}


def export_menu(texts: Texts, name: str, report: Callable[[], Report]) -> None:
    """Draw the menu; ``report`` is only asked for, and a file only made, when one is wanted."""
    if not session.may(Permission.EXPORT):
        return
    with st.popover(texts("file.menu"), icon=":material/download:", help=texts("file.help"), width="stretch"):
        for kind, (make, mime) in _KINDS.items():
            st.download_button(
                texts(f"file.{kind}"),
                data=_maker(name, kind, make, report),
                file_name=f"callqa-{name}-{datetime.now():%Y%m%d-%H%M}.{kind}",
                mime=mime,
                on_click="ignore",
                width="stretch",
                key=f"file_{name}_{kind}",
            )


def _maker(
    name: str, kind: str, make: Callable[[Report], bytes], report: Callable[[], Report]
) -> Callable[[], bytes]:
    def made() -> bytes:
        record(session.whole_store(), session.person().name, Action.EXPORT, name, {"format": kind})
        return make(report())

    return made
