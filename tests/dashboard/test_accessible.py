"""axe-core finds nothing serious on the list, the desk and the search page, light and dark."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from callqa.tests.dashboard.conftest import Site

pytestmark = pytest.mark.browser
PAGES = {
    "list": ("/calls", ".cq-table tr[data-call]"),
    "desk": ("/review", ".cq-card"),
    "search": ("/search?find=%E5%8E%82%E5%AE%B6", ".cq-found li"),
    "nothing found": ("/search?find=%E4%B8%8D%E5%AD%98%E5%9C%A8", ".cq-empty"),
    "how to search": ("/search", "[data-testid=stMarkdown] table"),
}
FOCUSED = """() => { let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  return [at.getBoundingClientRect().top, at.tagName]; }"""
ROW = 40
"""Pixels; what stands in one row begins within so many."""
GRAVE = ("serious", "critical")


def complaints(page: Page) -> list[str]:
    """What axe-core calls serious or critical, Streamlit's own frame included."""
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    return [
        f"{violation['id']}: {node['html'][:160]} ({node.get('failureSummary', '')[:200]})"
        for violation in found.response["violations"]
        if violation["impact"] in GRAVE
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize("page", ["light", "dark"], indirect=True)
@pytest.mark.parametrize("name", PAGES)
def test_nothing_serious_is_found(page: Page, site: Site, name: str) -> None:
    address, drawn = PAGES[name]
    page.goto(site.url + address)
    expect(page.locator(drawn).first).to_be_visible(timeout=45000)
    page.wait_for_timeout(500)
    assert complaints(page) == []


def test_nothing_serious_is_found_in_a_question_of_the_desk(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/review")
    expect(page.locator(".cq-card").first).to_be_visible(timeout=45000)
    page.keyboard.press("s")
    page.keyboard.press("a")
    expect(page.locator(".cq-dialog[open]")).to_be_visible()
    assert complaints(page) == []


def test_the_focus_goes_through_the_desk_in_reading_order(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/review")
    expect(page.locator(".cq-card").first).to_be_visible(timeout=45000)
    page.locator(".cq-back").focus()
    tops = []
    for _ in range(14):
        page.keyboard.press("Tab")
        place = "() => { let a = document.activeElement; while (a?.shadowRoot?.activeElement) "
        place += (
            "a = a.shadowRoot.activeElement; const r = a.getBoundingClientRect(); return [r.top, a.tagName] }"
        )
        tops.append(page.evaluate(place))
    rows = [round(top / ROW) for top, _ in tops]
    assert rows == sorted(rows)
    assert {tag for _, tag in tops} <= {"BUTTON", "INPUT", "DIV"}
