"""How scores, lengths and moments are written."""

from datetime import UTC, datetime

GOOD, FAIR = 85, 70


def score_band(score: int) -> str:
    """good, fair or poor: the colour of a score."""
    return "good" if score >= GOOD else "fair" if score >= FAIR else "poor"


def length_text(seconds: float | None) -> str:
    """``1:05`` or ``1:00:05``; empty when unknown.

    >>> length_text(65.4)
    '1:05'
    """
    if seconds is None:
        return ""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def local_time(moment: datetime) -> datetime:
    """Stored moments are UTC; people read the clock of the place."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone()
