"""A reviewer's work in a real browser, with the keyboard alone."""

import os
import signal
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from callqa.store.verdicts import verdict_history
from callqa.tests.dashboard.conftest import Site

pytestmark = pytest.mark.browser
SOUND = """(a) => ({time: a.currentTime, paused: a.paused, rate: a.playbackRate, pitch: a.preservesPitch,
  ready: a.readyState > 1})"""


def sound(page: Page) -> dict[str, Any]:
    state: dict[str, Any] = page.locator("audio.cq-sound").evaluate(SOUND)
    return state


def until(page: Page, condition: Callable[[dict[str, Any]], bool], seconds: float = 8) -> dict[str, Any]:
    """The state of the sound once ``condition`` holds for it."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        state = sound(page)
        if condition(state):
            return state
        page.wait_for_timeout(50)
    raise AssertionError(f"the sound never got there, it is {sound(page)}")


def open_call(page: Page, site: Site, call: int, **more: str) -> None:
    query = "&".join(f"{k}={v}" for k, v in {"call": str(call), **more}.items())
    page.goto(f"{site.url}/review?{query}")
    expect(page.locator(".cq-card").first).to_be_visible(timeout=15000)
    expect(page.locator(".cq-minimap-marks i").first).to_be_attached()
    until(page, lambda s: s["ready"] and s["time"] > 0)


def standing(site: Site, call: int) -> list[tuple[str, str, str]]:
    """Rule, verdict and comment of what was stored for a call, oldest first."""
    return [(e.rule, e.verdict, e.comment) for e in verdict_history(site.filled.store, call)]


def active(page: Page) -> str:
    return page.locator(".cq-card.cq-active strong").inner_text()


def test_space_plays_and_pauses(page: Page, site: Site) -> None:
    open_call(page, site, site.filled.calls[0])
    page.keyboard.press("Space")
    playing = until(page, lambda s: not s["paused"] and s["time"] > 0)
    until(page, lambda s: s["time"] > playing["time"] + 0.5)
    page.keyboard.press("Space")
    until(page, lambda s: s["paused"])


def test_a_flag_is_heard_from_two_seconds_before_it_and_no_further(page: Page, site: Site) -> None:
    open_call(page, site, site.filled.calls[0])
    page.keyboard.press("r")
    first = until(page, lambda s: not s["paused"])
    stopped = until(page, lambda s: s["paused"] and s["time"] > first["time"], seconds=10)
    flag = page.locator(".cq-card.cq-active .cq-facts").inner_text()
    assert flag.startswith("00:06")
    assert 3.9 < first["time"] < 4.8
    assert 6.5 < stopped["time"] < 7.4


def test_arrows_move_three_seconds(page: Page, site: Site) -> None:
    open_call(page, site, site.filled.calls[0])
    start = sound(page)["time"]
    page.keyboard.press("ArrowRight")
    until(page, lambda s: abs(s["time"] - start - 3) < 0.1)
    page.keyboard.press("ArrowLeft")
    until(page, lambda s: abs(s["time"] - start) < 0.1)


def test_arrows_pressed_fast_are_all_counted(page: Page, site: Site) -> None:
    open_call(page, site, site.filled.calls[0])
    start = sound(page)["time"]
    for key in ["ArrowRight"] * 3 + ["ArrowLeft", "ArrowRight"] * 8:
        page.keyboard.press(key)
    until(page, lambda s: abs(s["time"] - start - 9) < 0.1)


def test_speed_changes_and_keeps_the_pitch(page: Page, site: Site) -> None:
    open_call(page, site, site.filled.calls[0])
    for _ in range(4):
        page.keyboard.press("]")
    assert until(page, lambda s: s["rate"] == 2)["pitch"] is True
    for _ in range(9):
        page.keyboard.press("[")
    until(page, lambda s: s["rate"] == 0.75)


def test_a_click_on_a_line_plays_it(page: Page, site: Site) -> None:
    open_call(page, site, site.filled.calls[0])
    page.locator(".cq-line").nth(5).locator(".cq-line-meta").click()
    until(page, lambda s: not s["paused"] and 12 < s["time"] < 14)
    expect(page.locator(".cq-line.cq-current")).to_contain_text("我的电话")


def test_a_verdict_is_stored_at_once_and_the_next_flag_is_heard(page: Page, site: Site) -> None:
    call = site.filled.calls[0]
    open_call(page, site, call)
    assert active(page) == "service.shirking"
    page.keyboard.press("1")
    expect(page.locator(".cq-card").first.locator(".cq-chosen")).to_have_text("属实1")
    assert active(page) == "risk.complaint_threat"
    until(page, lambda s: not s["paused"] and s["time"] > 6)
    expect(page.locator(".cq-saving")).to_have_text("待复核 3 / 4")
    stored(page, lambda: standing(site, call) == [("service.shirking", "confirmed", "")])


def test_a_shift_by_keyboard(page: Page, site: Site) -> None:
    """Hear, judge, comment, undo and go on to the next call, without the mouse."""
    call, following = site.filled.calls[1:3]
    page.goto(f"{site.url}/review?call={call}&order=worst")
    expect(page.locator(".cq-card")).to_have_count(4, timeout=15000)
    page.keyboard.press("2")
    expect(page.locator(".cq-card").nth(0).locator(".cq-chosen")).to_contain_text("误报")
    page.keyboard.press("u")
    expect(page.locator(".cq-chosen")).to_have_count(0)
    stored(page, lambda: [v for _, v, _ in standing(site, call)] == ["false_alarm", "undo"])
    assert active(page) == "service.shirking"
    page.keyboard.press("c")
    page.keyboard.type("坐席推给厂家，没有登记")
    page.keyboard.press("Enter")
    page.keyboard.press("1")
    stored(
        page, lambda: standing(site, call)[-1] == ("service.shirking", "confirmed", "坐席推给厂家，没有登记")
    )
    page.keyboard.press("3")
    page.keyboard.press("1")
    page.keyboard.press("1")
    expect(page.locator(".cq-saving")).to_have_text("待复核 0 / 4")
    page.keyboard.press("n")
    expect(page.locator("h1")).to_have_text("call-004.wav")
    assert f"call={following}" in page.url
    until(page, lambda s: not s["paused"])
    assert len(standing(site, call)) == 6


def test_verdicts_survive_a_reload(page: Page, site: Site) -> None:
    call = site.filled.calls[3]
    open_call(page, site, call)
    page.keyboard.press("3")
    stored(page, lambda: len(standing(site, call)) == 1)
    page.reload()
    expect(page.locator(".cq-card").first.locator(".cq-chosen")).to_contain_text("存疑", timeout=15000)
    assert active(page) == "risk.complaint_threat"


def test_after_a_reload_the_last_verdict_can_still_be_undone(page: Page, site: Site) -> None:
    call = site.filled.calls[4]
    open_call(page, site, call)
    page.keyboard.press("1")
    stored(page, lambda: len(standing(site, call)) == 1)
    page.reload()
    expect(page.locator(".cq-chosen")).to_have_count(1, timeout=15000)
    page.keyboard.press("u")
    expect(page.locator(".cq-chosen")).to_have_count(0)
    assert standing(site, call)[-1][1] == "undo"


def test_verdicts_given_while_the_server_does_not_answer_are_not_lost(page: Page, site: Site) -> None:
    """The server hangs, the reviewer judges and then loses the page: the next page brings it all in, once."""
    call = site.filled.calls[5]
    open_call(page, site, call)
    os.kill(site.process, signal.SIGSTOP)
    try:
        page.keyboard.press("1")
        page.keyboard.press("2")
        expect(page.locator(".cq-saving")).to_contain_text("连接中断", timeout=10000)
        assert standing(site, call) == []
        page.close(run_before_unload=False)
    finally:
        os.kill(site.process, signal.SIGCONT)
    again = page.context.new_page()
    open_call(again, site, call)
    stored(again, lambda: len(standing(site, call)) >= 2)
    expect(again.locator(".cq-chosen")).to_have_count(2)
    again.wait_for_timeout(500)
    assert [v for _, v, _ in standing(site, call)] == ["confirmed", "false_alarm"]


def test_two_tabs_do_not_overwrite_each_other(page: Page, site: Site) -> None:
    call = site.filled.calls[6]
    other = page.context.new_page()
    for tab in (page, other):
        open_call(tab, site, call)
    page.keyboard.press("1")
    stored(page, lambda: len(standing(site, call)) == 1)
    other.bring_to_front()
    other.keyboard.press("2")
    expect(other.locator(".cq-note")).to_contain_text("另一窗口刚刚判为“属实”")
    expect(other.locator(".cq-card").first.locator(".cq-chosen")).to_contain_text("属实")
    other.keyboard.press("ArrowUp")
    other.keyboard.press("2")
    stored(other, lambda: [v for _, v, _ in standing(site, call)] == ["confirmed", "false_alarm"])


def stored(page: Page, condition: Callable[[], bool]) -> None:
    """Wait until the store says so."""
    deadline = time.monotonic() + 8
    while not condition():
        assert time.monotonic() < deadline, "it was not stored"
        page.wait_for_timeout(50)
