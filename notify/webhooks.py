"""Sends one announcement to one address."""

import json
import time
import urllib.error
import urllib.request
from email.message import Message
from http.client import HTTPException
from typing import IO, Any

from ..store.announcements import Waiting
from .config import Webhook
from .signing import sign

TIMEOUT = 10.0
"""Seconds."""


class NotDelivered(Exception):
    """The receiver did not take it; ``final`` when it never will (410 Gone)."""

    def __init__(self, reason: str, *, final: bool = False) -> None:
        self.final = final
        super().__init__(reason)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A signed request goes where it was meant to go, nowhere else."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> None:
        return None


# No proxy of the environment either: what leaves is decided in one place.
_OPENER = urllib.request.build_opener(_NoRedirects, urllib.request.ProxyHandler({}))


def post(endpoint: Webhook, waiting: Waiting) -> None:
    """POST it as JSON, signed anew at every try; raises NotDelivered."""
    content = {"id": waiting.event, "created_at": waiting.created_at.isoformat(), **waiting.payload}
    body = json.dumps(content, ensure_ascii=False).encode()
    headers = sign(endpoint.secret(), waiting.event, int(time.time()), body)
    headers |= {"content-type": "application/json; charset=utf-8", "user-agent": "callqa"}
    request = urllib.request.Request(endpoint.url, data=body, headers=headers, method="POST")
    try:
        with _OPENER.open(request, timeout=TIMEOUT) as answer:
            _check(answer.status, answer.headers)
    except urllib.error.HTTPError as error:
        _check(error.code, error.headers)
    except (OSError, HTTPException) as error:
        raise NotDelivered(f"cannot be reached: {error}") from error


def _check(status: int, _headers: Message) -> None:
    if not 200 <= status < 300:
        raise NotDelivered(f"answered {status}", final=status == 410)
