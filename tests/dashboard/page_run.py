"""A page run without a browser."""

import json
from typing import Any

from streamlit.testing.v1 import AppTest


def run_page(script: str, /, **params: str | list[str]) -> AppTest:
    """Run the page that ``script`` shows, with these parameters in its address; it must not fail."""
    at = AppTest.from_string(script, default_timeout=120)  # machines that test are busy
    for name, value in params.items():
        at.query_params[name] = value
    at.run()
    assert not at.exception
    return at


def press(at: AppTest, label: str, *, refused: bool = False) -> None:
    """Press a button; the page must not fail, and complain only when what was asked is ``refused``."""
    next(b for b in at.button if b.label == label).click()
    at.run()
    assert not at.exception
    assert refused or [error.value for error in at.error] == []


def shown(at: AppTest) -> dict[str, Any]:
    """What our component on the page was given."""
    (component,) = at.get("bidi_component")
    data: dict[str, Any] = json.loads(component.proto.json)
    return data
