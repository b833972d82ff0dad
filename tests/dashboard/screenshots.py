"""Takes the pictures of the documentation: ``python tests/dashboard/screenshots.py HOME [FOLDER [NAME]]``.

HOME is a data folder that ``callqa run samples/`` has filled; without FOLDER they go to docs/img; with NAME
only those whose name begins so.
"""

import sys
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, sync_playwright

from callqa.store.calls import CallFilter, list_calls
from callqa.store.database import open_store
from callqa.tests.dashboard.serving import CHROMIUM, running

FOLDER = Path(__file__).parents[2] / "docs" / "img"
SIZE: ViewportSize = {"width": 1440, "height": 900}
SHOWN = "02-refund-dispute"
_VOICE = {
    "digest": "/digest",
    "cases": "/cases",
    "causes": "/causes",
    "listening": "/listening",
    "quality": "/quality?tab=calibration",
    "appeals": "/appeals",
}
PICTURES = {
    "call-zh": ("/review?verdict=open&call={call}", "light"),
    "call-dark": ("/review?verdict=open&call={call}", "dark"),
    "call-en": ("/review?verdict=open&call={call}&lang=en", "light"),
    "list-zh": ("/calls", "light"),
    "list-dark": ("/calls", "dark"),
    "search-zh": ("/search?find=%E6%8A%95%E8%AF%89%7C%E9%80%80%E6%AC%BE", "light"),
    "search-dark": ("/search?find=%E6%8A%95%E8%AF%89%7C%E9%80%80%E6%AC%BE", "dark"),
    "search-help": ("/search", "light"),
    "day-zh": ("/", "light"),
    "day-dark": ("/", "dark"),
    "agents-zh": ("/agents", "light"),
    "agents-dark": ("/agents", "dark"),
    "teams-zh": ("/teams", "light"),
    "teams-dark": ("/teams", "dark"),
    "rules-zh": ("/rules?one=service.shirking", "light"),
    "rules-dark": ("/rules?one=service.shirking", "dark"),
    "editor-zh": ("/editor?file=lists/superior.yaml", "light"),
    "editor-dark": ("/editor?file=service/shirking.yaml&mode=yaml", "dark"),
    "history-zh": ("/history", "light"),
    "history-dark": ("/history", "dark"),
    "batch-zh": ("/batch", "light"),
    "batch-dark": ("/batch", "dark"),
    **{
        f"{name}-{look}": (address, scheme)
        for name, address in _VOICE.items()
        for look, scheme in (("zh", "light"), ("dark", "dark"))
    },
}


def main(home: Path, folder: Path = FOLDER, only: str = "") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    store = open_store(f"sqlite:///{home.absolute() / 'callqa.db'}")
    call = list_calls(store, CallFilter(name=SHOWN)).rows[0].id
    store.close()
    with running(home) as (url, _), sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        for name, (address, scheme) in PICTURES.items():
            if not name.startswith(only):
                continue
            page = chromium.new_page(viewport=SIZE, color_scheme=scheme, locale="zh-CN")  # type: ignore[arg-type]
            page.goto(url + address.format(call=call))
            _settle(page)
            page.screenshot(path=folder / f"{name}.png")
            page.close()
        chromium.close()


def _settle(page: Page) -> None:
    """Wait until all is drawn; on a call, hear a little of it so that the page shows itself at work."""
    drawn = ".cq-card, .cq-table tr, .cq-found li, .stMarkdown table"
    drawn += ", [data-testid=stMetric], [data-testid=stDataFrame], .cq-code"
    drawn += ", [data-testid=stExpander], audio, .stMarkdown p"
    page.wait_for_selector(drawn, timeout=60000)
    page.wait_for_timeout(2500)
    if page.locator(".cq-desk").count():
        page.keyboard.press("ArrowDown")
        page.wait_for_timeout(2600)
        page.keyboard.press("Space")
        page.wait_for_timeout(400)


if __name__ == "__main__":
    home, folder, only = (*sys.argv[1:], *("", str(FOLDER), "")[len(sys.argv) - 1 :])
    main(Path(home), Path(folder), only)
