"""A compliance change in a real browser: a list edited, tests, a backtest, publication and the way back.

The page must stay on this machine and write nothing to the error console (see ``watched``).
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from callqa.inspect.rulebook import shipped_rulebook
from callqa.rulebooks.current import base_files, effective_rulebook, version_files
from callqa.rulebooks.drafts import begin_draft, list_drafts, open_draft
from callqa.rulebooks.publishing import publish_files
from callqa.rulebooks.texts import to_yaml
from callqa.settings import Settings
from callqa.store import save_rulebook
from callqa.store.database import Store
from callqa.store.publications import publications
from callqa.tests.dashboard.conftest import Site

pytestmark = pytest.mark.browser
SLOW = 60_000
PLAYED = """() => { const find = (root) => { for (const e of root.querySelectorAll("*")) {
  if (e.tagName === "AUDIO") return e;
  const inner = e.shadowRoot && find(e.shadowRoot);
  if (inner) return inner;
} return null; }; return (find(document)?.currentTime ?? 0) > 0.2; }"""
RULE = {
    "title": "推给厂家",
    "name": "sent_away",
    "version": 1,
    "status": "test",
    "level": "medium",
    "scope": {"speaker": "agent"},
    "detection": {"said": {"lists": ["sent_away"]}, "condition": "said"},
    "tests": [{"name": "说了", "turns": [{"agent": "找物业去。"}], "expect": [{"turn": 0}]}],
}
TERMS = {"description": "推走客户的话", "terms": ["找物业"]}


@pytest.fixture(scope="module")
def compliance(site: Site) -> Iterator[tuple[Store, Settings]]:
    """A first published version with a small rule of its own and its list, and a draft of it."""
    settings = Settings(home=Path(site.filled.home))
    store = site.filled.store
    files = {
        "service/sent_away.yaml": to_yaml(RULE),
        "lists/sent_away.yaml": to_yaml(TERMS),
    }
    save_rulebook(store, "sha256:" + "0" * 64, shipped_rulebook().to_bytes())  # what the calls name
    publish_files(store, settings, files, author="test", note="第一版")
    begin_draft(store, settings, "加一个词", author="test")
    yield store, settings


def opened(page: Page, site: Site, address: str) -> None:
    page.goto(site.url + address)
    expect(page.get_by_text("步骤").first).to_be_visible(timeout=SLOW)


def choose(page: Page, label: str) -> None:
    page.get_by_test_id("stButtonGroup").get_by_text(label, exact=True).click()


def test_a_change_from_the_list_to_publication_and_back(
    page: Page, site: Site, compliance: tuple[Store, Settings]
) -> None:
    store, settings = compliance
    before = effective_rulebook(store, settings).hash
    _edit_the_list(page, site, store)
    _try_it(page)
    _backtest(page)
    _publish(page)
    assert [v.number for v in publications(store)] == [2, 1]
    assert "自己去找厂家" in version_files(store, 2)["lists/sent_away.yaml"]
    assert list_drafts(store) == ()
    _go_back(page)
    assert [(v.number, v.rollback_of) for v in publications(store)] == [(3, 1), (2, None), (1, None)]
    assert effective_rulebook(store, settings).hash == before


def _edit_the_list(page: Page, site: Site, store: Store) -> None:
    opened(page, site, "/editor?file=lists/sent_away.yaml")
    page.get_by_role("button", name="粘贴一列词").click()
    page.locator("[data-testid=stPopoverBody] textarea").fill("自己去找厂家\n找商家去")
    page.get_by_role("button", name="加入词表").click()
    expect(page.get_by_text("3 个词")).to_be_visible(timeout=SLOW)
    assert "找商家去" in open_draft(store, "加一个词").files["lists/sent_away.yaml"]
    expect(page.get_by_text("没有问题，1 条测试通过")).to_be_visible(timeout=SLOW)


def _try_it(page: Page) -> None:
    page.get_by_label("粘贴对话，一行一句").fill("客户：洗衣机坏了\n坐席：你自己去找厂家吧")
    page.get_by_label("粘贴对话，一行一句").press("Control+Enter")
    expect(page.get_by_text("命中 1 处")).to_be_visible(timeout=SLOW)
    page.get_by_label("测试名称").fill("找厂家")
    page.get_by_role("button", name="存为测试").click()
    expect(page.get_by_text("没有问题，2 条测试通过")).to_be_visible(timeout=SLOW)


def _backtest(page: Page) -> None:
    choose(page, "变更")
    expect(page.get_by_text("找商家去")).to_be_visible(timeout=SLOW)
    choose(page, "回测")
    page.get_by_role("button", name="开始回测").click()
    expect(page.get_by_text(re.compile("通通话，细看了"))).to_be_visible(timeout=2 * SLOW)
    expect(page.locator(".cq-clip").first).to_contain_text("自己去找厂家", timeout=SLOW)
    page.locator(".cq-clip-play").first.click()
    expect(page.locator(".cq-clip-play").first).to_have_text("停", timeout=SLOW)
    page.wait_for_function(PLAYED, timeout=SLOW)


def _publish(page: Page) -> None:
    choose(page, "发布")
    expect(page.get_by_text("条测试通过，可以发布")).to_be_visible(timeout=SLOW)
    page.get_by_role("button", name="发布", exact=True).click()
    expect(page.get_by_text("请写一句说明")).to_be_visible(timeout=SLOW)
    page.get_by_label("改了什么、为什么").fill("客户投诉坐席让他自己找厂家")
    page.get_by_role("button", name="发布", exact=True).click()
    expect(page.get_by_text("已发布第 2 版")).to_be_visible(timeout=SLOW)
    expect(page.get_by_text("第 2 版改了什么")).to_be_visible()


def _go_back(page: Page) -> None:
    page.goto(page.url.split("?")[0] + "?version=1")
    page.get_by_label("为什么回退").fill("误报太多")
    page.get_by_role("button", name="确定回退").click()
    expect(page.get_by_text("已回退，发布为第 3 版")).to_be_visible(timeout=SLOW)


def test_what_is_typed_is_linted_as_one_types_and_kept(
    page: Page, site: Site, compliance: tuple[Store, Settings]
) -> None:
    store, settings = compliance
    begin_draft(store, settings, "手写", author="test")
    assert "service/sent_away.yaml" in base_files(store, settings)[1]
    opened(page, site, "/editor?draft=手写&file=service/sent_away.yaml&mode=yaml")
    code = page.get_by_label("规则内容（YAML）")
    code.press("Control+Home")
    code.press("End")
    page.keyboard.type("啊\nmystery: 1")
    expect(page.locator(".cq-problems li")).to_contain_text("mystery", timeout=SLOW)
    expect(page.locator(".cq-problems .cq-place")).to_have_text("第 2 行")
    expect(page.locator(".cq-gutter .cq-wrong")).to_have_text("2")
    assert "title: 推给厂家啊\nmystery: 1\n" in open_draft(store, "手写").files["service/sent_away.yaml"]
    for _ in "mystery: 1\n":
        page.keyboard.press("Backspace")
    expect(page.locator(".cq-problems li")).to_have_count(0, timeout=SLOW)
    page.reload()
    expect(page.get_by_label("规则内容（YAML）")).to_have_value(
        re.compile("title: 推给厂家啊\nname"), timeout=SLOW
    )


def test_the_keyboard_gets_out_of_the_editor(
    page: Page, site: Site, compliance: tuple[Store, Settings]
) -> None:
    store, settings = compliance
    begin_draft(store, settings, "键盘", author="test")
    opened(page, site, "/editor?draft=键盘&file=service/sent_away.yaml&mode=yaml")
    code = page.get_by_label("规则内容（YAML）")
    code.focus()
    page.keyboard.press("Tab")
    expect(code).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(code).not_to_be_focused()
