"""Two reviewers at one queue, and what a reviewer changes on a call, in real browsers."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from callqa.inspect.engine import inspect_call
from callqa.inspect.rulebook import read_rulebook
from callqa.rulebooks.drafts import list_drafts
from callqa.store.call import get_call
from callqa.store.claims import holder
from callqa.store.database import open_store
from callqa.store.edit_history import standing_edits
from callqa.store.results import replace_inspection
from callqa.store.review_lists import lists
from callqa.store.rulebooks import save_rulebook
from callqa.store.verdicts import verdict_history
from callqa.tests.dashboard.conftest import Site, watched
from callqa.tests.dashboard.sample_store import fill
from callqa.tests.dashboard.serving import running
from callqa.tests.dashboard.test_shift import active, open_call, stored, until

pytestmark = pytest.mark.browser
RULE = """
title: {title}
name: {name}
version: 1
status: stable
level: {level}
scope: {{speaker: {speaker}}}
detection: {{phrase: {{terms: [{term}]}}, condition: phrase}}
outcome: {{points: {points}}}
"""
RULES = {
    "service/shirking.yaml": RULE.format(
        title="推诿", name="shirking", level="high", speaker="agent", term="不归我管", points=-10
    ),
    "customer/media_threat.yaml": RULE.format(
        title="媒体曝光", name="media_threat", level="critical", speaker="customer", term="曝光", points=0
    ),
    "service/overpromise.yaml": RULE.format(
        title="过度承诺", name="overpromise", level="medium", speaker="agent", term="保证", points=-5
    ),
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Calls that were really inspected, by a small rulebook, so that they can be inspected again."""
    folder = tmp_path_factory.mktemp("desk")
    home = folder / "home"
    store = open_store(f"sqlite:///{home / 'callqa.db'}")
    filled = fill(home, store, folder / "sound", calls=10)
    rulebook = read_rulebook(RULES)
    save_rulebook(store, rulebook.hash, rulebook.to_bytes())
    for call in filled.calls:
        transcript = get_call(store, call).transcript
        assert transcript is not None
        replace_inspection(store, call, inspect_call(transcript, rulebook))
    with running(home) as (url, process):
        yield Site(url, filled, process)
    store.close()


@pytest.fixture
def another(contexts: dict[str, BrowserContext]) -> Iterator[Page]:
    """A second browser profile with nothing in common with the first."""
    with watched(contexts["dark"]) as page:
        yield page


def be(page: Page, site: Site, name: str) -> None:
    """Sit down under a name; without accounts it is typed into the side bar."""
    page.goto(f"{site.url}/calls")
    expect(page.locator(".cq-table")).to_be_visible(timeout=45000)
    page.get_by_test_id("stExpandSidebarButton").click()
    box = page.get_by_role("textbox", name="复核人")
    box.fill(name)
    box.press("Enter")
    page.wait_for_timeout(600)


def go_to_queue(page: Page) -> None:
    page.get_by_role("link", name="复核", exact=True).click()
    expect(page.locator(".cq-card").first).to_be_visible(timeout=45000)


def title(page: Page) -> str:
    return page.locator(".cq-head h1").inner_text()


def said(site: Site, call: int, line: int) -> str:
    transcript = get_call(site.filled.store, call).transcript
    assert transcript is not None
    return transcript.utterances[line].text


def test_two_reviewers_never_hold_the_same_call(page: Page, another: Page, site: Site) -> None:
    be(page, site, "王芳")
    be(another, site, "李强")
    go_to_queue(page)
    go_to_queue(another)
    first, second = title(page), title(another)
    assert first != second
    for _ in range(2):
        page.keyboard.press("n")
        expect(page.locator(".cq-head h1")).not_to_have_text(first)
        another.keyboard.press("n")
        expect(another.locator(".cq-head h1")).not_to_have_text(second)
        first, second = title(page), title(another)
        assert first != second


def go_to_call(page: Page, call: int) -> None:
    page.locator(f'tr[data-call="{call}"]').click()
    expect(page.locator(".cq-card").first).to_be_visible(timeout=45000)


def test_a_call_that_another_has_is_heard_but_not_judged_until_a_lead_takes_it_over(
    page: Page, another: Page, site: Site
) -> None:
    call = site.filled.calls[1]
    be(another, site, "李强")
    go_to_call(another, call)
    be(page, site, "组长")
    go_to_call(page, call)
    expect(page.locator(".cq-held")).to_contain_text("在由 李强 复核")
    expect(page.locator(".cq-verdict").first).to_be_disabled()
    page.keyboard.press("1")
    expect(page.locator(".cq-note")).to_contain_text("李强")
    page.keyboard.press("Space")
    until(page, lambda s: not s["paused"])
    page.keyboard.press("t")
    expect(page.locator(".cq-held")).to_have_count(0)
    expect(page.locator(".cq-verdict").first).to_be_enabled()
    another.keyboard.press("1")
    expect(another.locator(".cq-held")).to_contain_text("组长")
    assert verdict_history(site.filled.store, call) == ()
    page.keyboard.press("1")
    stored(page, lambda: [e.reviewer for e in verdict_history(site.filled.store, call)] == ["组长"])


