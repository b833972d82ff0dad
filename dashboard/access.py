"""Who may fetch which sound: signed, expiring addresses. Accounts come on top of this, not instead."""

import hashlib
import hmac
import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

LIFETIME = 12 * 3600
"""Seconds; longer than a shift, so that a page left open over lunch still plays."""
_BYTES = 32


@dataclass(frozen=True, slots=True)
class Grant:
    """Permission for one browser session to hear one recording until ``expires`` (Unix seconds).

    ``original``: with the personal data that is otherwise replaced.
    """

    recording_id: int
    session: str
    expires: int
    original: bool = False


def load_secret(home: Path) -> bytes:
    """The key that signs addresses; made on first use, readable by its owner alone."""
    path = home / "secret"
    home.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _existing(path)
    with os.fdopen(handle, "wb") as file:
        key = secrets.token_bytes(_BYTES)
        file.write(key)
    return key


def sign(secret: bytes, grant: Grant) -> str:
    """Query string that proves the grant."""
    original = "&o=1" if grant.original else ""
    return f"s={grant.session}&e={grant.expires}{original}&t={_signature(secret, grant)}"


def allowed(secret: bytes, grant: Grant, signature: str, now: float | None = None) -> bool:
    """Whether ``signature`` was made here for exactly this grant and it has not expired."""
    genuine = hmac.compare_digest(_signature(secret, grant).encode(), signature.encode())
    return genuine and grant.expires > (time.time() if now is None else now)


def _signature(secret: bytes, grant: Grant) -> str:
    what = "original" if grant.original else "sound"
    message = f"{what}|{grant.recording_id}|{grant.session}|{grant.expires}".encode()
    return hmac.new(secret, message, hashlib.sha256).hexdigest()


def _existing(path: Path) -> bytes:
    path.chmod(0o600)
    for _ in range(50):  # another process may be between creating and writing it
        key = path.read_bytes()
        if len(key) == _BYTES:
            return key
        time.sleep(0.02)
    raise ValueError(f"{path} is no key; delete it and a new one is made")
