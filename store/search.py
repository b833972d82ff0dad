"""Finding words in all transcripts."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import func, select

from .calls import CallFilter, where
from .database import Store
from .recordings import recording
from .results import utterance


@dataclass(frozen=True, slots=True)
class Hit:
    """An utterance in which all words of the query occur."""

    recording_id: int
    name: str
    position: int
    start: float
    end: float
    role: str
    text: str
    redacted: str
    """The text without personal data."""


_SHOWN = func.coalesce(utterance.c.redacted_text, utterance.c.text)


def terms_of(query: str) -> tuple[str, ...]:
    """The words of a query, full-width letters and digits made plain.

    >>> terms_of("投诉　ＶＩＰ 退款")
    ('投诉', 'VIP', '退款')
    """
    return tuple(unicodedata.normalize("NFKC", query).split())


def search(
    store: Store, query: str, filter: CallFilter | None = None, *, limit: int | None = 100
) -> Iterator[Hit]:
    """Utterances that hold every word of ``query``, newest day first. Latin letters match in either case."""
    terms = terms_of(query)
    if not terms:
        return
    u = utterance.c
    found = (
        select(u.recording_id, recording.c.name, u.position, u.start, u.end, u.role, u.text, _SHOWN)
        .join(recording, recording.c.id == u.recording_id)
        .where(where(filter or CallFilter()), *(u.text.icontains(term, autoescape=True) for term in terms))
        .order_by(recording.c.day.desc(), u.recording_id, u.position)
        .limit(limit)
    )
    with store.read() as connection:
        for row in connection.execute(found):
            yield Hit(*row)
