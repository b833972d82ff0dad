"""Our own parts of the page: the review desk and the list of calls, drawn by ``assets/*.js``."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from .routes import asset_url

_ASSETS = Path(__file__).parent / "assets"
_LOADER = """
const apps = new WeakMap();
export default async function (component) {
  const root = component.parentElement;
  if (!apps.has(root)) {
    const script = new URL((component.data.base || "/") + "@URL@", location.origin).href;
    apps.set(root, import(script).then((module) => module.mount(root)));
  }
  const app = await apps.get(root);
  app.update(component);
  return () => setTimeout(() => {
    if ((root.host ?? root).isConnected) return;
    app.destroy();
    apps.delete(root);
  });
}
"""


_PLACEHOLDERS = {
    "review": "cq-desk-room",
    "call_list": "cq-list-room",
    "clips": "cq-clips-room",
    "search": "cq-search-room",
    "editor": "cq-editor-room",
}


@cache
def _component(script: str, styles: str) -> Any:
    room = f'<div class="{_PLACEHOLDERS[script]}"></div>'
    css = "".join((_ASSETS / name).read_text(encoding="utf-8") for name in ("tokens.css", styles))
    return st.components.v2.component(
        f"callqa_{script}", html=room, css=css, js=_LOADER.replace("@URL@", asset_url(f"{script}.js"))
    )


def review_desk(
    data: dict[str, Any],
    on_outbox: Callable[[], None],
    on_go: Callable[[], None],
    on_claim: Callable[[], None],
) -> None:
    """The desk; actions arrive in ``st.session_state.desk.outbox``, a wish to move in ``.go``, one to take
    the call over in ``.claim``.
    """
    _component("review", "review.css")(
        key="desk",
        data=data | {"base": base_url()},
        on_outbox_change=on_outbox,
        on_go_change=on_go,
        on_claim_change=on_claim,
    )


def call_list(data: dict[str, Any], on_open: Callable[[], None], on_page: Callable[[], None]) -> None:
    """The list; the call to open arrives in ``st.session_state.calls.open``, a page in ``.page``."""
    _component("call_list", "call_list.css")(
        key="calls", data=data | {"base": base_url()}, on_open_change=on_open, on_page_change=on_page
    )


def clip_list(key: str, data: dict[str, Any], on_open: Callable[[], None]) -> None:
    """Stretches to hear; the call to open arrives in ``st.session_state[key].open``."""
    _component("clips", "clips.css")(key=key, data=data | {"base": base_url()}, on_open_change=on_open)


def search_results(
    data: dict[str, Any],
    on_open: Callable[[], None],
    on_page: Callable[[], None],
    on_more: Callable[[], None],
) -> None:
    """What a search found; a line to open arrives in ``st.session_state.search.open``, a page to turn to in
    ``.page``, and ``.more`` asks to go on looking.
    """
    _component("search", "search.css")(
        key="search",
        data=data | {"base": base_url()},
        on_open_change=on_open,
        on_page_change=on_page,
        on_more_change=on_more,
    )


def text_editor(key: str, data: dict[str, Any], on_text: Callable[[], None]) -> None:
    """A text with its problems; what is typed arrives in ``st.session_state[key].text`` as key and text."""
    _component("editor", "editor.css")(key=key, data=data | {"base": base_url()}, on_text_change=on_text)


def base_url() -> str:
    """Where the app lies on its server, with a slash at the end."""
    path = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{path}/" if path else "/"