def test_a_page_that_is_left_gives_its_call_back(page: Page, another: Page, site: Site) -> None:
    call = site.filled.calls[2]
    be(another, site, "李强")
    go_to_call(another, call)
    stored(another, lambda: holder(site.filled.store, call) is not None)
    another.close()
    stored(page, lambda: holder(site.filled.store, call) is None)


def test_one_key_gives_verdict_and_reason(page: Page, site: Site) -> None:
    call = site.filled.calls[3]
    open_call(page, site, call)
    page.keyboard.press("4")
    page.keyboard.press("9")
    stored(page, lambda: len(verdict_history(site.filled.store, call)) == 2)
    given = [(e.verdict, e.reason) for e in verdict_history(site.filled.store, call)]
    assert given == [("false_alarm", "misheard"), ("unsure", "unclear")]
    chosen = page.locator(".cq-card").nth(0).locator(".cq-reason.cq-chosen")
    expect(chosen).to_have_text("转写错误4")


def test_a_missed_flag_is_added_by_keyboard_and_taken_back(page: Page, site: Site) -> None:
    call = site.filled.calls[4]
    open_call(page, site, call)
    cards = page.locator(".cq-card").count()
    page.keyboard.press("s")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator(".cq-picked")).to_have_count(3)
    page.keyboard.press("a")
    page.keyboard.type("过度")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("登记不算承诺")
    page.keyboard.press("Enter")
    expect(page.locator(".cq-card")).to_have_count(cards + 1)
    expect(page.locator(".cq-added")).to_contain_text("登记不算承诺")
    (added,) = get_call(site.filled.store, call).added
    assert (added.rule, len(added.quote)) == ("service.overpromise", 3)
    assert added.end > added.start
    page.keyboard.press("u")
    expect(page.locator(".cq-added")).to_have_count(0)
    assert get_call(site.filled.store, call).added == ()


def test_words_are_chosen_by_dragging_and_nothing_plays(page: Page, site: Site) -> None:
    open_call(page, site, site.filled.calls[4])
    words = page.locator(".cq-line").nth(1).locator(".cq-word")
    words.nth(2).hover()
    page.mouse.down()
    words.nth(6).hover()
    page.mouse.up()
    expect(page.locator(".cq-picked")).to_have_count(5)
    assert page.locator("audio.cq-sound").evaluate("(a) => a.paused")
    page.keyboard.press("Escape")
    expect(page.locator(".cq-picked")).to_have_count(0)


def test_a_word_is_corrected_by_keyboard_the_call_inspected_again_and_all_of_it_undone(
    page: Page, site: Site
) -> None:
    call = site.filled.calls[5]
    open_call(page, site, call)
    before, flags = said(site, call, 2), page.locator(".cq-card").count()
    assert active(page) == "推诿"
    for key in ("s", "ArrowRight", "ArrowRight", "e"):
        page.keyboard.press(key)
    expect(page.locator(".cq-dialog[open] input")).to_have_value("不")
    page.keyboard.type("必")
    page.keyboard.press("Enter")
    expect(page.locator(".cq-fixed")).to_have_text("必")
    expect(page.locator(".cq-fixed-note")).to_have_attribute("title", f"识别原文：{before}")
    expect(page.locator(".cq-card")).to_have_count(flags - 1)
    assert said(site, call, 2) == before.replace("不归", "必归")
    page.keyboard.press("u")
    expect(page.locator(".cq-fixed")).to_have_count(0)
    expect(page.locator(".cq-card")).to_have_count(flags)
    assert said(site, call, 2) == before


def test_sides_are_swapped_and_swapped_back(page: Page, site: Site) -> None:
    call = site.filled.calls[6]
    open_call(page, site, call)
    page.keyboard.press("x")
    expect(page.locator(".cq-line").first.locator("b")).to_have_text("客户")
    expect(page.locator(".cq-card")).to_have_count(0)
    page.keyboard.press("u")
    expect(page.locator(".cq-line").first.locator("b")).to_have_text("坐席")
    assert standing_edits(get_call(site.filled.store, call).edits) == []


