"""What the browser fetches beside the page itself: sound, behind a check, and our own scripts."""

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import streamlit
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from ..store.database import Store
from .claim_routes import make_claim_routes
from .sound import SoundCache
from .sound_route import SoundRoute
from .texts import texts_in
from .theme import PAGE_CSS

PREFIX = "callqa"
PAGES = (
    "/", "/calls", "/review", "/search", "/agents", "/teams", "/rules", "/editor", "/history", "/batch",
    "/users", "/audit", "/quality", "/appeals", "/digest", "/causes", "/cases", "/listening",
)  # fmt: skip
_HERE = Path(__file__).parent
_SAFE = {"X-Content-Type-Options": "nosniff"}


def sound_url(recording_id: int, query: str) -> str:
    return f"{PREFIX}/sound/{recording_id}.wav?{query}"


def asset_url(name: str) -> str:
    """Address of one of our scripts; it changes with the content, so that it may be kept for ever."""
    return f"{PREFIX}/assets/{assets_version()}/{name}"


def make_routes(store: Store, secret: bytes, cache: SoundCache) -> list[Route]:
    """Routes to mount beside Streamlit's own."""
    sound = SoundRoute(store, secret, cache)

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
        Route(f"/{PREFIX}/sound/{{recording_id:int}}.wav", sound.answer, methods=["GET"]),
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
