"""How long what is kept, by business, and erasure on request: each with a certificate.

The file that ``CALLQA_RETENTION`` names says after how many days, counted from the call's day, what goes:

.. code-block:: yaml

    default: {audio: 180, words: 365, transcripts: 1095, calls: 1825}
    businesses:
      collection: {audio: 1095}      # the rest as above
    delete_recordings: true          # the recorder's files too; else only copies, outlines and where they lay
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import insert

from ..errors import UsageError
from ..store.access_tables import Erasure
from ..store.database import Store
from ..store.erasing import (
    Due,
    compact,
    erase_recordings,
    erase_sound,
    erase_transcripts,
    erase_words,
    find_recordings,
    held,
)
from ..store.index_files import forget_indexed
from ..store.paths import to_path
from ..store.tables import columns_of, now
from ..store.yaml_files import read_yaml
from .audit import Action, record
from .certificates import alias_with, pseudonym, signed, signing_key

_erasure = columns_of(Erasure)
_Days = int | None
_PARTS = ("audio", "transcripts", "words")


class Days(BaseModel):
    """Days after which each goes; None keeps it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    audio: _Days = Field(default=None, ge=0)
    words: _Days = Field(default=None, ge=0)
    transcripts: _Days = Field(default=None, ge=0)
    calls: _Days = Field(default=None, ge=0)


class Policy(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    default: Days = Days()
    businesses: dict[str, Days] = {}
    delete_recordings: bool = False

    def days(self, business: str | None) -> Days:
        """The default, with what the business has of its own."""
        own = self.businesses.get(business or "")
        return self.default.model_copy(update=own.model_dump(exclude_unset=True)) if own else self.default


def load_policy(path: Path | None) -> Policy:
    """Raises UsageError with the file's name for what is wrong in it, or when there is none."""
    if path is None:
        raise UsageError("no retention is set: write the file that CALLQA_RETENTION names (docs/security.md)")
    try:
        return Policy.model_validate(read_yaml(path) or {})
    except (OSError, ValueError) as error:  # what pydantic and YAML raise is a ValueError
        raise UsageError(f"retention: {path}: {error}") from error


@dataclass(frozen=True, slots=True)
class Purged:
    """How many calls lost what; ``held`` were due and are kept by a legal hold."""

    calls: int = 0
    audio: int = 0
    transcripts: int = 0
    words: int = 0
    held: int = 0
    files: tuple[str, ...] = ()
    """Files of recordings that could not be deleted."""
    certificate: Mapping[str, Any] | None = field(default=None, compare=False)


def purge(
    store: Store,
    home: Path,
    policy: Policy,
    *,
    who: str,
    today: date,
    dry_run: bool = False,
    vacuum: bool = True,
) -> Purged:
    """Take out what is older than the policy keeps it. With ``dry_run`` only count what is older."""
    due = {what: _due(store, policy, what, today) for what in ("calls", *_PARTS)}
    stand_in = alias_with(signing_key(home))
    kept = held(store, list({one.id: one for found in due.values() for one in found}.values()), stand_in)
    calls = [one for one in due["calls"] if one.id not in kept]
    aside = kept | {one.id for one in calls}
    parts = {what: [one for one in due[what] if one.id not in aside] for what in _PARTS}
    if dry_run:
        audio, transcripts, words = (len(parts[what]) for what in _PARTS)
        return Purged(len(calls), audio, transcripts, words, len(kept))
    left = _delete_sound([*calls, *parts["audio"]], home, files=policy.delete_recordings)
    done = {
        "audio": erase_sound(store, parts["audio"], forget_files=policy.delete_recordings),
        "transcripts": erase_transcripts(store, parts["transcripts"], stand_in),
        "words": erase_words(store, parts["words"]),
    }
    removed = erase_recordings(store, calls)
    forget_indexed(home, [one.id for one in (*calls, *parts["transcripts"])])
    if not removed and not any(done.values()):
        return Purged(held=len(kept), files=left)
    facts = {"removed": removed, **done, "held": len(kept), "files_left": len(left)}
    certificate = _certify(store, home, "retention", who, calls, facts, vacuum)
    audio, transcripts, words = (done[what] for what in _PARTS)
    return Purged(len(calls), audio, transcripts, words, len(kept), left, certificate)


def erase(
    store: Store,
    home: Path,
    *,
    who: str,
    reason: str,
    customer: str | None = None,
    ids: Sequence[int] | None = None,
    keep_files: bool = False,
    vacuum: bool = True,
) -> Purged:
    """Everything of one customer, or of these calls; raises UsageError for what a legal hold keeps."""
    if (customer is None) == (ids is None):
        raise UsageError("name a customer or calls, not both")
    key = signing_key(home)
    stand_in = alias_with(key)
    names = [customer, stand_in(customer)] if customer is not None else None
    due = find_recordings(store, customers=names, ids=ids)
    if not due:
        raise UsageError("there is nothing to erase: no such call")
    kept = held(store, due, stand_in)
    if kept:
        raise UsageError(f"a legal hold keeps calls {', '.join(map(str, sorted(kept)))}; nothing was erased")
    left = _delete_sound(due, home, files=not keep_files)
    facts: dict[str, Any] = {
        "reason": reason,
        "removed": erase_recordings(store, due),
        "files_left": len(left),
    }
    forget_indexed(home, [one.id for one in due])
    if customer is not None:
        facts["customer"] = pseudonym(customer, key)
    kind = "customer" if customer is not None else "call"
    certificate = _certify(store, home, kind, who, due, facts, vacuum)
    return Purged(calls=len(due), files=left, certificate=certificate)


def _due(store: Store, policy: Policy, what: str, today: date) -> list[Due]:
    found: list[Due] = []
    named = list(policy.businesses)
    for business in (None, *named):
        days = getattr(policy.days(business), what)
        if days is None:
            continue
        before = today - timedelta(days=days)
        if business is None:
            found += find_recordings(store, before=before, other_than=named)
        else:
            found += find_recordings(store, before=before, business=business)
    return found


def _delete_sound(due: Sequence[Due], home: Path, *, files: bool) -> tuple[str, ...]:
    """Cached copies, and the recordings themselves; returns the files that could not be deleted."""
    left = []
    for one in due:
        for copy in (home / "cache" / "sound").glob(f"{one.sha256}*"):
            copy.unlink(missing_ok=True)
        for path in map(to_path, one.paths if files else ()):
            try:
                path.unlink(missing_ok=True)
            except OSError:
                left.append(str(path))
    return tuple(left)


def _certify(
    store: Store,
    home: Path,
    kind: str,
    who: str,
    due: Sequence[Due],
    facts: Mapping[str, Any],
    vacuum: bool,
) -> dict[str, Any]:
    """Clear the freed pages, then write down what was done."""
    if vacuum:
        compact(store)
    content = {
        "callqa": "certificate of erasure",
        "at": now().isoformat(timespec="seconds"),
        "who": who,
        "kind": kind,
        "recordings": sorted(one.sha256 for one in due),
        "database_compacted": vacuum,
        **facts,
    }
    certificate = signed(content, signing_key(home))
    row = {"at": now(), "who": who, "kind": kind, "recordings": len(due), "certificate": certificate}
    with store.write() as connection:
        connection.execute(insert(_erasure).values(row))
        record(connection, who, Action.ERASE, kind, {"recordings": len(due), **_counts(facts)})
    return certificate


def _counts(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {n: value for n, value in facts.items() if isinstance(value, int | str) and n != "customer"}
