"""Stores to look at, and a running dashboard with a browser in front of it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal

import pytest
import sqlalchemy
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect, sync_playwright

from callqa.settings import get_settings
from callqa.store.database import Store, open_store
from callqa.tests.dashboard.sample_store import Filled, fill
from callqa.tests.dashboard.serving import CHROMIUM, running

expect.set_options(timeout=30_000)  # machines that test are slow and busy
SCHEMES: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")
_LOCAL = ("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:")


@pytest.fixture
def empty_store(home: Path) -> Iterator[Store]:
    store = open_store(get_settings().resolved_database_url)
    yield store
    store.close()


@pytest.fixture(scope="session")
def model_store(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    """Filled once; every test gets a copy."""
    folder = tmp_path_factory.mktemp("model")
    store = open_store(f"sqlite:///{folder / 'home' / 'callqa.db'}")
    made = fill(folder / "home", store, folder / "sound", calls=4)
    store.close()
    return made


@pytest.fixture
def filled(home: Path, model_store: Filled, tmp_path: Path) -> Iterator[Filled]:
    shutil.copytree(model_store.home, home)
    shutil.copytree(model_store.sound, tmp_path / "sound")
    store = open_store(get_settings().resolved_database_url)
    with store.write() as connection:
        places = {"old": str(model_store.sound), "new": str(tmp_path / "sound")}
        connection.execute(sqlalchemy.text("UPDATE file SET path = replace(path, :old, :new)"), places)
    yield replace(model_store, home=home, store=store, sound=tmp_path / "sound")
    store.close()


@dataclass(frozen=True)
class Site:
    """A running dashboard over a filled store."""

    url: str
    filled: Filled
    process: int


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    home = folder / "home"
    store = open_store(f"sqlite:///{home / 'callqa.db'}")
    filled = fill(home, store, folder / "sound", calls=8)
    with running(home) as (url, process):
        yield Site(url, filled, process)
    store.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def contexts(browser: Browser) -> dict[str, BrowserContext]:
    """One browser profile a colour scheme; Streamlit's scripts are then fetched once."""
    viewport: ViewportSize = {"width": 1440, "height": 900}
    return {
        scheme: browser.new_context(viewport=viewport, locale="zh-CN", color_scheme=scheme)
        for scheme in SCHEMES
    }


@pytest.fixture
def page(request: pytest.FixtureRequest, contexts: dict[str, BrowserContext]) -> Iterator[Page]:
    """A page that must stay on this machine and write nothing to the error console.

    ``@pytest.mark.parametrize("page", ["dark"], indirect=True)`` opens it in dark.
    """
    context = contexts[getattr(request, "param", "light")]
    with watched(context) as opened:
        yield opened


@contextmanager
def watched(context: BrowserContext) -> Iterator[Page]:
    """A page of that browser; fails in the end when any page of it left this machine or wrote an error."""
    wrong: list[str] = []
    watch = partial(_watch, wrong=wrong)
    context.on("page", watch)
    yield context.new_page()
    context.remove_listener("page", watch)
    for left in context.pages:
        if left.url.startswith("http"):
            left.evaluate("() => localStorage.clear()")
        left.close()
    assert wrong == []


def _watch(page: Page, wrong: list[str]) -> None:
    page.on("console", lambda m: wrong.append(f"console: {m.text}") if m.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
    page.on("dialog", lambda dialog: wrong.append(f"dialog: {dialog.message}"))
    page.on("request", lambda r: None if r.url.startswith(_LOCAL) else wrong.append(f"left: {r.url}"))
