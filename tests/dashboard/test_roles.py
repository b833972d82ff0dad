"""Every page, route and command, tried as every role, against a table of what is allowed.

The table is written out here once more on purpose: it is what a company's data protection officer reads,
and a change of permissions has to be made in both places.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner

from callqa.cli import app
from callqa.cli_access import NotAllowed, check, permission_for
from callqa.dashboard import who
from callqa.dashboard.access import Grant, sign
from callqa.dashboard.claim_routes import claim_url
from callqa.dashboard.gate import Gate
from callqa.dashboard.routes import make_routes, sound_url
from callqa.dashboard.sign_in import make_sign_in_routes
from callqa.dashboard.sound import SoundCache
from callqa.privacy.accounts import add_account, set_disabled
from callqa.privacy.audit import entries
from callqa.privacy.roles import Permission, Role
from callqa.privacy.sessions import make_token, session_of, sign_in_with_identity
from callqa.store.call import get_call
from callqa.store.calls import list_calls
from callqa.store.database import Store
from callqa.tests.dashboard.sample_store import Filled

KEY = b"k" * 32
ROLES = ("agent", "reviewer", "compliance", "lead", "admin", "auditor")
PAGES = {
    "overview": "reviewer compliance lead admin auditor",
    "calls": "agent reviewer compliance lead admin auditor",
    "review": "agent reviewer compliance lead admin auditor",
    "search": "agent reviewer compliance lead admin auditor",
    "agents": "reviewer compliance lead admin auditor",
    "teams": "reviewer compliance lead admin auditor",
    "rules": "reviewer compliance lead admin auditor",
    "editor": "compliance admin",
    "history": "reviewer compliance lead admin auditor",
    "quality": "reviewer compliance lead admin",
    "appeals": "agent reviewer compliance lead admin auditor",
    "digest": "compliance lead admin",
    "causes": "compliance lead admin",
    "listening": "compliance lead admin",
    "cases": "compliance lead admin",
    "batch": "reviewer compliance lead admin auditor",
    "users": "admin",
    "audit": "admin auditor",
}
ACTIONS = {
    "sound.hear": "agent reviewer compliance lead admin",
    "original.see": "compliance admin",
    "verdict.give": "reviewer compliance lead admin",
    "transcript.correct": "reviewer compliance lead admin",
    "appeal.file": "agent",
    "appeal.decide": "lead admin",
    "quality.manage": "lead admin",
    "rules.edit": "compliance admin",
    "rules.publish": "compliance admin",
    "voice.curate": "lead admin",
    "cases.work": "lead admin",
    "batch.operate": "admin",
    "export": "compliance lead admin",
    "erase": "admin",
}
EVERYBODY = " ".join(ROLES)
COMMANDS = {
    "run": "admin", "ingest": "admin", "worker": "admin", "watch": "admin", "retranscribe": "admin",
    "status": "admin", "retry": "admin", "backup": "admin", "restore": "admin", "dashboard": "admin",
    "db": "admin", "notify": "admin", "capacity": "admin",
    "search": EVERYBODY,
    "export": "compliance lead admin",
    "inspect": "compliance admin",
    "digest": "compliance lead admin",
    "report": "compliance lead admin",
    "cases": "lead admin",
    "redact": "agent reviewer compliance lead admin",
    "purge": "admin",
    "users": "admin",
    "audit": "admin auditor",
    "rules publish": "compliance admin", "rules rollback": "compliance admin",
    "rules import": "compliance admin",
    "rules list": EVERYBODY, "rules lint": EVERYBODY, "rules test": EVERYBODY, "rules explain": EVERYBODY,
    "rules": "reviewer compliance lead admin auditor",
    "models": EVERYBODY, "evaluate": EVERYBODY,
}  # fmt: skip
ROUTES = {
    "/callqa/sign-in": "anybody",
    "/callqa/sign-out": "signed in",
    "/callqa/sound/{recording_id:int}.wav": "sound.hear, calls in scope",
    "/callqa/claim/{recording_id:int}": "verdict.give, own claims",
    "/callqa/assets/{version}/{name:path}": "signed in",
}


@pytest.fixture
def accounts(filled: Filled) -> dict[str, str]:
    """An account of every role, and the secret of a session of each."""
    store = filled.store
    mine = get_call(store, filled.calls[0]).row.agent
    add_account(store, "admin", Role.ADMIN, by="test", oidc="admin@corp.example")
    for role in ROLES:
        if role != "admin":
            agent = mine if role == "agent" else None
            add_account(store, role, Role(role), by="test", oidc=f"{role}@corp.example", agent=agent)
    return {role: sign_in_with_identity(store, {"email": f"{role}@corp.example"}) for role in ROLES}


@pytest.fixture
def client(filled: Filled, tmp_path: Path) -> Iterator[TestClient]:
    store = filled.store
    routes = [*make_sign_in_routes(store), *make_routes(store, KEY, SoundCache(tmp_path / "cache"))]
    site = Starlette(routes=routes, middleware=[Middleware(Gate, store=store)])
    with TestClient(
        site, client=("127.0.0.1", 5000), base_url="http://127.0.0.1", follow_redirects=False
    ) as c:
        yield c


def address(store: Store, call: int, secret: str, *, original: bool = False) -> str:
    session = session_of(store, secret)
    return "/" + sound_url(call, sign(KEY, Grant(call, session.key if session else "", 2**33, original)))


def as_role(client: TestClient, accounts: dict[str, str], role: str | None) -> TestClient:
    client.cookies.clear()
    if role:
        client.cookies.set(who.COOKIE, accounts[role])
    return client


# pages


def pages_of(monkeypatch: pytest.MonkeyPatch, secret: str) -> list[str]:
    monkeypatch.setattr(who, "session_secret", lambda: secret)
    script = "import streamlit as st\nfrom callqa.dashboard.shell import open_pages\n"
    at = AppTest.from_string(
        script + "st.session_state.found = [p.name for p in open_pages()]", default_timeout=30
    )
    at.run()
    assert not at.exception
    found: list[str] = at.session_state.found
    return found


@pytest.mark.parametrize("role", ROLES)
def test_pages_in_the_navigation(
    filled: Filled, accounts: dict[str, str], monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    from callqa.dashboard.shell import PAGES as ALL

    found = pages_of(monkeypatch, accounts[role])
    assert found == [page.name for page in ALL if role in PAGES.get(page.name, "").split()]


def test_every_page_is_in_the_table() -> None:
    from callqa.dashboard.shell import PAGES as ALL

    assert {page.name for page in ALL} == set(PAGES)


@pytest.mark.parametrize("role", ROLES)
def test_the_app_opens_for_every_role(
    filled: Filled, accounts: dict[str, str], monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    monkeypatch.setattr(who, "session_secret", lambda: accounts[role])
    at = AppTest.from_file("../../dashboard/app.py", default_timeout=60).run()
    assert not at.exception
    assert not at.error


@pytest.mark.parametrize("secret", [None, "", "x" * 43])
def test_without_a_live_sign_in_a_page_shows_nothing(
    filled: Filled, accounts: dict[str, str], monkeypatch: pytest.MonkeyPatch, secret: str | None
) -> None:
    monkeypatch.setattr(who, "session_secret", lambda: secret)
    at = AppTest.from_file("../../dashboard/app.py", default_timeout=60).run()
    assert not at.exception
    assert [s.value for s in at.subheader] == ["登录"]
    assert not at.get("bidi_component")
    assert not at.metric


@pytest.mark.parametrize("action", ACTIONS)
def test_what_each_role_may_do(action: str) -> None:
    from callqa.privacy.roles import PERMISSIONS

    may = [role for role in ROLES if Permission(action) in PERMISSIONS[Role(role)]]
    assert may == [role for role in ROLES if role in ACTIONS[action].split()]


# queries


def test_an_agent_sees_the_own_calls_only(
    filled: Filled, accounts: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    session = session_of(filled.store, accounts["agent"])
    assert session is not None
    limited = filled.store.within(session.person.scope)
    assert {row.agent for row in list_calls(limited).rows} == {session.person.agent}
    assert 0 < list_calls(limited).total < list_calls(filled.store).total


def test_a_page_is_limited_to_the_persons_calls(
    filled: Filled, accounts: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    script = "import streamlit as st\nfrom callqa.dashboard import session\n"
    script += "from callqa.store.calls import list_calls\n"
    script += "st.session_state.found = list_calls(session.store()).total, session.facets()['agent']"
    totals = {}
    for role in ("agent", "admin"):
        monkeypatch.setattr(who, "session_secret", lambda role=role: accounts[role])
        at = AppTest.from_string(script, default_timeout=30).run()
        assert not at.exception
        totals[role] = at.session_state.found
    assert totals["agent"][0] < totals["admin"][0]
    assert len(totals["agent"][1]) == 1 < len(totals["admin"][1])


# routes


def test_every_route_is_in_the_table(client: TestClient) -> None:
    found = {route.path for route in client.app.routes if isinstance(route, Route)}  # type: ignore[attr-defined]
    pages = {"/", *(f"/{name}" for name in PAGES)}
    assert found - pages - set(ROUTES) == set()


@pytest.mark.parametrize("path", ["/", "/calls", "/review?call=1", "/users", "/no-such-page", "/auth/logout"])
def test_nobody_reaches_a_page_without_signing_in(
    client: TestClient, accounts: dict[str, str], path: str
) -> None:
    answer = as_role(client, accounts, None).get(path, headers={"accept": "text/html"})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/callqa/sign-in?")


@pytest.mark.parametrize(
    "path",
    ["/_stcore/stream", "/_stcore/host-config", "/_stcore/upload_file/x", "/_stcore/metrics", "/media/x",
     "/component/x", "/callqa/assets/x/review.js", "/callqa/sound/1.wav"],
)  # fmt: skip
def test_nothing_beside_the_pages_is_answered_without_signing_in(
    client: TestClient, accounts: dict[str, str], path: str
) -> None:
    assert as_role(client, accounts, None).get(path).status_code == 403


def test_the_pages_own_connection_is_refused_without_signing_in(
    client: TestClient, accounts: dict[str, str]
) -> None:
    from starlette.websockets import WebSocketDisconnect

    with (
        pytest.raises(WebSocketDisconnect),
        as_role(client, accounts, None).websocket_connect("/_stcore/stream"),
    ):
        pass


@pytest.mark.parametrize("role", ROLES)
def test_who_hears_a_call(client: TestClient, filled: Filled, accounts: dict[str, str], role: str) -> None:
    url = address(filled.store, filled.calls[0], accounts[role])
    answer = as_role(client, accounts, role).get(url, headers={"range": "bytes=0-99"})
    allowed = role in ACTIONS["sound.hear"].split()
    assert answer.status_code == (206 if allowed else 403)
    assert "no-store" in answer.headers["cache-control"] if allowed else True


@pytest.mark.parametrize("role", ROLES)
def test_who_hears_the_original(
    client: TestClient, filled: Filled, accounts: dict[str, str], role: str
) -> None:
    url = address(filled.store, filled.calls[0], accounts[role], original=True)
    answer = as_role(client, accounts, role).get(url)
    allowed = role in ACTIONS["original.see"].split()
    assert answer.status_code == (200 if allowed else 403)
    looks = [e for e in entries(filled.store) if e.action == "original"]
    assert [(e.who, e.subject) for e in looks] == ([(role, f"call {filled.calls[0]}")] if allowed else [])


def test_the_sound_of_a_call_out_of_reach_is_not_found(
    client: TestClient, filled: Filled, accounts: dict[str, str]
) -> None:
    other = next(
        c
        for c in filled.calls
        if get_call(filled.store, c).row.agent != get_call(filled.store, filled.calls[0]).row.agent
    )
    url = address(filled.store, other, accounts["agent"])
    assert as_role(client, accounts, "agent").get(url).status_code == 404


def test_an_address_of_another_persons_sign_in_is_refused(
    client: TestClient, filled: Filled, accounts: dict[str, str]
) -> None:
    url = address(filled.store, filled.calls[0], accounts["admin"])
    assert as_role(client, accounts, "reviewer").get(url).status_code == 403


def test_a_closed_account_loses_the_sound_at_once(
    client: TestClient, filled: Filled, accounts: dict[str, str]
) -> None:
    url = address(filled.store, filled.calls[0], accounts["reviewer"])
    assert as_role(client, accounts, "reviewer").get(url).status_code == 200
    set_disabled(filled.store, "reviewer", True, by="test")
    assert client.get(url).status_code == 403


def test_a_claim_is_renewed_by_its_owner_only(
    client: TestClient, filled: Filled, accounts: dict[str, str]
) -> None:
    url = "/" + claim_url(KEY, filled.calls[0], "reviewer", "page")
    assert as_role(client, accounts, "lead").post(url).status_code == 403
    assert as_role(client, accounts, "reviewer").post(url).status_code == 200
    assert as_role(client, accounts, None).post(url).status_code == 403


def test_what_was_said_is_replaced_in_the_sound(
    client: TestClient, filled: Filled, accounts: dict[str, str]
) -> None:
    call = filled.calls[0]
    hidden = (
        as_role(client, accounts, "compliance")
        .get(address(filled.store, call, accounts["compliance"]))
        .content
    )
    whole = client.get(address(filled.store, call, accounts["compliance"], original=True)).content
    assert len(hidden) == len(whole)
    assert hidden != whole


# commands


def commands(group: Any = None, above: tuple[str, ...] = ()) -> Iterator[str]:
    group = group or typer.main.get_command(app)
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*above, name))
        else:
            yield " ".join((*above, name))


def allowed_roles(command: str) -> list[str]:
    words = command.split()
    names = (" ".join(words[:n]) for n in range(len(words), 0, -1))
    found = next((COMMANDS[name] for name in names if name in COMMANDS), None)
    assert found is not None, f"{command} needs a line in the table above"
    return [role for role in ROLES if role in found.split()]


@pytest.fixture
def tokens(filled: Filled, accounts: dict[str, str]) -> dict[str, str]:
    return {role: make_token(filled.store, role, 1, "", by="test") for role in ROLES}


@pytest.mark.parametrize("role", ROLES)
def test_every_command_as_every_role(
    filled: Filled, tokens: dict[str, str], monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    monkeypatch.setenv("CALLQA_TOKEN", tokens[role])
    ran = []
    for command in commands():
        try:
            check(command, filled.store)
        except NotAllowed:
            continue
        ran.append(command)
    assert ran == [c for c in commands() if role in allowed_roles(c)]


def test_a_command_nobody_thought_of_needs_an_administrator() -> None:
    assert permission_for("something new") is Permission.USERS_MANAGE


def test_a_refusal_says_why_and_is_recorded(
    filled: Filled, tokens: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CALLQA_TOKEN", tokens["reviewer"])
    out = tmp_path / "all.jsonl"
    done = CliRunner().invoke(app, ["export", "calls", "--out", str(out)])
    assert done.exit_code == 1
    assert "may not run callqa export: it needs export" in done.output
    assert not out.exists()
    assert list(entries(filled.store))[-1].action == "refused"


def test_a_command_shows_the_accounts_calls_only_and_no_originals(
    filled: Filled, tokens: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    add_account(filled.store, "limited", Role.COMPLIANCE, by="t", oidc="l@corp.example", teams=["一组"])
    monkeypatch.setenv("CALLQA_TOKEN", make_token(filled.store, "limited", 1, "", by="t"))
    out = tmp_path / "calls.jsonl"
    assert CliRunner().invoke(app, ["export", "calls", "--out", str(out)]).exit_code == 0
    text = out.read_text("utf-8")
    assert len(text.splitlines()) == list_calls(filled.store.within(_scope("一组"))).total > 0
    assert "幺二三四五六七八" not in text
    assert CliRunner().invoke(app, ["status"]).exit_code == 1


def _scope(team: str) -> Any:
    from callqa.store.scope import Scope

    return Scope(teams=(team,))


@pytest.mark.parametrize("token", ["x" * 43, "' OR 1=1"])
def test_a_token_that_does_not_hold_opens_nothing(
    filled: Filled, tokens: dict[str, str], monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    monkeypatch.setenv("CALLQA_TOKEN", token)
    done = CliRunner().invoke(app, ["search", "您好"])
    assert done.exit_code == 1
    assert "does not hold" in done.output


def test_the_operator_may_be_asked_for_a_token_too(
    filled: Filled, tokens: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CALLQA_TOKEN", raising=False)
    run: Callable[[], int] = lambda: CliRunner().invoke(app, ["search", "您好"]).exit_code  # noqa: E731
    assert run() == 0
    monkeypatch.setenv("CALLQA_REQUIRE_TOKEN", "1")
    assert run() == 1
