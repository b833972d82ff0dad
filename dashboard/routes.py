"""What the browser fetches beside the page itself: sound, behind a check, and our own scripts."""

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import streamlit
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from ..errors import UsageError
from ..privacy.roles import Permission
from ..privacy.sessions import Session
from ..store.call import get_call
from ..store.database import Store
from .access import Grant, allowed
from .claim_routes import make_claim_routes
from .gate import session_in
from .sound import SoundCache
from .texts import texts_in
from .theme import PAGE_CSS

PREFIX = "callqa"
PAGES = ("/", "/calls", "/review", "/agents", "/teams", "/rules", "/batch")
_HERE = Path(__file__).parent
_SAFE = {"X-Content-Type-Options": "nosniff"}


def sound_url(recording_id: int, query: str) -> str:
    return f"{PREFIX}/sound/{recording_id}.wav?{query}"


def asset_url(name: str) -> str:
    """Address of one of our scripts; it changes with the content, so that it may be kept for ever."""
    return f"{PREFIX}/assets/{assets_version()}/{name}"


def make_routes(store: Store, secret: bytes, cache: SoundCache) -> list[Route]:
    """Routes to mount beside Streamlit's own."""

    def sound(request: Request) -> Response:
        recording_id = int(request.path_params["recording_id"])
        session = session_in(request.scope)
        if not _may_hear(request, secret, recording_id, session):
            return PlainTextResponse("not allowed", 403, headers=_SAFE)
        try:
            row = get_call(store.within(session.person.scope) if session else store, recording_id).row
        except UsageError:
            return PlainTextResponse("no such recording", 404, headers=_SAFE)
        path = cache.playable(store, row)
        if path is None:
            return PlainTextResponse("the sound is gone", 404, headers=_SAFE)
        headers = {**_SAFE, "Cache-Control": "private, max-age=3600"}
        return FileResponse(path, media_type="audio/wav", headers=headers)

    def asset(request: Request) -> Response:
        path = asset_files().get(request.path_params["name"])
        if path is None or request.path_params["version"] != assets_version():
            return PlainTextResponse("no such file", 404, headers=_SAFE)
        headers = {**_SAFE, "Cache-Control": "public, max-age=31536000, immutable"}
        return FileResponse(path, media_type="text/javascript", headers=headers)

    def index(_: Request) -> Response:
        return HTMLResponse(index_page(), headers={**_SAFE, "Cache-Control": "no-cache"})

    return [
        *make_claim_routes(store, secret),
        *(Route(path, index, methods=["GET"]) for path in PAGES),
        Route(f"/{PREFIX}/sound/{{recording_id:int}}.wav", sound, methods=["GET"]),
        Route(f"/{PREFIX}/assets/{{version}}/{{name:path}}", asset, methods=["GET"]),
    ]


@cache
def asset_files() -> Mapping[str, Path]:
    """Every script that may be fetched, by its name in the address; nothing else can be."""
    own = {path.name: path for path in (_HERE / "assets").glob("*.js")}
    vendor = _HERE / "vendor"
    return own | {path.relative_to(vendor).as_posix(): path for path in vendor.rglob("*.js")}


@cache
def index_page() -> str:
    """Streamlit's own page, in Chinese, with our margins from the start, and told where its server is.

    Left alone it tries every folder of the address first, which fills the console with errors.
    """
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    told = '<script>window.__streamlit = { BACKEND_BASE_URL: location.origin + "/" }</script>'
    return (
        page.replace('<html lang="en">', '<html lang="zh">', 1)
        .replace("<title>Streamlit</title>", f"<title>{texts_in('zh')('app.name')}</title>", 1)
        .replace("<head>", f"<head>{told}<style>{PAGE_CSS}</style>", 1)
    )


@cache
def assets_version() -> str:
    digest = hashlib.sha256()
    for name, path in sorted(asset_files().items()):
        digest.update(name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def _may_hear(request: Request, secret: bytes, recording_id: int, session: Session | None) -> bool:
    """Whether the address was made for this call and, with accounts, for the sign-in that asks."""
    query = request.query_params
    if session and not (session.person.may(Permission.SOUND_HEAR) and query.get("s") == session.key):
        return False
    expires = query.get("e", "")
    if not (expires.isascii() and expires.isdigit() and len(expires) < 13):
        return False
    grant = Grant(recording_id, query.get("s", ""), int(expires))
    return allowed(secret, grant, query.get("t", ""))
