"""Signatures of webhooks after the Standard Webhooks specification (standardwebhooks.com, version 1).

Signed is ``id.timestamp.body`` with HMAC-SHA256; the headers are ``webhook-id``, ``webhook-timestamp``
(Unix seconds) and ``webhook-signature`` (``v1,`` and the base64 of it). ``verify`` is what a receiver
written in Python can take over as it is: it needs only the standard library.
"""

import base64
import hashlib
import hmac
import time
from collections.abc import Callable, Mapping

TOLERANCE = 300.0
"""Seconds by which clocks may differ, and after which a request is a replay."""


class Forged(ValueError):
    """The request was not signed with the secret, is too old, or was seen before."""


def sign(secret: bytes, event: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers that prove where ``body`` comes from."""
    signature = base64.b64encode(_digest(secret, event, str(timestamp), body)).decode()
    return {
        "webhook-id": event,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{signature}",
    }


def verify(
    secret: bytes,
    headers: Mapping[str, str],
    body: bytes,
    *,
    first_time: Callable[[str], bool],
    now: float | None = None,
) -> str:
    """The event's id; raises Forged.

    ``first_time(id)`` remembers an id and tells whether it is new: keep ids for 2 * TOLERANCE at least.
    An id that was taken in but answered with an error comes again and may be forgotten until then.
    """
    given = {name.lower(): value for name, value in headers.items()}
    event, moment = given.get("webhook-id", ""), given.get("webhook-timestamp", "")
    if not (moment.isascii() and moment.isdigit() and len(moment) < 13):
        raise Forged("no timestamp")
    wanted = _digest(secret, event, moment, body)
    signatures = [part.partition(",") for part in given.get("webhook-signature", "").split()]
    if not any(version == "v1" and _same(wanted, text) for version, _, text in signatures):
        raise Forged("the signature is not right")
    if abs((time.time() if now is None else now) - int(moment)) > TOLERANCE:
        raise Forged("too old, or from the future")
    if not first_time(event):
        raise Forged("seen before")
    return event


def _digest(secret: bytes, event: str, moment: str, body: bytes) -> bytes:
    return hmac.new(secret, f"{event}.{moment}.".encode() + body, hashlib.sha256).digest()


def _same(wanted: bytes, text: str) -> bool:
    try:
        return hmac.compare_digest(wanted, base64.b64decode(text, validate=True))
    except ValueError:
        return False