def test_words_that_hide_a_number_cannot_be_corrected(page: Page, site: Site) -> None:
    open_call(page, site, site.filled.calls[7])
    page.locator(".cq-word", has_text="[手机号]").dblclick()
    page.keyboard.press("e")
    expect(page.locator(".cq-note")).to_contain_text("脱敏")


def test_keys_typed_into_a_question_do_nothing_else(page: Page, site: Site) -> None:
    call = site.filled.calls[8]
    open_call(page, site, call)
    page.keyboard.press("s")
    page.keyboard.press("e")
    page.keyboard.type("n1x2u")
    page.keyboard.press("Escape")
    expect(page.locator(".cq-dialog[open]")).to_have_count(0)
    assert f"call={call}" in page.url
    assert get_call(site.filled.store, call).edits == ()
    assert verdict_history(site.filled.store, call) == ()


def test_a_shift_over_ten_calls_by_keyboard(page: Page, site: Site) -> None:
    """Hear, judge, say why, comment, undo and go on, ten calls long."""
    be(page, site, "夜班")
    page.keyboard.press("Escape")
    page.goto(f"{site.url}/review?rule=service.shirking&order=name")
    expect(page.locator(".cq-card").first).to_be_visible(timeout=45000)
    heard = []
    for n in range(10):
        heard.append(title(page))
        page.keyboard.press("r")
        until(page, lambda s: not s["paused"])
        page.keyboard.press("c")
        page.keyboard.type(f"第{n}通")
        page.keyboard.press("Enter")
        page.keyboard.press("2" if n % 2 else "1")
        if n == 3:
            page.keyboard.press("u")
            page.keyboard.press("5")
        page.keyboard.press("n")
        if n < 9:
            expect(page.locator(".cq-head h1")).not_to_have_text(heard[-1])
            expect(page.locator(".cq-card").first).to_be_visible()
    assert len(set(heard)) == 10
    expect(page.locator(".cq-note")).to_contain_text("最后一通")
    wanted = {f"第{n}通" for n in range(10)}
    stored(page, lambda: wanted <= comments(site))


def comments(site: Site) -> set[str]:
    return {e.comment for call in site.filled.calls for e in verdict_history(site.filled.store, call)}


def test_a_search_is_heard_opened_and_made_a_list_and_a_draft_rule(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/search")
    box = page.get_by_role("textbox", name="查找")
    box.fill("厂家 -投诉")
    box.press("Enter")
    expect(page.locator(".cq-found li")).to_have_count(11, timeout=45000)
    box.evaluate("(node) => node.blur()")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    until(page, lambda s: not s["paused"] and s["time"] > 0)
    page.keyboard.press("Enter")
    expect(page.locator(".cq-head h1")).to_be_visible(timeout=45000)
    assert "t=" in page.url
    page.go_back()
    expect(page.locator(".cq-found li")).to_have_count(11, timeout=45000)
    page.get_by_role("button", name="存为规则草稿").click()
    page.get_by_role("textbox", name="规则名称").fill("推给厂家")
    page.get_by_role("button", name="生成草稿规则").click()
    stored(page, lambda: [draft.name for draft in list_drafts(site.filled.store)] == ["推给厂家"])
    page.wait_for_url("**/editor?draft=*&file=custom*", timeout=45000)
    expect(page.get_by_test_id("stMain")).to_contain_text("4 条测试通过", timeout=45000)
    page.goto(f"{site.url}/search?find=%E5%8E%82%E5%AE%B6")
    expect(page.locator(".cq-found li").first).to_be_visible(timeout=45000)
    page.get_by_role("button", name="存为清单").click()
    page.get_by_role("textbox", name="清单名称").fill("厂家")
    page.get_by_role("button", name="全部存入并开始复核").click()
    expect(page.locator(".cq-place")).to_contain_text("第 1 / 11 通", timeout=45000)
    (kept,) = lists(site.filled.store)
    page.keyboard.press("n")
    expect(page.locator(".cq-place")).to_contain_text("第 2 / 11 通")
    stored(page, lambda: lists(site.filled.store)[0].done == 1)
    assert f"list={kept.id}" in page.url


def test_a_call_prints_as_a_report(page: Page, site: Site, tmp_path: Path) -> None:
    open_call(page, site, site.filled.calls[0])
    page.emulate_media(media="print")
    expect(page.locator(".cq-controls")).to_be_hidden()
    expect(page.locator(".cq-tools")).to_be_hidden()
    expect(page.locator(".cq-line").last).to_be_visible()
    pages = page.pdf(path=tmp_path / "call.pdf", format="A4").count(b"/Type /Page\n")
    assert 1 <= pages <= 4
