"""Which troubles with the database pass by waiting: locked, full, away, restarting, deadlocked."""

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from ..errors import StoreError

_PASSING_STATES = ("08", "40", "53", "55P03", "57", "58")
"""Classes of SQLSTATE: connection, rolled back, resources, lock, operator, system."""
_LASTING = ("no such", "not a database", "malformed", "syntax error", "has no column")
"""SQLite has one kind of error for both; these are ours to mend."""


def is_passing(error: StoreError) -> bool:
    """Whether the same call may succeed later."""
    cause = error.__cause__
    if not isinstance(cause, DBAPIError):
        return False
    if state := _state(cause):
        return state.startswith(_PASSING_STATES)
    if isinstance(cause, OperationalError):
        return not any(word in str(cause.orig) for word in _LASTING)
    return isinstance(cause, InterfaceError) or cause.connection_invalidated


def _state(error: DBAPIError) -> str | None:
    """The SQLSTATE that PostgreSQL sent; None for SQLite or a broken connection."""
    args = getattr(error.orig, "args", ())
    about = args[0] if args and isinstance(args[0], dict) else {}
    state = about.get("C") or getattr(error.orig, "sqlstate", None)
    return str(state) if state else None
