"""Results that are in the store already."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from ..store import CallFilter, Store, iter_calls
from ..store.records import call_record
from .heard import Heard, from_record


def stored_calls(store: Store, names: Iterable[str]) -> Iterator[Heard]:
    """The stored calls with words in them whose file is named so (without its suffix)."""
    for name in names:
        for call in iter_calls(store, CallFilter(name=name)):
            stems = {Path(file).stem for file in (call.row.name, *call.names)}
            if call.transcript and stems & {name, f"{name}-mono"}:
                yield replace(from_record(call_record(call)), name=name)
