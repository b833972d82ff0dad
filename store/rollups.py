"""Roll-ups kept by triggers: whoever changes a call or a flag, the day's figures follow in the same
transaction, and no page ever counts a whole table.

Each trigger takes the old row's share out and adds the new row's. ``rebuild`` adds all up anew.
"""

from sqlalchemy import Connection, inspect

_CALL_KEYS = ("day", "business", "team", "agent", "status")
_FLAG_KEYS = ("day", "business", "team", "rule", "rule_version", "severity", "verdict")
_WATCHED = (
    *("day", "business", "team", "agent", "status", "seconds", "score"),
    *("flag_count", "open_count", "worst", "metrics"),
)
_AGENT_MEASURES = {
    "talk": ("talk_ratio", "agent"),
    "rate": ("chars_per_minute", "agent"),
    "loud": ("loudness_dbfs", "agent"),
    "customer_loud": ("loudness_dbfs", "customer"),
}


def install(connection: Connection) -> None:
    """Make the triggers anew and add up what is there; called after every migration, since SQLite loses
    the triggers of a table that a migration copies."""
    if not inspect(connection).has_table("call_day"):
        return
    for command in _trigger_commands(connection.dialect.name):
        connection.exec_driver_sql(command)
    rebuild(connection)


def rebuild(connection: Connection) -> None:
    """Add the figures up from the calls and flags themselves."""
    shares = _call_shares("r", connection.dialect.name)
    sums = ", ".join(f"SUM({share})" for share in shares.values())
    keys = ", ".join(_call_keys("r"))
    connection.exec_driver_sql("DELETE FROM call_day")
    connection.exec_driver_sql(
        f"INSERT INTO call_day ({', '.join((*_CALL_KEYS, *shares))})"
        f" SELECT {keys}, {sums} FROM recording r GROUP BY {keys}"
    )
    keys = ", ".join(_flag_keys("r", "f"))
    connection.exec_driver_sql("DELETE FROM flag_day")
    connection.exec_driver_sql(
        f"INSERT INTO flag_day ({', '.join(_FLAG_KEYS)}, flags)"
        f" SELECT {keys}, COUNT(*) FROM flag f JOIN recording r ON r.id = f.recording_id GROUP BY {keys}"
    )


def _call_keys(row: str) -> tuple[str, ...]:
    optional = (f"COALESCE({row}.{name}, '')" for name in ("business", "team", "agent"))
    return (f"{row}.day", *optional, f"{row}.status")


def _flag_keys(call: str, flag: str) -> tuple[str, ...]:
    of_call = _call_keys(call)[:3]
    of_flag = (f"{flag}.{name}" for name in ("rule", "rule_version", "severity"))
    return (*of_call, *of_flag, f"COALESCE({flag}.verdict, '')")


def _call_shares(row: str, dialect: str) -> dict[str, str]:
    """Column of call_day → what one recording adds to it, as SQL."""

    def measure(*path: str) -> str:
        if dialect == "postgresql":
            steps = "".join(f" -> '{step}'" for step in path[:-1]) + f" ->> '{path[-1]}'"
            return f"CAST({row}.metrics {steps} AS DOUBLE PRECISION)"
        return f"json_extract({row}.metrics, '$.{'.'.join(path)}')"

    def present(value: str) -> str:
        return f"CASE WHEN {value} IS NULL THEN 0 ELSE 1 END"

    silence = measure("silence_seconds")
    shares = {
        "calls": "1",
        "seconds": f"COALESCE({row}.seconds, 0)",
        "scored": present(f"{row}.score"),
        "score_sum": f"COALESCE({row}.score, 0)",
        "score_squares": f"COALESCE({row}.score * {row}.score, 0)",
        "flags": f"{row}.flag_count",
        "open_flags": f"{row}.open_count",
        "flagged": f"CASE WHEN {row}.worst >= 2 THEN 1 ELSE 0 END",
        "grave": f"CASE WHEN {row}.worst >= 3 THEN 1 ELSE 0 END",
        "measured": present(silence),
        "silence": f"COALESCE({silence}, 0)",
        "overlap": f"COALESCE({measure('overlap_seconds')}, 0)",
        "interruptions": f"CAST(COALESCE({measure('interruptions')}, 0) AS INTEGER)",
    }
    for name, path in _AGENT_MEASURES.items():
        shares |= {f"{name}_n": present(measure(*path)), name: f"COALESCE({measure(*path)}, 0)"}
    return shares


