"""The day and rule pages in a real browser: drawn, clicked, exported, and accessible."""

import pytest
from playwright.sync_api import Page, expect

from callqa.rulebooks.drafts import begin_draft, list_drafts
from callqa.settings import Settings
from callqa.tests.dashboard.conftest import SCHEMES, Site
from callqa.tests.dashboard.test_accessible import complaints

pytestmark = pytest.mark.browser
SLOW = 60_000
PAGES = {
    "overview": ("/", "[data-testid=stMetric]"),
    "agents": ("/agents", "[data-testid=stDataFrame]"),
    "agent": ("/agents?who=王芳", "[data-testid=stMetric]"),
    "teams": ("/teams", "[data-testid=stDataFrame]"),
    "rules": ("/rules?one=service.shirking", "[data-testid=stDataFrame]"),
    "form": ("/editor?draft=看&file=service/too_fast.yaml", "[data-testid=stTextArea]"),
    "grid": ("/editor?draft=看&file=lists/superior.yaml", "[data-testid=stDataFrame]"),
    "yaml": ("/editor?draft=看&file=service/shirking.yaml&mode=yaml", ".cq-code"),
    "publish": ("/editor?draft=看&step=publish", "[data-testid=stAlert]"),
    "history": ("/history", "[data-testid=stAlert]"),
    "batch": ("/batch", "[data-testid=stMetric]"),
    "users": ("/users", "[data-testid=stForm]"),
    "audit": ("/audit", "[data-testid=stAlert]"),
}


@pytest.fixture(autouse=True)
def draft(site: Site) -> None:
    store = site.filled.store
    if "看" not in {d.name for d in list_drafts(store)}:
        begin_draft(store, Settings(home=site.filled.home), "看", author="test")


def opened(page: Page, site: Site, name: str) -> None:
    address, drawn = PAGES[name]
    page.goto(site.url + address)
    expect(page.locator(drawn).first).to_be_visible(timeout=SLOW)
    page.wait_for_timeout(700)


@pytest.mark.parametrize("page", SCHEMES, indirect=True)
@pytest.mark.parametrize("name", PAGES)
def test_nothing_serious_is_found(page: Page, site: Site, name: str) -> None:
    opened(page, site, name)
    assert complaints(page) == []


def test_a_click_on_a_rule_leads_to_its_calls(page: Page, site: Site) -> None:
    opened(page, site, "overview")
    charts = page.get_by_test_id("stVegaLiteChart")
    box = charts.nth(2).locator("canvas, svg").first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * 0.5, box["y"] + 20)
    expect(page.locator(".cq-table")).to_be_visible(timeout=SLOW)
    assert "rule=" in page.url


@pytest.mark.parametrize(
    ("kind", "start"), [("Excel（", b"PK"), ("CSV 文本", b"\xef\xbb\xbf"), ("PDF", b"%PDF")]
)
def test_what_is_on_the_screen_can_be_taken_along(page: Page, site: Site, kind: str, start: bytes) -> None:
    opened(page, site, "overview")
    page.get_by_role("button", name="导出").click()
    with page.expect_download(timeout=SLOW) as waiting:
        page.get_by_role("button", name=kind).click()
    path = waiting.value.path()
    assert path.read_bytes().startswith(start)
    assert waiting.value.suggested_filename.startswith("callqa-overview-")


def test_an_agents_call_is_heard_in_place_and_opened(page: Page, site: Site) -> None:
    opened(page, site, "agent")
    clip = page.locator(".cq-clip").first
    clip.get_by_role("button", name="听").click()
    expect(clip.locator(".cq-clip-play")).to_have_text("停", timeout=SLOW)
    clip.get_by_role("button", name="打开").click()
    expect(page.locator(".cq-desk h1")).to_be_visible(timeout=SLOW)


def test_the_period_lives_in_the_address(page: Page, site: Site) -> None:
    opened(page, site, "overview")
    page.get_by_test_id("stButtonGroup").get_by_text("30 天").click()
    page.wait_for_url("**since=*&until=*", timeout=SLOW)
    page.reload()
    chosen = page.get_by_role("radio", name="30 天")
    expect(chosen).to_have_attribute("aria-checked", "true", timeout=SLOW)
