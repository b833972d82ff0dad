"""Signing in, looking at originals and being closed out, in a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from callqa.dashboard.page_login import SIGN_IN
from callqa.privacy.accounts import add_account, set_disabled
from callqa.privacy.audit import entries
from callqa.privacy.roles import Role
from callqa.store.database import open_store
from callqa.tests.dashboard.conftest import Site, _watch
from callqa.tests.dashboard.sample_store import fill
from callqa.tests.dashboard.serving import running

pytestmark = pytest.mark.browser
PASSWORD = "correct horse battery"
EVIL = "<img src=x onerror=alert(3)>"
SLOW = 60_000
"""Milliseconds; the first page of a process takes its time."""


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A dashboard with accounts; one of them has a name that would run as a script."""
    folder = tmp_path_factory.mktemp("company")
    home = folder / "home"
    store = open_store(f"sqlite:///{home / 'callqa.db'}")
    filled = fill(home, store, folder / "sound", calls=4)
    add_account(store, "root", Role.ADMIN, by="test", password=PASSWORD)
    add_account(store, EVIL, Role.COMPLIANCE, by="root", password=PASSWORD)
    with running(home) as (url, process):
        yield Site(url, filled, process)
    store.close()


@pytest.fixture
def tab(browser: Browser) -> Iterator[Page]:
    """A fresh browser profile; nothing may leave the machine, no dialog may open."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    wrong: list[str] = []
    context.on("page", lambda page: _watch(page, wrong))
    opened = context.new_page()
    opened.set_default_timeout(SLOW)
    yield opened
    context.close()
    assert [w for w in wrong if "403" not in w] == []


def sign_in(tab: Page, site: Site, name: str, path: str = "/") -> None:
    tab.goto(f"{site.url}{path}")
    tab.fill("input[name=name]", name)
    tab.fill("input[name=password]", PASSWORD)
    tab.click("button")


def test_what_names_and_transcripts_hold_is_shown_as_text(company: Site, tab: Page) -> None:
    sign_in(tab, company, EVIL, f"/review?call={company.filled.calls[0]}")
    expect(tab.locator(".cq-transcript")).to_contain_text("<b onclick=alert(2)>", timeout=SLOW)
    tab.get_by_test_id("stExpandSidebarButton").click()
    expect(tab.get_by_test_id("stSidebar")).to_contain_text(EVIL)


def test_an_original_is_shown_on_request_and_the_look_is_recorded(company: Site, tab: Page) -> None:
    call = company.filled.calls[0]
    sign_in(tab, company, "root", f"/review?call={call}")
    transcript = tab.locator(".cq-transcript")
    expect(transcript).to_contain_text("[手机号]", timeout=SLOW)
    before = [e for e in entries(company.filled.store) if e.action == "original" and e.who == "root"]
    assert before == []
    tab.get_by_test_id("stExpandSidebarButton").click()
    tab.get_by_text("显示原文、播放原声").click()
    expect(transcript).not_to_contain_text("[手机号]", timeout=SLOW)
    looks = [e for e in entries(company.filled.store) if e.action == "original" and e.who == "root"]
    assert {e.subject for e in looks} == {f"call {call}"}


def test_a_closed_account_is_out_with_the_next_click(company: Site, tab: Page) -> None:
    sign_in(tab, company, EVIL, "/calls")
    link = tab.get_by_role("link", name="概览", exact=True)
    expect(link).to_be_visible(timeout=SLOW)
    set_disabled(company.filled.store, EVIL, True, by="root")
    try:
        link.click()
        expect(tab.get_by_role("link", name="重新登录")).to_be_visible(timeout=SLOW)
        tab.goto(f"{company.url}/calls")
        assert SIGN_IN in tab.url
    finally:
        set_disabled(company.filled.store, EVIL, False, by="root")
