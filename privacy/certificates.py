"""Certificates of erasure: what was erased, when and by whom, signed, and naming no person."""

import base64
import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ..errors import UsageError
from ..store.customers import ALIAS, Alias
from .vault import KEY_BYTES, load_key


def signing_key(home: Path) -> Ed25519PrivateKey:
    """This installation's key, in ``erasure.key``; made on first use, readable by its owner alone."""
    path = home / "erasure.key"
    home.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return Ed25519PrivateKey.from_private_bytes(load_key(path))
    with os.fdopen(handle, "wb") as file:
        file.write(os.urandom(KEY_BYTES))
    return Ed25519PrivateKey.from_private_bytes(path.read_bytes())


def signed(facts: Mapping[str, Any], key: Ed25519PrivateKey) -> dict[str, Any]:
    """``facts`` with public key and signature."""
    public = base64.b64encode(key.public_key().public_bytes_raw()).decode()
    content = {**facts, "public_key": public}
    return {**content, "signature": base64.b64encode(key.sign(_canonical(content))).decode()}


def check(certificate: Mapping[str, Any], key: Ed25519PrivateKey | None = None) -> None:
    """Raises UsageError when the certificate was altered or, given ``key``, comes from elsewhere."""
    content = {name: value for name, value in certificate.items() if name != "signature"}
    try:
        public = base64.b64decode(str(certificate["public_key"]), validate=True)
        signature = base64.b64decode(str(certificate["signature"]), validate=True)
        Ed25519PublicKey.from_public_bytes(public).verify(signature, _canonical(content))
    except (KeyError, ValueError, InvalidSignature):
        raise UsageError("the certificate was altered, or is none") from None
    if key is not None and public != key.public_key().public_bytes_raw():
        raise UsageError("the certificate was made by another installation")


def pseudonym(value: str, key: Ed25519PrivateKey) -> str:
    """A stand-in for a customer: the same for the same one, and of no use without this key."""
    secret = key.private_bytes_raw()
    return hmac.new(secret, value.encode(), hashlib.sha256).hexdigest()


def alias_with(key: Ed25519PrivateKey) -> Alias:
    """What stands for a customer in the database after the number itself is gone."""
    return lambda value: ALIAS + pseudonym(value, key)[:24]


def _canonical(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
