"""The customers' voice of a day: channels, what is new or growing, and clips that let it be heard."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from ..errors import UsageError
from ..inspect.topics import Topics, shipped_topics, topic_of
from ..store.call import get_call
from ..store.database import Store
from ..store.digests import DigestRow, save_digest
from ..store.recordings import present
from ..store.review_lists import lists, save_list
from ..store.terms import customer_lines, day_states
from ..store.topics import calls_of_topic, topic_days
from ..transcribe.types import Role
from .channels import channel_counts, sort_calls
from .clips import Clip, Evidence, choose, clip_around
from .groups import Group, group_rises
from .rising import Rise, rising
from .terms import counts_of

TOP = 10
CANDIDATES = 40
"""Calls of a channel that are looked at for clips."""


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel of a day; ``rise`` is set when it stands out of the weeks before."""

    name: str
    title: str
    title_en: str
    calls: int
    share: float
    expected: float | None
    is_alarm: bool
    clips: tuple[Clip, ...]


@dataclass(frozen=True, slots=True)
class Digest:
    """A day: its calls, its channels by size, and what customers say more often than in the weeks before."""

    day: date
    calls: int
    channels: tuple[Channel, ...]
    rises: tuple[Group, ...]
    compared_days: int
    """Days of the weeks before that have calls."""

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"day": self.day.isoformat()}


def refuse_limited(store: Store) -> None:
    """Raises UsageError for somebody who reaches some calls only.

    There is one digest a day, of all calls. Drawn up from some of them it would be wrong for everybody else,
    and shown to somebody limited it would tell of calls out of reach.
    """
    if store.scope.limits:
        raise UsageError(
            "the digest is about all calls, and your account reaches some of them only; "
            "causes, cases and lists to hear show your own"
        )


def make_digest(store: Store, day: date, topics: Topics | None = None, weeks: int = 4) -> Digest:
    """Draw the digest of ``day`` up; counts of the days before are made once and kept."""
    topics = topics or shipped_topics()
    states = day_states(store, day, day)
    if not states:
        return Digest(day, 0, (), (), 0)
    terms = counts_of(store, day, weeks)
    sort_calls(store, day - timedelta(weeks=weeks), day, topics)
    counts = channel_counts(store, day, weeks)
    risen = {rise.term: rise for rise in rising(counts)} if counts is not None else {}
    expected = _expected(counts) if counts is not None else {}
    found = topic_days(store, day, day).get(day, {})
    channels = [
        _channel(store, day, name, calls, states[0].calls, risen.get(name), expected.get(name), topics)
        for name, calls in sorted(found.items(), key=lambda one: (-one[1], one[0]))
    ]
    groups = group_rises(rising(terms), customer_lines(store, day))[:TOP] if terms is not None else []
    return Digest(
        day, states[0].calls, tuple(channels), tuple(groups), len(terms.calls_before) if terms else 0
    )


def draw_up(store: Store, day: date, topics: Topics | None = None) -> int:
    """Make the digest and keep it as a draft for people to curate; returns its id."""
    refuse_limited(store)
    made = make_digest(store, day, topics)
    clips = [
        {
            "recording_id": clip.recording_id, "channel": channel.name, "rank": rank, "start": clip.start,
            "end": clip.end, "quote": clip.text,
        }
        for channel in made.channels
        for rank, clip in enumerate(channel.clips)
    ]  # fmt: skip
    content = made.to_json()
    for channel in content["channels"]:
        del channel["clips"]
    return save_digest(store, day, content, clips)


def list_of_rise(store: Store, row: DigestRow, place: int, *, by: str) -> int:
    """The calls of the rise at ``place`` (from 0) as a list with a name; made once, then the same.

    Returns its number. Calls that were erased since are left out.
    """
    group = row.content["rises"][place]
    name = f"{row.day} {group['term']}"
    known = next((one.id for one in lists(store) if one.name == name), None)
    if known is not None:
        return known
    there = present(store, group.get("recordings") or group["examples"])
    return save_list(store, name, [(one, 0.0) for one in there], query=group["term"], by=by)


def _expected(counts: Any) -> dict[str, float]:
    total = max(1, int(counts.calls_before.sum()))
    shares = counts.before.sum(axis=0) / total * counts.calls_now
    return {name: round(float(share), 1) for name, share in zip(counts.terms, shares, strict=True)}


def _channel(
    store: Store,
    day: date,
    name: str,
    calls: int,
    total: int,
    rise: Rise | None,
    expected: float | None,
    topics: Topics,
) -> Channel:
    topic = topics[name]
    clips = () if name == topics.other.name else tuple(_clips(store, day, name, topics))
    alarm = rise is not None and rise.is_alarm
    return Channel(name, topic.title, topic.title_en, calls, round(calls / total, 4), expected, alarm, clips)


def _clips(store: Store, day: date, channel: str, topics: Topics) -> list[Clip]:
    calls = calls_of_topic(store, day, channel, CANDIDATES)
    return choose([clip for one in calls for clip in candidates_of(store, one, channel, topics)])


def candidates_of(store: Store, recording_id: int, channel: str, topics: Topics) -> Sequence[Clip]:
    """Clips of one call about ``channel``: one for each customer's line that says so."""
    call = get_call(store, recording_id)
    if call.transcript is None:
        return ()
    found = topic_of(call.transcript, topics, call.row.call_data)
    if found.topic != channel:
        return ()
    lines = call.transcript.utterances
    said: dict[int, float] = {}
    for evidence in found.evidence:
        for index in evidence.utterances:
            if lines[index].role is Role.CUSTOMER:
                said[index] = said.get(index, 0.0) + evidence.points
    most = max(said.values(), default=1.0)
    made = [
        clip_around(
            recording_id, lines, call.redacted, Evidence(index, points / most),
            customer=call.row.customer, agent=call.row.agent,
        )
        for index, points in said.items()
    ]  # fmt: skip
    return [clip for clip in made if clip is not None]
