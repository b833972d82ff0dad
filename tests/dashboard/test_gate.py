"""The door: this machine only without accounts, nobody without a sign-in with them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from callqa.dashboard.gate import Gate
from callqa.dashboard.sign_in import make_sign_in_routes
from callqa.dashboard.who import COOKIE
from callqa.privacy.accounts import add_account
from callqa.privacy.audit import entries
from callqa.privacy.passwords import hash_password
from callqa.privacy.roles import Role
from callqa.privacy.sessions import session_of
from callqa.store.database import Store

PASSWORD = "correct horse battery"
HTML = {"accept": "text/html"}


def site(
    store: Store, client: str = "127.0.0.1", host: str = "127.0.0.1:8501", scheme: str = "http"
) -> TestClient:
    async def page(_: Any) -> PlainTextResponse:
        return PlainTextResponse("the page")

    routes = [*make_sign_in_routes(store), Route("/{path:path}", page)]
    app = Starlette(routes=routes, middleware=[Middleware(Gate, store=store)])
    return TestClient(app, client=(client, 4000), base_url=f"{scheme}://{host}", follow_redirects=False)


@pytest.fixture(scope="module")
def hashed() -> str:
    return hash_password(PASSWORD)


@pytest.fixture
def locked(empty_store: Store, hashed: str, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr("callqa.privacy.accounts.hash_password", lambda *_: hashed)
    add_account(empty_store, "li", Role.ADMIN, by="test", password=PASSWORD)
    return empty_store


@pytest.fixture
def door(locked: Store) -> Iterator[TestClient]:
    yield site(locked)


def enter(door: TestClient, password: str = PASSWORD, **more: Any) -> Any:
    form = {"name": "li", "password": password, "next": "/review?call=1", **more.pop("form", {})}
    return door.post("/callqa/sign-in", data=form, **more)


@pytest.mark.parametrize(
    ("client", "host"),
    [
        ("127.0.0.1", "127.0.0.1:8501"),
        ("127.0.0.1", "localhost:8501"),
        ("::1", "[::1]:8501"),
        ("127.8.8.8", "localhost"),
    ],
)
def test_without_accounts_this_machine_is_answered(empty_store: Store, client: str, host: str) -> None:
    assert site(empty_store, client, host).get("/").text == "the page"


@pytest.mark.parametrize(
    ("client", "host", "headers"),
    [
        ("192.168.1.7", "127.0.0.1:8501", {}),
        ("10.0.0.1", "callqa.corp.example", {}),
        ("127.0.0.1", "evil.example:8501", {}),
        ("127.0.0.1", "127.0.0.1.evil.example", {}),
        ("127.0.0.1", "127.0.0.1:8501", {"x-forwarded-for": "127.0.0.1"}),
        ("127.0.0.1", "127.0.0.1:8501", {"forwarded": "for=127.0.0.1"}),
    ],
)
def test_without_accounts_others_are_told_how_to_make_one(
    empty_store: Store, client: str, host: str, headers: dict[str, str]
) -> None:
    answer = site(empty_store, client, host).get("/", headers=headers)
    assert answer.status_code == 403
    assert "callqa users add admin --role admin" in answer.text
    assert "the page" not in answer.text


def test_the_first_account_closes_the_door_at_once(empty_store: Store) -> None:
    door = site(empty_store)
    assert door.get("/", headers=HTML).status_code == 200
    add_account(empty_store, "li", Role.ADMIN, by="test", oidc="li@corp.example")
    assert door.get("/", headers=HTML).status_code == 303


def test_a_right_password_leads_to_where_one_wanted_to_go(door: TestClient, locked: Store) -> None:
    asked = door.get("/review?call=1", headers=HTML)
    assert asked.headers["location"] == "/callqa/sign-in?lang=zh&next=%2Freview%3Fcall%3D1"
    answer = enter(door)
    assert (answer.status_code, answer.headers["location"]) == (303, "/review?call=1")
    assert door.get("/review?call=1", headers=HTML).text == "the page"
    assert [e.action for e in entries(locked)][-1] == "sign_in"


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(door: TestClient) -> None:
    cookie = enter(door).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie


def test_over_https_the_cookie_stays_there(locked: Store) -> None:
    assert "secure" in enter(site(locked, scheme="https")).headers["set-cookie"].lower()


def test_each_sign_in_is_another_session(door: TestClient, locked: Store) -> None:
    first = enter(door).cookies[COOKIE]
    door.cookies.clear()
    door.cookies.set(COOKIE, "chosen-by-somebody-else")
    second = enter(door).cookies[COOKIE]
    assert len({first, second, "chosen-by-somebody-else"}) == 3


def test_a_wrong_password_shows_the_form_again(door: TestClient) -> None:
    answer = enter(door, "wrong password")
    assert answer.status_code == 403
    assert "用户名或密码不对" in answer.text
    assert COOKIE not in answer.cookies


def test_a_lock_is_told_with_the_time_it_lasts(door: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("callqa.privacy.sessions.is_right", lambda *_: False)
    answers = [enter(door, "wrong password", params={"lang": "en"}) for _ in range(6)]
    assert answers[-1].status_code == 429
    assert "try again in 30 seconds" in answers[-1].text


def test_signing_out_ends_it(door: TestClient, locked: Store) -> None:
    secret = enter(door).cookies[COOKIE]
    assert "已退出登录" in door.get("/callqa/sign-out").text
    assert session_of(locked, secret) is None
    assert door.get("/", headers=HTML).status_code == 303


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/callqa/sign-out",
        "/auth/logout",
        "/x\r\nset-cookie: a=b",
        "",
    ],
)
def test_after_signing_in_nobody_is_led_away(door: TestClient, wanted: str) -> None:
    assert enter(door, form={"next": wanted}).headers["location"] == "/"


@pytest.mark.parametrize(
    "headers",
    [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://evil.example"}],
)
def test_a_form_of_another_site_is_refused(door: TestClient, headers: dict[str, str]) -> None:
    assert enter(door, headers=headers).status_code == 403


def test_what_was_wanted_is_shown_as_text(door: TestClient) -> None:
    page = door.get("/callqa/sign-in", params={"next": '/"><script>alert(1)</script>'}).text
    assert "<script>" not in page


def test_the_page_may_not_be_framed_and_sends_nothing_away(door: TestClient) -> None:
    headers = door.get("/callqa/sign-in").headers
    assert headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "default-src 'self'" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"


def test_a_form_that_is_too_big_is_refused(door: TestClient) -> None:
    many = {f"field{n}": "x" for n in range(50)}
    assert enter(door, form=many).status_code in (400, 413)


def test_nothing_of_the_key_files_is_served(door: TestClient, home: Path) -> None:
    enter(door)
    for name in ("secret", "audit.witness", "erasure.key", "callqa.db"):
        assert door.get(f"/callqa/assets/x/../../{name}").text in ("the page", "no such file")