def _trigger_commands(dialect: str) -> list[str]:
    watched = ", ".join(_WATCHED)
    moved = "OLD.day <> NEW.day OR COALESCE(OLD.business, '') <> COALESCE(NEW.business, '')"
    moved += " OR COALESCE(OLD.team, '') <> COALESCE(NEW.team, '')"
    lose, gain = _call_change("OLD", -1, dialect), _call_change("NEW", 1, dialect)
    triggers = (
        ("call_added", "AFTER INSERT ON recording", "", [*gain]),
        ("call_changed", f"AFTER UPDATE OF {watched} ON recording", "", [*lose, *gain]),
        ("call_gone", "BEFORE DELETE ON recording", "", [*_all_flags("OLD", -1), *lose]),
        (
            *("call_moved", "AFTER UPDATE OF day, business, team ON recording", moved),
            [*_all_flags("OLD", -1), *_all_flags("NEW", 1)],
        ),
        ("flag_added", "AFTER INSERT ON flag", "", _flag_change("NEW", 1)),
        (
            "flag_judged",
            "AFTER UPDATE OF verdict ON flag",
            "",
            [*_flag_change("OLD", -1), *_flag_change("NEW", 1)],
        ),
        ("flag_gone", "AFTER DELETE ON flag", "", _flag_change("OLD", -1)),
    )
    make = _postgresql_trigger if dialect == "postgresql" else _sqlite_trigger
    return [command for one in triggers for command in make(*one)]


def _call_change(row: str, sign: int, dialect: str) -> list[str]:
    """Add the recording ``row`` to its group, or take it out with sign -1."""
    shares = _call_shares(row, dialect)
    values = ", ".join((*_call_keys(row), *(_signed(share, sign) for share in shares.values())))
    return [
        f"INSERT INTO call_day ({', '.join((*_CALL_KEYS, *shares))}) VALUES ({values})"
        + _added_up("call_day", _CALL_KEYS, tuple(shares)),
        *_swept("call_day", "calls", _CALL_KEYS, _call_keys(row), sign),
    ]


def _flag_change(row: str, sign: int) -> list[str]:
    keys = _flag_keys("r", row)
    return [
        f"INSERT INTO flag_day ({', '.join(_FLAG_KEYS)}, flags)"
        f" SELECT {', '.join(keys)}, {sign} FROM recording r WHERE r.id = {row}.recording_id"
        + _added_up("flag_day", _FLAG_KEYS, ("flags",)),
    ]


def _all_flags(row: str, sign: int) -> list[str]:
    """All flags of the recording ``row``, in the groups that its columns name."""
    keys = _flag_keys(row, "f")
    return [
        f"INSERT INTO flag_day ({', '.join(_FLAG_KEYS)}, flags)"
        f" SELECT {', '.join(keys)}, {_signed('COUNT(*)', sign)} FROM flag f WHERE f.recording_id = {row}.id"
        f" GROUP BY {', '.join(keys[3:])}" + _added_up("flag_day", _FLAG_KEYS, ("flags",)),
    ]


def _signed(value: str, sign: int) -> str:
    return value if sign > 0 else f"-({value})"


def _added_up(table: str, keys: tuple[str, ...], sums: tuple[str, ...]) -> str:
    changes = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in sums)
    return f" ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {changes}"


def _swept(table: str, count: str, keys: tuple[str, ...], values: tuple[str, ...], sign: int) -> list[str]:
    """A group that nothing is left of goes, and with it what rounding left in its sums."""
    if sign > 0:
        return []
    same = " AND ".join(f"{key} = {value}" for key, value in zip(keys, values, strict=True))
    return [f"DELETE FROM {table} WHERE {same} AND {count} = 0"]


def _sqlite_trigger(name: str, event: str, when: str, body: list[str]) -> list[str]:
    guard = f" WHEN {when}" if when else ""
    return [
        f"DROP TRIGGER IF EXISTS rollup_{name}",
        f"CREATE TRIGGER rollup_{name} {event} FOR EACH ROW{guard} BEGIN {'; '.join(body)}; END",
    ]


def _postgresql_trigger(name: str, event: str, when: str, body: list[str]) -> list[str]:
    table, row = event.rsplit(" ", 1)[1], "OLD" if "DELETE" in event else "NEW"
    guard = f" WHEN ({when})" if when else ""
    return [
        f"CREATE OR REPLACE FUNCTION rollup_{name}() RETURNS trigger LANGUAGE plpgsql AS"
        f" $rollup$ BEGIN {'; '.join(body)}; RETURN {row}; END $rollup$",
        f"DROP TRIGGER IF EXISTS rollup_{name} ON {table}",
        f"CREATE TRIGGER rollup_{name} {event} FOR EACH ROW{guard} EXECUTE FUNCTION rollup_{name}()",
    ]
