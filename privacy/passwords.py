"""Passwords: argon2id hashes with the library's defaults (RFC 9106, low memory), and what is too weak."""

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ..errors import UsageError

SHORTEST = 10
LONGEST = 256
_HASHER = PasswordHasher()
_AT_ONCE = threading.Semaphore(2)
"""Each check takes 64 MiB: a flood of sign-ins must not take the machine's memory."""
_NOBODYS = _HASHER.hash("a password that nobody has")


def hash_password(password: str, name: str = "") -> str:
    """The hash to keep; raises UsageError for a password that is too weak to be one."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise UsageError(f"a password has {SHORTEST} to {LONGEST} characters")
    if len(set(password)) < 5 or (name and name.lower() in password.lower()):
        raise UsageError("this password is too easy to guess: it repeats itself or holds the name")
    with _AT_ONCE:
        return _HASHER.hash(password)


def is_right(hashed: str | None, password: str) -> bool:
    """Whether the password is the one hashed. Without a hash it takes as long, and is wrong."""
    with _AT_ONCE:
        try:
            _HASHER.verify(hashed or _NOBODYS, password[: LONGEST + 1])
        except (VerificationError, InvalidHashError):
            return False
    return hashed is not None
