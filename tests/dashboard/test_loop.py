"""From flags to change, in a real browser: cases, appeals, calibration, coaching, and the digest."""

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from callqa.dashboard.page_quality import TABS
from callqa.inspect.types import Inspection
from callqa.privacy.accounts import add_account
from callqa.privacy.redact import redact_utterances
from callqa.privacy.roles import Role as AccountRole
from callqa.store.appeals import appeal_history, appeals
from callqa.store.call import get_call
from callqa.store.cases import case_history, cases
from callqa.store.coaching_notes import notes_for
from callqa.store.database import Store, open_store
from callqa.store.day_figures import first_and_last_day
from callqa.store.digests import clips_of, get_digest
from callqa.store.quality import calibrations, evaluations, save_form, start_calibration
from callqa.store.recordings import NewFile, add_recordings, ids_named
from callqa.store.results import AudioFacts, Result, save_result
from callqa.tests.dashboard.conftest import SCHEMES, watched
from callqa.tests.dashboard.sample_store import RATE, Filled, fill, speech, write
from callqa.tests.dashboard.serving import running
from callqa.tests.dashboard.test_accessible import complaints
from callqa.transcribe.measures import measure
from callqa.transcribe.types import Role, Transcript, Utterance, Word

Scheme = Literal["light", "dark"]
pytestmark = pytest.mark.browser
PASSWORD = "correct horse battery"
SLOW = 60_000
"""Milliseconds; the first page of a process takes its time."""
ITEMS = [{"key": "polite", "title": "礼貌", "points": 50}, {"key": "solve", "title": "解决", "points": 50}]
AGENT = "王芳"
COMPLAINTS = (
    "我要退款，你们的退款到现在一直没有到账，我已经等了半个月了，钱什么时候能退给我。",
    "东西收到就是坏的，我申请了退款，你们不给我退款，这个退款到底谁来处理。",
    "退款退了一个月都没有退到我的卡里，我的电话是幺三八幺二三四五六七八，请尽快退款。",
)


@dataclass(frozen=True)
class House:
    """A dashboard with an account for everybody who has a part in the loop, and the day of its digest."""

    url: str
    filled: Filled
    day: date

    @property
    def store(self) -> Store:
        return self.filled.store


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    home = folder / "home"
    store = open_store(f"sqlite:///{home / 'callqa.db'}")
    filled = fill(home, store, folder / "sound", calls=4)
    for n, words in enumerate(COMPLAINTS):
        complaint(store, folder / "sound", n, words)
    add_account(store, "root", AccountRole.ADMIN, by="test", password=PASSWORD)
    add_account(store, "组长", AccountRole.LEAD, by="root", password=PASSWORD)
    add_account(store, "质检员", AccountRole.REVIEWER, by="root", password=PASSWORD)
    add_account(store, "坐席", AccountRole.AGENT, by="root", password=PASSWORD, agent=AGENT)
    days = first_and_last_day(store)
    assert days is not None
    with running(home) as (url, _):
        yield House(url, filled, days[0])
    store.close()


def complaint(store: Store, folder: Path, n: int, words: str) -> None:
    """A call with sound in which a customer asks for money back."""
    lines, at = [], 0.5
    for index, (role, text) in enumerate(((Role.AGENT, "您好，请讲。"), (Role.CUSTOMER, words))):
        heard = tuple(Word(at + i * 0.2, at + (i + 1) * 0.2, char, 0.95) for i, char in enumerate(text))
        lines.append(Utterance(index, at, heard[-1].end, f"S{index}", role, text, 0.9, heard, (), index))
        at = heard[-1].end + 0.4
    said, file = tuple(lines), folder / f"refund-{n}.wav"
    content = write(file, speech(said, at, 200 + 20 * n))
    metadata = {"agent": f"坐席{n}", "customer": f"1390000{n:04}", "started_at": f"2026-11-20T15:0{n}:00"}
    sha256 = hashlib.sha256(content).hexdigest()
    add_recordings(store, [NewFile(file, file.name, sha256, len(content), 0, metadata)])
    transcript = Transcript(at, 2, "zh", said, measure(said, at), {"asr": "test"})
    found = Inspection((), 100, "sha256:" + "0" * 64, ())
    facts = AudioFacts("wav", "pcm_s16le", RATE, 2, at)
    assert save_result(
        store, ids_named(store, [file.name])[0], Result(facts, transcript, found, redact_utterances(said))
    )


@pytest.fixture(scope="module")
def tabs(browser: Browser, house: House) -> Iterator[dict[str, Page]]:
    """A signed-in tab for each of the people; nothing may leave the machine or be written as an error."""
    with ExitStack() as open_tabs:
        people = {}
        for name in ("组长", "质检员", "坐席"):
            context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
            sign_in(context, house, name)
            people[name] = open_tabs.enter_context(watched(context))
            people[name].set_default_timeout(SLOW)
        yield people


