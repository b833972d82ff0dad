import json

import pytest

from callqa.inspect.engine import inspect_call
from callqa.inspect.rulebook import Rulebook
from callqa.inspect.testing import transcript_of_turns


def rulebook_of(detection, **rule):
    """A rulebook of one rule from plain data."""
    data = {"title": "t", "name": "r", "version": 1, "status": "test", "level": "low", **rule}
    lists = data.pop("lists", {})
    source = {"format": 1, "lists": lists, "rules": {"a.r": {**data, "detection": detection}}}
    return Rulebook.from_bytes(json.dumps(source).encode())


@pytest.fixture
def flagged():
    """Inspect turns ("agent: …" texts or mappings) by a detection and give the quotes flagged."""

    def run(detection, *turns, metadata=None, **rule):
        inspection = inspect(detection, *turns, metadata=metadata, **rule)
        return [f.quote for f in inspection.flags]

    return run


def inspect(detection, *turns, metadata=None, **rule):
    parsed = [dict([t.split(": ", 1)]) if isinstance(t, str) else t for t in turns]
    return inspect_call(transcript_of_turns(parsed), rulebook_of(detection, **rule), metadata or {})


@pytest.fixture
def inspected():
    return inspect
