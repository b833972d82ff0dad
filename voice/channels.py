"""Channels of the customers' voice: every call's topic, counted by day."""

import hashlib
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache

import numpy as np

from ..inspect.topics import Topics, shipped_topics, topic_of
from ..store.call import get_call
from ..store.database import Store
from ..store.terms import day_states
from ..store.topics import TopicRow, save_topics, topic_days, without_topic
from .rising import Counts

Progress = Callable[[int], None]


@cache
def version_of(topics: Topics) -> str:
    """Changes with any change of the rules, so that calls are sorted anew."""
    return hashlib.sha256(repr(topics).encode()).hexdigest()[:16]


def sort_calls(
    store: Store,
    since: date,
    until: date,
    topics: Topics | None = None,
    told: Progress = lambda calls: None,
) -> int:
    """Give every call of the period its topic, unless it has it by these rules; returns how many it gave."""
    topics = topics or shipped_topics()
    version, sorted_calls = version_of(topics), 0
    while waiting := without_topic(store, since, until, version):
        save_topics(store, [_sorted(store, one, topics, version) for one in waiting])
        sorted_calls += len(waiting)
        told(len(waiting))
    return sorted_calls


def _sorted(store: Store, recording_id: int, topics: Topics, version: str) -> TopicRow:
    call = get_call(store, recording_id)
    if call.transcript is None:
        return TopicRow(recording_id, topics.other.name, topics.nobody, version)
    found = topic_of(call.transcript, topics, call.row.call_data)
    return TopicRow(recording_id, found.topic, found.department, version)


def channel_counts(store: Store, day: date, weeks: int = 4) -> Counts | None:
    """Calls of each channel on ``day`` and each day of the ``weeks`` before; None without calls on both."""
    states = {state.day: state.calls for state in day_states(store, day - timedelta(weeks=weeks), day)}
    today = states.pop(day, None)
    if today is None or not states:
        return None
    found = topic_days(store, min(states), day)
    names = sorted({name for topics in found.values() for name in topics})
    days = sorted(states)
    now = np.array([found.get(day, {}).get(name, 0) for name in names], dtype=np.int64)
    before = np.array([[found.get(one, {}).get(name, 0) for name in names] for one in days], dtype=np.int64)
    sizes = np.array([states[one] for one in days], dtype=np.int64)
    return Counts(names, now, today, before.reshape(len(days), len(names)), sizes)
