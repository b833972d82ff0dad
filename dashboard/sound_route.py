"""The answer to a request for sound: what may be heard of it, whole or in part."""

import hashlib
import re
from collections import OrderedDict
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

from ..errors import UsageError
from ..privacy.audit import Action, record
from ..privacy.roles import Permission
from ..privacy.sessions import Session
from ..privacy.sound import stretches_of
from ..settings import get_settings
from ..store.call import StoredCall, get_call
from ..store.database import Store
from .access import Grant, allowed
from .gate import session_in
from .sound import Hide, SoundCache

_SAFE = {"X-Content-Type-Options": "nosniff"}
_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")
_KEPT = 500
"""Calls whose stretches, and looks at originals, are remembered: files are asked for piece by piece."""


class SoundRoute:
    """Sends recordings: with accounts without personal data, and to who may, when asked for, with it."""

    def __init__(self, store: Store, secret: bytes, cache: SoundCache) -> None:
        self.store, self.secret, self.cache = store, secret, cache
        self._hides: OrderedDict[str, Hide] = OrderedDict()
        self._looks: OrderedDict[tuple[str, int], None] = OrderedDict()

    def answer(self, request: Request) -> Response:
        recording_id = int(request.path_params["recording_id"])
        session = session_in(request.scope)
        grant = self._grant(request, recording_id, session)
        if grant is None:
            return PlainTextResponse("not allowed", 403, headers=_SAFE)
        try:
            call = get_call(self.store.within(session.person.scope) if session else self.store, recording_id)
        except UsageError:
            return PlainTextResponse("no such recording", 404, headers=_SAFE)
        hide = None if session is None or grant.original else self._hide(call)
        path = self.cache.playable(self.store, call.row, hide)
        if path is None:
            return PlainTextResponse("the sound is gone", 404, headers=_SAFE)
        if session and grant.original:
            self._record_look(session, call)
        return self._send(request, path, "private, no-store" if session else "private, max-age=3600")

    def _grant(self, request: Request, recording_id: int, session: Session | None) -> Grant | None:
        """What the address allows: made for this call and, with accounts, for the sign-in that asks."""
        query = request.query_params
        original = query.get("o") == "1"
        if session:
            needed = Permission.ORIGINAL_SEE if original else Permission.SOUND_HEAR
            if not session.person.may(Permission.SOUND_HEAR) or not session.person.may(needed):
                return None
            if query.get("s") != session.key:
                return None
        expires = query.get("e", "")
        if not (expires.isascii() and expires.isdigit() and len(expires) < 13):
            return None
        grant = Grant(recording_id, query.get("s", ""), int(expires), original)
        return grant if allowed(self.secret, grant, query.get("t", "")) else None

    def _hide(self, call: StoredCall) -> Hide:
        """Finding personal data takes longer than sending a piece of sound."""
        utterances = call.transcript.utterances if call.transcript else ()
        settings = get_settings()
        said = "\n".join(f"{u.start} {u.text}" for u in utterances)
        key = hashlib.sha256(f"{settings.redact}|{settings.redact_sound}|{said}".encode()).hexdigest()
        if key not in self._hides:
            self._hides[key] = Hide(stretches_of(utterances), settings.redact_sound)
            if len(self._hides) > _KEPT:
                self._hides.popitem(last=False)
        return self._hides[key]

    def _record_look(self, session: Session, call: StoredCall) -> None:
        key = (session.key, call.row.id)
        if key in self._looks:
            return
        self._looks[key] = None
        if len(self._looks) > _KEPT:
            self._looks.popitem(last=False)
        record(self.store, session.person.name, Action.ORIGINAL, f"call {call.row.id}", {"what": "sound"})

    def _send(self, request: Request, path: Path, caching: str) -> Response:
        headers = {**_SAFE, "Cache-Control": caching}
        if self.cache.key is None:
            return FileResponse(path, media_type="audio/wav", headers=headers)
        found = _RANGE.fullmatch(request.headers.get("range", ""))
        _, size = self.cache.content(path, 0, 0)
        if found is None or not (found[1] or found[2]):
            body, _ = self.cache.content(path)
            return Response(body, media_type="audio/wav", headers={**headers, "Accept-Ranges": "bytes"})
        start = int(found[1]) if found[1] else max(0, size - int(found[2]))
        end = min(int(found[2]) + 1 if found[1] and found[2] else size, size)
        if start >= end:
            return Response(status_code=416, headers={"Content-Range": f"bytes */{size}"})
        body, _ = self.cache.content(path, start, end)
        headers |= {"Content-Range": f"bytes {start}-{end - 1}/{size}", "Accept-Ranges": "bytes"}
        return Response(body, 206, media_type="audio/wav", headers=headers)
