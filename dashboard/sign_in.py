"""The routes of signing in and out."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from ..privacy.accounts import has_accounts
from ..privacy.sessions import SignInRefused, end_session, sign_in_with_identity, sign_in_with_password
from ..settings import get_settings
from ..store.database import Store
from . import oidc
from .gate import language_of, secret_in, session_in
from .page_login import SIGN_IN, SIGN_OUT, sign_in_page
from .texts import Texts, texts_in
from .who import COOKIE


def make_sign_in_routes(store: Store) -> list[Route]:
    """Routes of the sign-in page, its form, and the way out."""

    def show(request: Request) -> Response:
        if not has_accounts(store) or session_in(request.scope):
            return RedirectResponse(_inside(request.query_params.get("next")), 303)
        claims = oidc.fresh_claims(request.cookies)
        if claims is not None:
            return _with_identity(store, request, claims)
        return _page(request)

    async def enter(request: Request) -> Response:
        if not _from_here(request):
            return PlainTextResponse("this form was sent from elsewhere", 403)
        form = await request.form(max_files=0, max_fields=5)
        name, password = str(form.get("name", ""))[:60], str(form.get("password", ""))
        return await _in_thread(_with_password, store, request, name, password, _inside(form.get("next")))

    def leave(request: Request) -> Response:
        secret = secret_in(request.headers)
        if secret:
            end_session(store, secret)
        response = _page(request, "login.signed_out")
        response.delete_cookie(COOKIE, path="/")
        oidc.forget(request.cookies, response)
        return response

    return [
        Route(SIGN_IN, show, methods=["GET"]),
        Route(SIGN_IN, enter, methods=["POST"]),
        Route(SIGN_OUT, leave, methods=["GET"]),
    ]


async def _in_thread(function: Any, *args: Any) -> Response:
    from starlette.concurrency import run_in_threadpool

    found: Response = await run_in_threadpool(function, *args)
    return found


def _with_password(store: Store, request: Request, name: str, password: str, wanted: str) -> Response:
    try:
        secret = sign_in_with_password(store, name.strip(), password)
    except SignInRefused as refused:
        return _refused(request, refused, wanted)
    return _welcome(request, secret, wanted)


def _with_identity(store: Store, request: Request, claims: Mapping[str, Any]) -> Response:
    """An identity is used up by signing in once: the provider's cookie would outlive our session."""
    try:
        response = _welcome(request, sign_in_with_identity(store, claims), "/")
    except SignInRefused:
        response = _page(request, "login.unknown_identity", status=403)
    oidc.forget(request.cookies, response)
    return response


def _refused(request: Request, refused: SignInRefused, wanted: str) -> Response:
    texts = _texts(request)
    if refused.wait is None:
        return _page(request, "login.wrong", status=403, wanted=wanted)
    said = texts("login.wait", n=int(refused.wait.total_seconds()) + 1)
    return _page(request, said=said, status=429, wanted=wanted)


def _welcome(request: Request, secret: str, wanted: str) -> Response:
    response = RedirectResponse(wanted, 303)
    secure = request.url.scheme == "https" or request.headers.get("x-forwarded-proto") == "https"
    age = int(get_settings().session_hours * 3600)
    response.set_cookie(COOKIE, secret, max_age=age, path="/", secure=secure, httponly=True, samesite="lax")
    return response


def _page(
    request: Request, key: str = "", *, said: str = "", status: int = 200, wanted: str | None = None
) -> HTMLResponse:
    texts = _texts(request)
    notice = said or (texts(key) if key else "")
    following = wanted or _inside(request.query_params.get("next"))
    links = {texts("login.oidc") + label: link for label, link in oidc.providers().items()}
    page = sign_in_page(texts, next_page=following, notice=notice, oidc=links)
    return HTMLResponse(page, status, headers={"Cache-Control": "no-store"})


def _texts(request: Request) -> Texts:
    return texts_in(language_of(request.scope))


def _inside(wanted: object) -> str:
    """Where to go after signing in: a page of ours, whatever the address says."""
    text = str(wanted or "/")
    ours = text.startswith("/") and not text.startswith(("//", "/\\", "/callqa/", "/auth/"))
    return text if ours and text.isprintable() else "/"


def _from_here(request: Request) -> bool:
    """Whether a form was sent from our own page, so that nobody is signed in as somebody else."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is None or origin.split("://", 1)[-1] == request.headers.get("host")
