"""Who is told what: the YAML file that ``CALLQA_NOTIFY`` names, checked as a whole.

.. code-block:: yaml

    webhooks:
      - name: crm
        url: https://crm.example/hooks/callqa
        secret_file: crm.key          # or secret_env: CRM_SECRET
        events: [flag, batch, publish, case]
        severity: high                # of flags and overdue cases; this or worse
        businesses: [loans]           # of calls; left out: all
    mail:
      - name: lead
        host: smtp.example
        port: 587
        security: starttls            # or tls, none
        user: callqa
        password_file: smtp.key       # or password_env
        sender: callqa@example.com
        to: [lead@example.com]
        hour: 8                       # when the digest leaves, 0 to 23
        language: zh
        voice: true                   # left out: published digests do not go here
"""

import os
import stat
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

from ..errors import UsageError
from ..inspect.types import Level
from ..store.yaml_files import read_yaml

Kind = Literal["flag", "batch", "publish", "case"]
KINDS: tuple[Kind, ...] = ("flag", "batch", "publish", "case")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Endpoint(_Part):
    name: str = Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")
    events: tuple[Kind, ...] = KINDS
    severity: Level = Level.HIGH
    businesses: tuple[str, ...] = ()


class Webhook(_Endpoint):
    """An address that is sent a signed POST for every event."""

    url: str
    secret_file: Path | None = None
    secret_env: str | None = None

    @field_validator("url")
    @classmethod
    def _is_web(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("write http://… or https://…")
        return value

    def secret(self) -> bytes:
        """The key that signs; raises UsageError when there is none of 16 bytes or more."""
        key = _secret(self.name, self.secret_file, self.secret_env).encode()
        if len(key) < 16:
            raise UsageError(f"notify: the secret of {self.name} has less than 16 characters")
        return key


class Mail(_Endpoint):
    """People who are sent one mail a day with what happened."""

    host: str
    port: int = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password_file: Path | None = None
    password_env: str | None = None
    sender: str
    to: tuple[str, ...] = Field(min_length=1)
    hour: int = Field(default=8, ge=0, le=23)
    """Local time."""
    language: Literal["zh", "en"] = "zh"
    voice: bool = False
    """Whether published digests of the customers' voice go here."""

    @field_validator("sender", "to")
    @classmethod
    def _one_line(cls, value: Any) -> Any:
        if any(c in text for text in ([value] if isinstance(value, str) else value) for c in "\r\n"):
            raise ValueError("an address is one line")
        return value

    def password(self) -> str:
        return _secret(self.name, self.password_file, self.password_env)


class NotifyConfig(_Part):
    """All receivers; their names are unique."""

    webhooks: tuple[Webhook, ...] = ()
    mail: tuple[Mail, ...] = ()

    @property
    def endpoints(self) -> Mapping[str, Webhook | Mail]:
        found: list[Webhook | Mail] = [*self.webhooks, *self.mail]
        return {endpoint.name: endpoint for endpoint in found}


NOBODY = NotifyConfig()


def load_config(path: Path | None) -> NotifyConfig:
    """The receivers that ``path`` names, read again when the file changes; none without a path.

    Raises UsageError with the file's name for what is wrong in it.
    """
    if path is None:
        return NOBODY
    try:
        return _load(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise UsageError(f"notify: {path} cannot be read: {error}") from error


@cache
def _load(path: Path, _changed: int) -> NotifyConfig:
    try:
        config = NotifyConfig.model_validate(read_yaml(path) or {})
    except ValueError as error:  # what pydantic and YAML raise is one
        raise UsageError(f"notify: {path}: {error}") from error
    if len(config.endpoints) < len(config.webhooks) + len(config.mail):
        raise UsageError(f"notify: {path}: two receivers have the same name")
    folder = path.absolute().parent
    for endpoint in config.webhooks:
        if endpoint.secret_file is None and endpoint.secret_env is None:
            raise UsageError(f"notify: {path}: {endpoint.name} needs secret_file or secret_env")
    return config.model_copy(
        update={
            "webhooks": tuple(_beside(folder, e, "secret_file") for e in config.webhooks),
            "mail": tuple(_beside(folder, e, "password_file") for e in config.mail),
        }
    )


def _beside(folder: Path, endpoint: Any, field: str) -> Any:
    named: Path | None = getattr(endpoint, field)
    return endpoint.model_copy(update={field: folder / named}) if named else endpoint


def _secret(name: str, file: Path | None, variable: str | None) -> str:
    if file is not None:
        return private_text(file)
    value = os.environ.get(variable or "")
    if not value:
        raise UsageError(f"notify: {name} has no secret: set {variable or 'secret_file'}")
    return value


def private_text(file: Path) -> str:
    """The content of a file that only its owner may read; raises UsageError for any other."""
    try:
        if stat.S_IMODE(file.stat().st_mode) & 0o077:
            raise UsageError(f"{file} may be read by others: chmod 600 {file}")
        return file.read_text("utf-8").strip()
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error}") from error
