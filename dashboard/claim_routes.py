"""Keeping and giving back a call while its page is open, without drawing the page anew."""

import hashlib
import hmac
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from ..store.claims import holder, release, renew_claim
from ..store.database import Store
from .gate import session_in

_PATH = "callqa/claim"


def claim_url(secret: bytes, recording_id: int, reviewer: str, page: str) -> str:
    """The address under which one page keeps one call for one reviewer."""
    proof = _proof(secret, recording_id, reviewer, page)
    return f"{_PATH}/{recording_id}?{urlencode({'r': reviewer, 's': page, 't': proof})}"


def make_claim_routes(store: Store, secret: bytes) -> list[Route]:
    """POST renews, and with ``end=1`` gives back; the answer says whether the call is still the page's."""

    def claim(request: Request) -> Response:
        recording_id, query = int(request.path_params["recording_id"]), request.query_params
        reviewer, page = query.get("r", ""), query.get("s", "")
        proof = _proof(secret, recording_id, reviewer, page)
        signed_in = session_in(request.scope)
        if not hmac.compare_digest(proof.encode(), query.get("t", "").encode()):
            return PlainTextResponse("not allowed", 403)
        if signed_in and signed_in.person.name != reviewer:
            return PlainTextResponse("not allowed", 403)
        if query.get("end") == "1":
            release(store, recording_id, page)
            return JSONResponse({"mine": False, "by": None})
        mine = renew_claim(store, recording_id, reviewer, page)
        held = None if mine else holder(store, recording_id)
        return JSONResponse({"mine": mine, "by": held.reviewer if held else None})

    return [Route(f"/{_PATH}/{{recording_id:int}}", claim, methods=["POST"])]


def _proof(secret: bytes, recording_id: int, reviewer: str, page: str) -> str:
    message = "\0".join(("claim", str(recording_id), reviewer, page)).encode()
    return hmac.new(secret, message, hashlib.sha256).hexdigest()
