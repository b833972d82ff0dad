"""How long a user waits for the dashboard, in a real browser over the big store: drawing included.

    python benchmarks/in_browser.py                      # 200,000 calls (made by benchmarks/dashboard.py)
    python benchmarks/in_browser.py --calls 2000 --runs 5

The first page is that of a server that has just started and a browser that has nothing of it yet; the others
are of a warm one. A page counts as there when what it is about can be seen; the next call when its name
stands in the header after the key N.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import platformdirs
from playwright.sync_api import Browser, Page, sync_playwright

from callqa.benchmarks.dashboard import store_home
from callqa.tests.dashboard.serving import CHROMIUM, running

PAGES = {
    "overview": ("/", "[data-testid=stMetric]"),
    "list of calls": ("/calls?verdict=open", ".cq-table tr[data-call]"),
    "call": ("/review?call={call}", ".cq-head h1"),
    "agents": ("/agents", "[data-testid=stDataFrame]"),
    "rules": ("/rules", "[data-testid=stDataFrame]"),
}


@dataclass(frozen=True, slots=True)
class Waits:
    """Seconds, a run each."""

    name: str
    seconds: list[float]

    def __str__(self) -> str:
        ordered = sorted(self.seconds)
        p95 = ordered[round(0.95 * (len(ordered) - 1))]
        return f"{self.name:34}{1000 * statistics.median(ordered):8.0f}{1000 * p95:8.0f}  ms"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--calls", type=int, default=200_000)
    parser.add_argument("--runs", type=int, default=12)
    parser.add_argument("--folder", type=Path, default=Path(platformdirs.user_cache_path("callqa")) / "bench")
    arguments = parser.parse_args()
    home = store_home(arguments.folder, arguments.calls, 75)
    print(f"{'':34}{'p50':>8}{'p95':>8}")
    with sync_playwright() as playwright, running(home) as (url, _):
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        print(Waits("first page of all", [first_page(chromium, url)]))
        page = chromium.new_page()
        for name, (address, drawn) in PAGES.items():
            print(opened(page, name, url + address, drawn, arguments.calls, arguments.runs), flush=True)
        print(next_calls(page, f"{url}/review?verdict=open", arguments.runs))
        chromium.close()


def first_page(chromium: Browser, url: str) -> float:
    page = chromium.new_page()
    try:
        return timed(lambda: page.goto(url), lambda: page.wait_for_selector("[data-testid=stMetric]"))
    finally:
        page.close()


def opened(page: Page, name: str, address: str, drawn: str, calls: int, runs: int) -> Waits:
    """A page anew, with its whole address, after one that warms up."""
    waits = [
        timed(
            lambda run=run: page.goto(address.format(call=100 * (run + 1) % calls)),  # type: ignore[misc]
            lambda: page.wait_for_selector(drawn),
        )
        for run in range(runs + 1)
    ]
    return Waits(f"{name}, opened anew", waits[1:])


def next_calls(page: Page, address: str, runs: int) -> Waits:
    page.goto(address)
    page.wait_for_selector(".cq-card")
    page.wait_for_timeout(2000)
    waits = []
    for _ in range(runs):
        before = page.locator(".cq-head h1").inner_text()
        changed = page.locator(".cq-head h1").filter(has_not_text=before)
        waits.append(timed(lambda: page.keyboard.press("n"), lambda: changed.wait_for()))  # noqa: B023
        page.wait_for_timeout(800)
    return Waits("next call, after the key N", waits)


def timed(*steps: Callable[[], object]) -> float:
    begun = time.perf_counter()
    for step in steps:
        step()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
