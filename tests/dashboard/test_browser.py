"""The pages in a real browser: looks, languages, the keyboard in the list, and what must never happen."""

import pytest
from playwright.sync_api import Page, expect

from callqa.tests.dashboard.conftest import Site

pytestmark = pytest.mark.browser
ADDRESSES = ("/", "/calls", "/review", "/rules")
SHIFTS = """(since) => new Promise((done) => { let sum = 0; new PerformanceObserver((list) => {
  for (const e of list.getEntries()) if (!e.hadRecentInput && e.startTime > since) sum += e.value;
}).observe({type: "layout-shift", buffered: true}); setTimeout(() => done(sum), 300); })"""


def settled(page: Page, site: Site, address: str) -> None:
    page.goto(site.url + address)
    shown = {"/": "stMetric", "/rules": "stDataFrame"}.get(address.split("?")[0])
    place = page.get_by_test_id(shown).first if shown else page.locator(".cq-desk, .cq-table").first
    expect(place).to_be_visible(timeout=20000)


@pytest.mark.parametrize(
    ("page", "address"),
    [("light", "/"), ("light", "/rules"), *(("dark", address) for address in ADDRESSES)],
    indirect=["page"],
)
def test_every_page_opens_without_an_error_or_a_request_to_elsewhere(
    page: Page, site: Site, address: str
) -> None:
    settled(page, site, address)
    page.wait_for_timeout(700)


@pytest.mark.parametrize("address", ["/calls?lang=en", "/review?lang=en"])
def test_english_is_an_address_away(page: Page, site: Site, address: str) -> None:
    settled(page, site, address)
    expect(page.get_by_text("Review", exact=True).first).to_be_visible()
    expect(page.locator(".cq-desk, .cq-list").first).not_to_contain_text("坐席列表")
    buttons = page.locator(".cq-desk .cq-button-label, .cq-list th").all_inner_texts()
    assert buttons
    assert not any("\u4e00" <= c <= "\u9fff" for text in buttons for c in text)


def test_the_language_is_kept_from_page_to_page(page: Page, site: Site) -> None:
    settled(page, site, "/calls?lang=en")
    page.get_by_test_id("stTopNavSection").filter(has_text="Rulebook").click()
    page.get_by_test_id("stTopNavDropdownLink").first.click()
    expect(page.get_by_text("Choose a rule to see its description and tests")).to_be_visible(timeout=15000)
    assert "lang=en" in page.url


def test_the_list_is_walked_and_opened_with_the_keyboard(page: Page, site: Site) -> None:
    settled(page, site, "/calls?verdict=open")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("j")
    expect(page.locator("tr.cq-active .cq-name").last).to_have_text("call-004.wav")
    page.keyboard.press("Enter")
    expect(page.locator(".cq-head h1")).to_have_text("call-004.wav", timeout=15000)
    assert f"call={site.filled.calls[2]}" in page.url
    assert "verdict=open" in page.url


def test_the_way_back_leads_to_the_same_list(page: Page, site: Site) -> None:
    settled(page, site, f"/review?call={site.filled.calls[0]}&rule=sales.overpromise&order=newest")
    page.locator(".cq-back").click()
    expect(page.locator(".cq-table")).to_be_visible(timeout=15000)
    assert "rule=sales.overpromise" in page.url
    assert "order=newest" in page.url


def test_the_browsers_back_button_brings_the_call_before_back(page: Page, site: Site) -> None:
    first, second = site.filled.calls[:2]
    settled(page, site, f"/review?call={first}")
    page.keyboard.press("n")
    expect(page.locator(".cq-head h1")).to_have_text("call-002.wav")
    page.go_back()
    expect(page.locator(".cq-head h1")).to_have_text("call-000.wav", timeout=15000)
    assert second != first


def test_what_callers_and_files_say_is_text_and_never_markup(page: Page, site: Site) -> None:
    settled(page, site, f"/review?call={site.filled.calls[0]}")
    expect(page.locator(".cq-call-facts")).to_contain_text("<img src=x onerror=alert(1)>")
    expect(page.locator(".cq-transcript")).to_contain_text("<b onclick=alert(2)>再见</b>")
    assert page.locator(".cq-desk img, .cq-desk b[onclick]").count() == 0
    settled(page, site, "/calls")
    expect(page.locator("td.cq-business").first).to_contain_text("<img src=x")
    assert page.locator(".cq-list img").count() == 0


