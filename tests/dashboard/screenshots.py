"""Takes the pictures of the documentation: ``python tests/dashboard/screenshots.py HOME [FOLDER [NAME…]]``.

HOME is a data folder that ``callqa run samples/`` has filled; what a week of people's work leaves is put
into it first, and accounts in the end (see ``furnish``). Without FOLDER the pictures go to docs/img; with
NAME only those whose name begins so.
"""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType

import platformdirs
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from callqa.benchmarks.big_store import LAST_DAY
from callqa.benchmarks.dashboard import store_home
from callqa.store.calls import CallFilter, list_calls
from callqa.store.database import open_store
from callqa.store.day_figures import known_values
from callqa.tests.dashboard.furnish import ADMIN, DRAFT, PASSWORD, accounts, digest_day, furnish
from callqa.tests.dashboard.serving import CHROMIUM, running

FOLDER = Path(__file__).parents[2] / "docs" / "img"
SIZE: ViewportSize = {"width": 1440, "height": 900}
SHOWN = "02-refund-dispute"
FIND = "find=%E6%8A%95%E8%AF%89%7C%E9%80%80%E6%AC%BE"
SLOW = 120_000
BENCH = Path(platformdirs.user_cache_path("callqa")) / "bench"
CROWD_SIZE = (200_000, 75)
CROWD = {
    "day": "/?since={since}&until={until}",
    "agents": "/agents?since={since}&until={until}",
    "agent": "/agents?since={since}&until={until}&who={who}",
    "teams": "/teams?since={since}&until={until}",
    "causes": "/causes?since={since}&until={until}",
}
"""Pages that show something with many calls only: over those that benchmarks/dashboard.py makes."""
PAGES = {
    "list": "/calls",
    "call": "/review?verdict=open&call={call}",
    "search": f"/search?{FIND}",
    "quality": "/quality?tab=calibration",
    "appeals": "/appeals",
    "digest": "/digest?day={day}",
    "cases": "/cases",
    "case": "/cases?case=1",
    "listening": "/listening",
    "rules": "/rules?one=service.shirking",
    "editor": f"/editor?draft={DRAFT}&file=lists/superior.yaml",
    "form": f"/editor?draft={DRAFT}&file=service/deflecting.yaml",
    "yaml": f"/editor?draft={DRAFT}&file=service/shirking.yaml&mode=yaml",
    "backtest": f"/editor?draft={DRAFT}&step=backtest",
    "publish": f"/editor?draft={DRAFT}&step=publish",
    "history": "/history",
    "batch": "/batch",
    "users": "/users",
    "audit": "/audit",
}
"""Every other page; all are taken in light (``-zh``) and dark."""
MORE = {"call-en": "/review?verdict=open&call={call}&lang=en", "search-help": "/search"}


def main(home: Path, folder: Path = FOLDER, names: tuple[str, ...] = ()) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        take = Camera(chromium, folder, names)
        if take.wants(*CROWD):
            crowd = store_home(BENCH, *CROWD_SIZE)
            with running(crowd) as (url, _):
                take.all_of(url, CROWD, _of_crowd(crowd))
        if take.wants("login", *PAGES, *MORE):
            furnish(home)
            accounts(home)
            with running(home) as (url, _):
                take.all_of(url, PAGES, _of_samples(home), more=MORE, signs_in=True)
        chromium.close()


def _of_crowd(home: Path) -> dict[str, str]:
    store = open_store(f"sqlite:///{home / 'callqa.db'}")
    who = next(iter(known_values(store, "agent")))
    store.close()
    return {"since": str(LAST_DAY - timedelta(days=29)), "until": str(LAST_DAY), "who": who}


def _of_samples(home: Path) -> dict[str, str]:
    store = open_store(f"sqlite:///{home.absolute() / 'callqa.db'}")
    call = list_calls(store, CallFilter(name=SHOWN)).rows[0].id
    day = digest_day(store)
    store.close()
    return {"call": str(call), "day": str(day)}


@dataclass(frozen=True)
class Camera:
    """Takes pictures into ``folder``, of pages whose name begins with one of ``names`` (none: of all)."""

    chromium: Browser
    folder: Path
    names: tuple[str, ...]

    def wants(self, *pages: str) -> bool:
        return not self.names or any(f"{p}-zh".startswith(self.names) for p in pages)

    def all_of(
        self,
        url: str,
        pages: Mapping[str, str],
        parts: Mapping[str, str],
        *,
        more: Mapping[str, str] = MappingProxyType({}),
        signs_in: bool = False,
    ) -> None:
        """Every page in light and dark; ``more`` by their own names, in light."""
        for scheme, end in (("light", "zh"), ("dark", "dark")):
            context = self.chromium.new_context(viewport=SIZE, color_scheme=scheme, locale="zh-CN")  # type: ignore[arg-type]
            context.set_default_timeout(SLOW)
            page = context.new_page()
            if signs_in:
                self._sign_in(page, url, f"login-{end}")
            for name, address in pages.items():
                self._take(page, f"{name}-{end}", url + address.format(**parts))
            for name, address in more.items() if end == "zh" else ():
                self._take(page, name, url + address.format(**parts))
            context.close()

    def _sign_in(self, page: Page, url: str, name: str) -> None:
        page.goto(f"{url}/calls")
        if name.startswith(self.names or ""):
            page.screenshot(path=self.folder / f"{name}.png")
        page.fill("input[name=name]", ADMIN)
        page.fill("input[name=password]", PASSWORD)
        page.click("button")
        _settle(page)

    def _take(self, page: Page, name: str, address: str) -> None:
        if not name.startswith(self.names or ""):
            return
        page.goto(address)
        _settle(page)
        _at_work.get(name.split("-")[0], lambda _: None)(page)
        page.screenshot(path=self.folder / f"{name}.png")


def _settle(page: Page) -> None:
    page.wait_for_selector("[data-testid=stMain] [data-testid=stElementContainer]")
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", state="attached")
    page.wait_for_selector("[data-testid=stSkeleton]", state="detached")
    page.wait_for_timeout(2500)


def _hear(page: Page) -> None:
    """A little of the call, so that the page shows itself at work."""
    page.wait_for_selector(".cq-card")
    page.keyboard.press("ArrowDown")
    page.wait_for_timeout(2600)
    page.keyboard.press("Space")
    page.wait_for_timeout(400)


def _backtest(page: Page) -> None:
    page.get_by_role("button", name="开始回测").click()
    page.wait_for_selector(".cq-clip")
    _settle(page)


def _unfold(page: Page) -> None:
    page.get_by_test_id("stExpander").first.click()
    page.wait_for_selector(".cq-clip")
    page.wait_for_timeout(1000)


_at_work: dict[str, Callable[[Page], None]] = {"call": _hear, "backtest": _backtest, "digest": _unfold}


if __name__ == "__main__":
    home, folder, *names = (*sys.argv[1:], str(FOLDER))[: max(2, len(sys.argv) - 1)]
    main(Path(home), Path(folder), tuple(names))