def sign_in(context: BrowserContext, house: House, name: str) -> None:
    """Before the tab is watched: a page that asks to sign in is a refusal (403) to the console."""
    tab = context.new_page()
    tab.goto(f"{house.url}/appeals")
    tab.fill("input[name=name]", name)
    tab.fill("input[name=password]", PASSWORD)
    tab.click("button")
    drawn(tab)
    tab.close()


def drawn(tab: Page) -> None:
    """Wait until the page is there and Streamlit has come to rest."""
    expect(tab.locator("[data-testid=stMain] [data-testid=stElementContainer]").first).to_be_visible(
        timeout=SLOW
    )
    expect(tab.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_attached(timeout=SLOW)


def go(tab: Page, house: House, address: str) -> None:
    tab.goto(f"{house.url}/{address}")
    drawn(tab)


def press(tab: Page | Locator, label: str) -> None:
    tab.get_by_role("button", name=label, exact=True).first.click()


def test_a_flag_becomes_a_case_and_the_case_an_outcome(house: House, tabs: dict[str, Page]) -> None:
    tab, call = tabs["组长"], house.filled.calls[0]
    go(tab, house, f"review?call={call}")
    press(tab.locator(".cq-card").nth(1), "立案")
    dialog = tab.get_by_role("dialog")
    expect(dialog.get_by_label("问题")).not_to_have_value("", timeout=SLOW)
    title = dialog.get_by_label("问题").input_value()
    dialog.get_by_label("负责人").fill("张经理")
    press(dialog, "立案")
    expect(tab.get_by_role("heading", name=title)).to_be_visible(timeout=SLOW)
    tab.get_by_role("textbox", name="结果").fill("已回访并赔付")
    press(tab, "解决")
    expect(tab.get_by_test_id("stAlert")).to_contain_text("已回访并赔付", timeout=SLOW)
    (case,) = cases(house.store, recording_id=call)
    assert (case.title, case.owner, case.state, case.outcome) == (title, "张经理", "solved", "已回访并赔付")
    assert case.rule in {f.flag.rule for f in get_call(house.store, call).flags}
    assert [event.kind for event in case_history(house.store, case.id)] == ["opened", "moved"]
    assert {event.who for event in case_history(house.store, case.id)} == {"组长"}


def test_an_appeal_is_decided_and_all_of_it_stays_told(house: House, tabs: dict[str, Page]) -> None:
    agent, lead = tabs["坐席"], tabs["组长"]
    call = next(n for n in house.filled.calls if get_call(house.store, n).row.agent == AGENT)
    score = get_call(house.store, call).row.score
    go(agent, house, f"review?call={call}")
    press(agent.locator(".cq-card").first, "申诉")
    own = agent.get_by_test_id("stExpander").first
    expect(own.get_by_test_id("stExpanderDetails")).to_be_visible(timeout=SLOW)
    own.get_by_test_id("stPopover").first.get_by_role("button").click()
    agent.get_by_label("理由").fill("我在复述客户的话")
    press(agent, "提交申诉")
    expect(agent.get_by_test_id("stMain")).to_contain_text("我在复述客户的话", timeout=SLOW)
    go(lead, house, "appeals")
    lead.get_by_label("处理意见").fill("录音属实")
    lead.get_by_label("处理意见").press("Tab")
    press(lead, "成立")
    expect(lead.get_by_test_id("stMain")).to_contain_text("裁定成立", timeout=SLOW)
    (one,) = appeals(house.store)
    assert (one.state, one.original_score) == ("granted", score)
    told = [(step.kind, step.who, step.text) for step in appeal_history(house.store, one.id)]
    assert told == [("filed", AGENT, "我在复述客户的话"), ("granted", "组长", "录音属实")]
    go(agent, house, "appeals")
    expect(agent.get_by_test_id("stMain")).to_contain_text("录音属实", timeout=SLOW)
    expect(agent.get_by_test_id("stMain")).to_contain_text(f"原分 {score}，现分", timeout=SLOW)


def test_two_people_calibrate_and_see_how_far_they_agree(house: House, tabs: dict[str, Page]) -> None:
    form = save_form(house.store, "通用", ITEMS, by="组长")
    start_calibration(house.store, "三月", form, list(house.filled.calls[:2]), ["组长", "质检员"], by="组长")
    lead, reviewer = tabs["组长"], tabs["质检员"]
    go(lead, house, "quality?tab=calibration")
    for _ in range(2):
        judge(lead, house, "组长")
    expect(lead.get_by_test_id("stMetricValue").first).to_have_text("–")
    go(reviewer, house, "quality?tab=calibration")
    judge(reviewer, house, "质检员", solve="不符合")
    expect(reviewer.get_by_test_id("stMain")).not_to_contain_text("Krippendorff")
    judge(reviewer, house, "质检员")
    expect(reviewer.get_by_test_id("stMetric").first).to_contain_text("Krippendorff", timeout=SLOW)
    go(lead, house, "quality?tab=calibration")
    expect(lead.get_by_test_id("stMetricValue").first).to_have_text("0.00", timeout=SLOW)


def judge(tab: Page, house: House, who: str, solve: str | None = None) -> None:
    """Answer the call that is next for ``who``, with everything fulfilled unless said otherwise."""
    (row,) = calibrations(house.store)
    before = len(evaluations(house.store, calibration_id=row.id, evaluator=who))
    if solve:
        tab.get_by_role("radiogroup", name="解决").get_by_text(solve, exact=True).click()
    press(tab, "提交")
    expect(tab.get_by_test_id("stMain")).to_contain_text(f"{before + 1} / {len(row.calls)}", timeout=SLOW)
    drawn(tab)


def test_a_lead_coaches_with_a_clip_and_the_agent_answers(house: House, tabs: dict[str, Page]) -> None:
    lead, agent = tabs["组长"], tabs["坐席"]
    go(lead, house, f"agents?who={AGENT}")
    lead.get_by_text("写一条辅导").click()
    lead.get_by_label("想对坐席说的话").fill("先听客户说完")
    lead.get_by_label("想对坐席说的话").press("Tab")
    press(lead, "发给坐席")
    expect(lead.get_by_test_id("stMain")).to_contain_text("坐席未读", timeout=SLOW)
    go(agent, house, "appeals")
    expect(agent.locator("audio").first).to_be_attached(timeout=SLOW)
    agent.get_by_label("回复（可不填）").fill("明白")
    agent.get_by_label("回复（可不填）").press("Tab")
    press(agent, "知道了")
    expect(agent.get_by_test_id("stMain")).to_contain_text("已读 明白", timeout=SLOW)
    (note,) = notes_for(house.store, AGENT)
    assert (note.text, note.written_by, note.reply) == ("先听客户说完", "组长", "明白")


def test_a_digest_is_curated_taken_along_and_plays_without_a_network(
    house: House, tabs: dict[str, Page], browser: Browser, tmp_path: Path
) -> None:
    lead = tabs["组长"]
    go(lead, house, f"digest?day={house.day}")
    press(lead, "生成")
    channel = lead.get_by_test_id("stExpander").first
    channel.click()
    clips = channel.get_by_role("radiogroup", name="处理")
    expect(clips.first).to_be_visible(timeout=SLOW)
    row = get_digest(house.store, house.day)
    assert row is not None
    first, second, *_ = clips_of(house.store, row.id)
    clips.first.get_by_text("置顶").click()
    settled(house, first.id, "pushed", lead)
    words = channel.get_by_placeholder("给听众的话")
    words.first.fill("请物流和财务一起听")
    words.first.press("Tab")
    clips.nth(1).get_by_text("隐藏").click()
    settled(house, second.id, "hidden", lead)
    press(lead, "发布")
    expect(lead.get_by_role("button", name="发布", exact=True)).to_be_disabled(timeout=SLOW)
    with lead.expect_download(timeout=SLOW) as took:
        lead.get_by_role("button", name="下载（含声音）").click()
    took.value.save_as(tmp_path / "digest.html")
    hear_offline(browser, tmp_path / "digest.html", [first.quote, "请物流和财务一起听"], second.quote)


def settled(house: House, clip: int, state: str, tab: Page) -> None:
    for _ in range(100):
        row = get_digest(house.store, house.day)
        assert row is not None
        if {c.id: c.state for c in clips_of(house.store, row.id)}[clip] == state:
            return drawn(tab)
        tab.wait_for_timeout(100)
    raise AssertionError(f"clip {clip} never became {state}")


def hear_offline(browser: Browser, file: Path, shown: list[str], hidden: str) -> None:
    """Open the file in a browser without a network, and play every clip of it."""
    context = browser.new_context(offline=True)
    view = context.new_page()
    asked: list[str] = []
    view.on("request", lambda request: asked.append(request.url))
    view.goto(file.as_uri())
    for text in shown:
        expect(view.locator("body")).to_contain_text(text)
    expect(view.locator("body")).not_to_contain_text(hidden)
    played = view.evaluate(PLAY_ALL)
    assert len(played) == 2
    assert all(length > 3 and at > 0.1 for length, at in played)
    assert complaints(view) == []
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    context.close()


PLAY_ALL = """async () => { const heard = [];
  for (const a of document.querySelectorAll('audio')) {
    a.muted = true; await a.play(); await new Promise(r => setTimeout(r, 400));
    a.pause(); heard.push([a.duration, a.currentTime]); }
  return heard; }"""


PAGES = ("digest?day={day}", "cases", "causes", "listening", "appeals", *(f"quality?tab={t}" for t in TABS))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_nothing_serious_is_found_on_the_pages(house: House, tabs: dict[str, Page], scheme: Scheme) -> None:
    """After the others, so that the pages have something to show."""
    lead = tabs["组长"]
    lead.emulate_media(color_scheme=scheme)
    found = {}
    for address in PAGES:
        go(lead, house, address.format(day=house.day))
        lead.wait_for_timeout(300)
        found[address] = complaints(lead)
    assert {address: wrong for address, wrong in found.items() if wrong} == {}
