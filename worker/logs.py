"""Logs for machines: one JSON object a line, with call, batch, host and worker."""

import json
import logging
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ..settings import Settings
from .identity import host_name

_ABOUT = ("call", "batch", "kind", "event", "status", "name_of_file", "seconds", "flags", "detail")


def set_up_logging(settings: Settings, *, worker: str | None = None) -> None:
    """Send what callqa logs to standard error, as the settings want it."""
    handler = logging.StreamHandler(sys.stderr)
    if settings.log_format == "json":
        handler.setFormatter(JsonFormatter({"host": settings.host_name or host_name(), "worker": worker}))
    else:
        handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    top = logging.getLogger("callqa")
    top.handlers[:] = [handler]
    top.propagate = False
    top.setLevel(logging.INFO if settings.log_format == "json" else logging.WARNING)


class JsonFormatter(logging.Formatter):
    """A record as one line; ``always`` stands in each."""

    def __init__(self, always: Mapping[str, Any]) -> None:
        super().__init__()
        self._always = {name: value for name, value in always.items() if value is not None}

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **self._always,
        }
        if worker := getattr(record, "worker", None):
            line["worker"] = worker
        line |= {n: v for n in _ABOUT if (v := getattr(record, n, None)) is not None}
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)