def test_keys_typed_into_a_comment_do_nothing_else(page: Page, site: Site) -> None:
    settled(page, site, f"/review?call={site.filled.calls[1]}")
    expect(page.locator(".cq-card").first).to_be_visible()
    page.keyboard.press("c")
    page.keyboard.type("1 2 n p u")
    expect(page.locator(".cq-card.cq-active textarea")).to_have_value("1 2 n p u")
    page.keyboard.press("Escape")
    expect(page.locator(".cq-chosen")).to_have_count(0)
    expect(page.locator(".cq-head h1")).to_have_text("call-002.wav")


def test_a_comment_without_a_verdict_waits_as_a_draft(page: Page, site: Site) -> None:
    settled(page, site, f"/review?call={site.filled.calls[2]}")
    expect(page.locator(".cq-card").first).to_be_visible()
    page.keyboard.press("c")
    page.keyboard.type("先记下")
    page.keyboard.press("Enter")
    page.reload()
    expect(page.locator(".cq-card textarea").first).to_have_value("先记下", timeout=15000)


def test_every_control_shows_its_key(page: Page, site: Site) -> None:
    settled(page, site, f"/review?call={site.filled.calls[0]}")
    keys = page.locator(".cq-desk .cq-card.cq-active kbd, .cq-head kbd, .cq-controls kbd").all_inner_texts()
    assert set(keys) == {*"123456789RCPNU?[]←→↑↓", "空格"}
    tools = page.locator(".cq-tools kbd").all_inner_texts()
    assert set(tools) == {*"SAEX"}


def test_help_opens_and_closes_with_a_key(page: Page, site: Site) -> None:
    settled(page, site, f"/review?call={site.filled.calls[0]}")
    page.keyboard.press("?")
    expect(page.locator(".cq-help")).to_contain_text("提前 2 秒")
    page.keyboard.press("?")
    expect(page.locator(".cq-help")).to_be_hidden()


@pytest.mark.parametrize("address", ["/calls", "/review"])
def test_what_is_drawn_does_not_jump(page: Page, site: Site, address: str) -> None:
    settled(page, site, address)
    drawn = page.evaluate("() => performance.now()")
    page.wait_for_timeout(1000)
    assert page.evaluate(SHIFTS, drawn) < 0.02


def test_leaving_the_desk_and_coming_back_shows_the_whole_call(page: Page, site: Site) -> None:
    settled(page, site, f"/review?call={site.filled.calls[5]}")
    expect(page.locator(".cq-card").first).to_be_visible()
    page.keyboard.press("3")
    expect(page.locator(".cq-chosen")).to_have_count(1)
    page.locator(".cq-back").click()
    expect(page.locator(".cq-table")).to_be_visible(timeout=15000)
    page.go_back()
    expect(page.locator(".cq-line")).to_have_count(7, timeout=15000)
    expect(page.locator(".cq-chosen")).to_have_count(1)


def test_the_list_keeps_its_filters_while_a_call_is_reviewed(page: Page, site: Site) -> None:
    settled(page, site, "/calls?rule=sales.overpromise")
    page.keyboard.press("Enter")
    expect(page.locator(".cq-head h1")).to_be_visible(timeout=15000)
    page.get_by_role("link", name="通话").click()
    expect(page.locator(".cq-table")).to_be_visible(timeout=15000)
    expect(page.locator("tr[data-call]")).to_have_count(4)
    assert "rule=sales.overpromise" in page.url


def test_while_help_is_open_keys_judge_nothing(page: Page, site: Site) -> None:
    settled(page, site, f"/review?call={site.filled.calls[3]}")
    expect(page.locator(".cq-card").first).to_be_visible()
    page.keyboard.press("?")
    page.keyboard.press("1")
    page.keyboard.press("?")
    expect(page.locator(".cq-help")).to_be_hidden()
    expect(page.locator(".cq-chosen")).to_have_count(0)


def test_who_walks_by_tab_presses_what_has_the_focus(page: Page, site: Site) -> None:
    settled(page, site, f"/review?call={site.filled.calls[3]}")
    expect(page.locator(".cq-card").first).to_be_visible()
    page.locator(".cq-card").first.locator(".cq-verdict").nth(1).focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.locator(".cq-card").first.locator(".cq-chosen")).to_contain_text("存疑")


def test_a_failed_recording_says_why_and_what_to_do(page: Page, site: Site) -> None:
    settled(page, site, f"/review?call={site.filled.failed}")
    expect(page.locator(".cq-no-sound")).to_contain_text("从录音系统重新取一份")
    page.keyboard.press("Space")
    page.keyboard.press("1")
    page.keyboard.press("ArrowDown")
