"""Signing in through a real identity provider on this machine, with the whole dashboard as it is started."""

import http.cookiejar
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from callqa.dashboard.who import COOKIE
from callqa.privacy.accounts import add_account, set_disabled
from callqa.privacy.roles import Role
from callqa.privacy.sessions import session_of
from callqa.store.database import Store, open_store
from callqa.tests.dashboard.identity_provider import CLIENT, SECRET, Provider
from callqa.tests.dashboard.serving import _free_port, running


class Browser:
    """Keeps cookies and follows redirects, as a browser does; ``seen`` holds the addresses it came by."""

    def __init__(self) -> None:
        self.jar = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))
        self._opener.addheaders = [("Accept", "text/html")]

    def get(self, url: str) -> tuple[int, str, str]:
        try:
            with self._opener.open(url, timeout=30) as answer:
                return answer.status, answer.url, answer.read().decode("utf-8", "replace")
        except urllib.error.HTTPError as error:
            return error.code, error.url or "", error.read().decode("utf-8", "replace")

    def cookie(self, name: str) -> str | None:
        return next((c.value for c in self.jar if c.name == name), None)


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    started = Provider()
    yield started
    started.close()


@pytest.fixture(scope="module")
def company(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Store]]:
    """A dashboard that knows the provider, with an account for li@corp.example."""
    home, port = tmp_path_factory.mktemp("oidc"), _free_port()
    store = open_store(f"sqlite:///{home / 'callqa.db'}")
    add_account(store, "root", Role.ADMIN, by="test", oidc="root@corp.example")
    add_account(store, "li", Role.LEAD, by="test", oidc="li@corp.example")
    _configure(home, provider, port)
    with running(home, port) as (url, _):
        yield url, store
    store.close()


def _configure(home: Path, provider: Provider, port: int) -> None:
    folder = home / ".streamlit"
    folder.mkdir()
    secrets = folder / "secrets.toml"
    secrets.write_text(
        "[auth]\n"
        f'redirect_uri = "http://127.0.0.1:{port}/oauth2callback"\n'
        'cookie_secret = "a-cookie-secret-of-the-test-that-is-long"\n'
        f'client_id = "{CLIENT}"\nclient_secret = "{SECRET}"\n'
        f'server_metadata_url = "{provider.url}/.well-known/openid-configuration"\n'
    )
    secrets.chmod(0o600)


def came_in(browser: Browser, url: str) -> tuple[int, str, str]:
    """Press the button of the sign-in page and follow it to the end."""
    _, _, page = browser.get(f"{url}/callqa/sign-in")
    link = re.search(r'class="button" href="([^"]+)"', page)
    assert link is not None
    return browser.get(url + link[1].replace("&amp;", "&"))


def test_who_the_provider_knows_and_has_an_account_comes_in(company: tuple[str, Store]) -> None:
    url, store = company
    browser = Browser()
    status, where, _ = came_in(browser, url)
    assert (status, urlsplit(where).path) == (200, "/")
    session = session_of(store, browser.cookie(COOKIE))
    assert session is not None
    assert (session.person.name, session.person.role) == ("li", Role.LEAD)


def test_the_providers_word_is_used_once(company: tuple[str, Store]) -> None:
    url, _ = company
    browser = Browser()
    came_in(browser, url)
    assert browser.cookie("_streamlit_user") is None
    browser.get(f"{url}/callqa/sign-out")
    assert "/callqa/sign-in" in browser.get(f"{url}/")[1]


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "99", "email": "eve@corp.example"},
        {"sub": "98", "email": "li@corp.example", "email_verified": False},
    ],
)
def test_who_has_no_account_stays_outside(
    company: tuple[str, Store], provider: Provider, monkeypatch: pytest.MonkeyPatch, claims: dict[str, Any]
) -> None:
    url, _ = company
    monkeypatch.setattr(provider, "claims", claims)
    browser = Browser()
    status, _, page = came_in(browser, url)
    assert status == 403
    assert "没有对应的账号" in page
    assert browser.cookie(COOKIE) is None


def test_a_closed_account_stays_outside(company: tuple[str, Store], provider: Provider) -> None:
    url, store = company
    set_disabled(store, "li", True, by="test")
    try:
        assert came_in(Browser(), url)[0] == 403
    finally:
        set_disabled(store, "li", False, by="test")


def test_a_forged_cookie_of_the_provider_opens_nothing(company: tuple[str, Store]) -> None:
    url, _ = company
    forged = {"Cookie": "_streamlit_user=eyJlbWFpbCI6Imxp.x.y"}
    request = urllib.request.Request(f"{url}/callqa/sign-in", headers=forged)
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert "callqa_session" not in str(answer.headers)
