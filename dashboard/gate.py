"""The door: every request, pages and sound and the page's own connection, passes here first.

Without accounts only this machine is answered. With accounts nothing is, without a live sign-in, but the
sign-in itself.
"""

import asyncio
import ipaddress
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..privacy.accounts import has_accounts
from ..privacy.sessions import Session, session_of
from ..store.database import Store
from .page_login import SIGN_IN, local_only_page
from .texts import LANGUAGES, texts_in
from .who import COOKIE

OPEN = (SIGN_IN, "/auth/login", "/oauth2callback", "/_stcore/health")
"""What is answered without a sign-in; each refuses by itself what it must."""
PROGRAM = "/static/"
"""Streamlit's own scripts and fonts, which anybody can download elsewhere: a page whose sign-in has ended
needs them to say so.
"""
_HEADERS = {
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    # Streamlit's charts compile code, so scripts cannot be held tighter; but nothing can be sent away.
    "content-security-policy": "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; "
    "connect-src 'self' ws: wss: data: blob:; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'none'",
}


class Gate:
    """ASGI middleware. Whom it lets in it notes under ``state.callqa_session`` of the request."""

    def __init__(self, app: ASGIApp, store: Store) -> None:
        self.app = app
        self.store = store
        self._accounts = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        answer = await asyncio.to_thread(self._answer, scope)
        if answer is None:
            await self.app(scope, receive, _with_headers(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await answer(scope, receive, _with_headers(send))

    def _answer(self, scope: Scope) -> Response | None:
        """What is said instead of letting the request in; None lets it in."""
        headers = Headers(scope=scope)
        self._accounts = self._accounts or has_accounts(self.store)
        if not self._accounts:
            return (
                None if is_local(scope, headers) or scope["path"] == "/_stcore/health" else _local_only(scope)
            )
        session = session_of(self.store, secret_in(headers))
        scope.setdefault("state", {})["callqa_session"] = session
        if session or scope["path"] in OPEN or scope["path"].startswith(PROGRAM):
            return None
        return _sign_in_first(scope, headers)


def session_in(scope: Mapping[str, Any]) -> Session | None:
    """The sign-in that the gate found; None where there are no accounts."""
    found: Session | None = (scope.get("state") or {}).get("callqa_session")
    return found


def secret_in(headers: Headers) -> str | None:
    """The session's secret among the cookies."""
    try:
        cookies = SimpleCookie(headers.get("cookie", ""))
    except CookieError:
        return None
    return cookies[COOKIE].value if COOKIE in cookies else None


def is_local(scope: Mapping[str, Any], headers: Headers) -> bool:
    """Whether a request comes from this machine, under a name of this machine, past no proxy.

    The name matters: a page of the internet may have its own name point here.
    """
    client = (scope.get("client") or ("", 0))[0]
    proxied = any(name in headers for name in ("forwarded", "x-forwarded-for", "x-real-ip"))
    host = headers.get("host", "").strip()
    name = host[1 : host.find("]")] if host.startswith("[") else host.rsplit(":", 1)[0]
    return not proxied and _loopback(client) and (name == "localhost" or _loopback(name))


def _loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _local_only(scope: Scope) -> Response:
    return HTMLResponse(local_only_page(texts_in(language_of(scope))), 403)


def _sign_in_first(scope: Scope, headers: Headers) -> Response:
    if "text/html" not in headers.get("accept", "") or scope["path"].startswith(("/callqa/", "/_stcore/")):
        return PlainTextResponse("sign in first", 403)
    query = scope["query_string"].decode("latin-1")
    wanted = quote(scope["path"] + (f"?{query}" if query else ""), safe="")
    return RedirectResponse(f"{SIGN_IN}?lang={language_of(scope)}&next={wanted}", 303)


def language_of(scope: Scope) -> str:
    query = scope["query_string"].decode("latin-1")
    return next((one for one in LANGUAGES if f"lang={one}" in query.split("&")), LANGUAGES[0])


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = {name.lower() for name, _ in message["headers"]}
            more = [(k.encode(), v.encode()) for k, v in _HEADERS.items() if k.encode() not in given]
            message = {**message, "headers": [*message["headers"], *more]}
        await send(message)

    return sending
