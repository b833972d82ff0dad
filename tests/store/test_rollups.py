"""Figures of a day always equal what counting the calls and flags anew would give."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, select, text, update

from callqa.inspect.types import Level
from callqa.store import (
    Store,
    add_recordings,
    add_verdict,
    claim_next,
    release,
    replace_inspection,
    requeue,
    rollups,
    save_failure,
    save_result,
    undo_verdict,
)
from callqa.store.recordings import recording
from callqa.store.results import flag
from callqa.store.rollup_tables import call_day, flag_day
from callqa.transcribe.types import Measures

CALL_KEYS = ("day", "business", "team", "agent", "status")


def figures(store: Store) -> dict[str, dict[tuple[Any, ...], tuple[float, ...]]]:
    """Every group that has anything in it."""
    found: dict[str, dict[tuple[Any, ...], tuple[float, ...]]] = {"call": {}, "flag": {}}
    with store.read() as connection:
        for row in connection.execute(select(call_day)):
            values = row._asdict()
            key = tuple(values.pop(name) for name in CALL_KEYS)
            found["call"][key] = tuple(round(value, 4) for value in values.values())
        for row in connection.execute(select(flag_day).where(flag_day.c.flags != 0)):
            found["flag"][tuple(row[:-1])] = (row[-1],)
    return found


def same_as_counted(store: Store) -> bool:
    kept = figures(store)
    with store.write() as connection:
        rollups.rebuild(connection)
    return kept == figures(store)


def one(store: Store, column: str, **where: str) -> float:
    query = select(call_day.c[column]).where(*(call_day.c[name] == value for name, value in where.items()))
    with store.read() as connection:
        return float(sum(connection.execute(query).scalars()))


def test_a_result_is_in_the_figures_at_once(store: Store, inspected: Callable[..., int], build: Any) -> None:
    inspected("a.wav", build.flag(severity=Level.HIGH), score=80, agent="王芳", team="一组")
    inspected("b.wav", score=100, agent="王芳", team="一组")
    inspected("c.wav", score=60, agent="李强")
    at = {"agent": "王芳", "team": "一组", "status": "inspected"}
    names = ("calls", "scored", "score_sum", "score_squares", "flags", "open_flags", "flagged", "grave")
    assert [one(store, name, **at) for name in names] == [2, 2, 180, 16400, 1, 1, 1, 1]
    assert one(store, "calls", agent="李强", team="") == 1


def test_measures_are_added_up(store: Store, add: Callable[..., int], build: Any) -> None:
    transcript = build.transcript("您好", "你好")
    measures = Measures(
        talk_ratio={"agent": 0.6, "customer": 0.4},
        silence_seconds=4.5,
        overlap_seconds=1.5,
        chars_per_minute={"agent": 240.0},
        loudness_dbfs={"agent": -20.0},
    )
    changed = type(transcript)(
        transcript.duration, 2, "zh", transcript.utterances, measures, dict(transcript.models)
    )
    save_result(store, add("a.wav", agent="王芳"), build.result(changed, build.inspection()))
    names = ("talk_n", "talk", "silence", "overlap", "rate_n", "rate", "loud", "customer_loud_n")
    assert [one(store, name, status="inspected") for name in names] == [1, 0.6, 4.5, 1.5, 1, 240, -20, 0]


def test_verdicts_move_flags_in_the_figures(store: Store, inspected: Callable[..., int], build: Any) -> None:
    inspected("a.wav", build.flag())
    with store.read() as connection:
        number = connection.execute(select(flag.c.id)).scalar_one()
    add_verdict(store, number, "confirmed", reviewer="a")
    assert [key[-1] for key in figures(store)["flag"]] == ["confirmed"]
    undo_verdict(store, number, reviewer="a")
    assert [key[-1] for key in figures(store)["flag"]] == [""]
    assert same_as_counted(store)


def test_a_call_that_turns_out_to_be_anothers_moves(
    store: Store, inspected: Callable[..., int], build: Any
) -> None:
    inspected("a.wav", build.flag(), agent="王芳", team="一组", started_at="2026-11-20T10:00:00")
    corrected = build.file("a.wav", agent="李强", team="二组", started_at="2026-11-21T10:00:00")
    add_recordings(store, [corrected])
    kept = figures(store)
    assert [key[1:4] for key in kept["call"]] == [("", "二组", "李强")]
    assert [(str(key[0]), key[2]) for key in kept["flag"]] == [("2026-11-21", "二组")]
    assert same_as_counted(store)


def test_a_call_that_is_erased_leaves_nothing(
    store: Store, inspected: Callable[..., int], build: Any
) -> None:
    number = inspected("a.wav", build.flag())
    with store.write() as connection:
        connection.execute(delete(recording).where(recording.c.id == number))
    assert figures(store) == {"call": {}, "flag": {}}


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_happens_the_figures_are_those_of_the_rows(
    store: Store, inspected: Callable[..., int], add: Callable[..., int], build: Any, seed: int
) -> None:
    chance = random.Random(seed)
    numbers = [
        inspected(f"{n}.wav", *_flags(build, chance), score=chance.randrange(101), **_data(chance))
        for n in range(8)
    ]
    numbers += [add(f"waiting-{n}.wav", **_data(chance)) for n in range(4)]
    for _ in range(60):
        _something(store, chance, numbers, build)
    assert figures(store)["call"]
    assert same_as_counted(store)


def _data(chance: random.Random) -> dict[str, str]:
    day = f"2026-11-{chance.choice((20, 21))}T10:00:00"
    given = {"agent": chance.choice("甲乙"), "team": chance.choice("一二"), "started_at": day}
    return {name: value for name, value in given.items() if chance.random() < 0.8}


def _flags(build: Any, chance: random.Random) -> list[Any]:
    rules = ("service.abuse", "risk.churn")
    return [
        build.flag(chance.choice(rules), start=2.0 * n, end=2.0 * n + 1, severity=chance.choice(list(Level)))
        for n in range(chance.randrange(4))
    ]


def _something(store: Store, chance: random.Random, numbers: list[int], build: Any) -> None:
    number = chance.choice(numbers)
    what = chance.randrange(8)
    if what == 0:
        save_failure(store, number, kind="damaged", reason="r", remedy="m")
    elif what == 1:
        requeue(store, statuses=("failed", "inspected"), ids=[number])
    elif what == 2:
        claim_next(store, "w")
    elif what == 3:
        release(store, "w")
    elif what == 4:
        replace_inspection(store, number, build.inspection(*_flags(build, chance)))
    elif what == 5:
        transcript = build.transcript("您好", "你好")
        save_result(store, number, build.result(transcript, build.inspection(*_flags(build, chance))))
    elif what == 6:
        with store.write() as connection:
            connection.execute(
                update(recording).where(recording.c.id == number).values(team=chance.choice("一二三"))
            )
    else:
        with store.read() as connection:
            flags = connection.execute(select(flag.c.id)).scalars().all()
        if flags:
            add_verdict(
                store, chance.choice(flags), chance.choice(["confirmed", "false_alarm"]), reviewer="a"
            )


def test_a_database_from_before_is_counted_when_it_is_opened(
    store: Store, inspected: Callable[..., int], build: Any
) -> None:
    inspected("a.wav", build.flag())
    before = figures(store)
    with store.write() as connection:
        connection.execute(text("DELETE FROM call_day"))
        connection.execute(text("DELETE FROM flag_day"))
        rollups.install(connection)
    assert figures(store) == before
