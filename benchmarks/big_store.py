"""Makes a store as a large call centre would have it after a month; every call has all that a page reads.

Texts are lines of the shipped rules' own examples and of everyday talk; figures are drawn by chance with a
fixed seed, so that two stores of one size are alike. Rows are written in bulk and not through the worker.
"""

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from callqa.ingest.peaks import to_bytes
from callqa.inspect.rulebook import Rulebook, load_rulebook
from callqa.inspect.types import Level, Outcome, RuleResult
from callqa.store import rollups
from callqa.store.batches import batch
from callqa.store.database import Store, open_store
from callqa.store.packing import pack_results, pack_transcript
from callqa.store.recordings import batch_file, file, recording
from callqa.store.results import (
    content,
    flag,
    inspection_table,
    metrics_of,
    rule_result,
    utterance,
    waveform,
)
from callqa.store.rulebooks import save_rulebook
from callqa.store.verdicts import verdict
from callqa.transcribe.measures import measure
from callqa.transcribe.types import Role, Transcript, Utterance, Word

RULES = Path(__file__).parents[1] / "rules"
DAYS, LAST_DAY = 30, date(2026, 11, 20)
TEAMS, AGENTS_A_TEAM = 50, 20
BUSINESSES = ("家电售后", "信用卡", "快递", "物业", "酒店", "政务热线", "电信", "保险")
TEMPLATES = 200
_CHUNK = 2000
_FILLED = (recording, file, batch_file, content, waveform, flag, verdict, inspection_table, rule_result)
_TALK = (
    *("您好，请问有什么可以帮您", "好的，我帮您查一下", "麻烦您稍等一下", "请问您的订单号是多少"),
    *("我上周买的东西到现在还没有到", "那你们什么时候能处理", "嗯，知道了", "谢谢，没有别的问题了"),
    *("系统显示您的申请已经受理", "大概三到五个工作日", "这个费用是怎么算的", "麻烦你再说一遍"),
    *("我这边给您登记了，会有专人联系您", "好的，再见", "地址还是原来那个", "不好意思让您久等了"),
)
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_GIVEN = "芳强敏静丽磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉萍红"


@dataclass(frozen=True, slots=True)
class Template:
    """A dialogue that many calls share."""

    lines: tuple[Utterance, ...]
    seconds: float
    packed: bytes
    metrics: dict[str, Any]
    peaks: bytes


def make(path: Path, calls: int, lines_a_call: int = 75, seed: int = 1) -> None:
    """Fill a new SQLite store at ``path``; nothing is left of it when this is interrupted."""
    draft = path.with_suffix(".part")
    for old in draft.parent.glob(f"{draft.name}*"):
        old.unlink()
    store = open_store(f"sqlite:///{draft}")
    chance = random.Random(seed)
    rulebook = load_rulebook(RULES)
    save_rulebook(store, rulebook.hash, rulebook.to_bytes())
    templates = _templates(rulebook, lines_a_call, chance)
    _without_triggers(store)
    with store.write() as connection:
        row = {"id": 1, "started_at": datetime.now(UTC), "paths": ["/calls"], "summary": None}
        connection.execute(batch.insert(), [row])
    for first in range(1, calls + 1, _CHUNK):
        numbers = range(first, min(first + _CHUNK, calls + 1))
        _write(store, numbers, calls, templates, rulebook, chance)
    with store.write() as connection:
        rollups.install(connection)
        connection.exec_driver_sql("ANALYZE")
    store.close()
    draft.replace(path)


def _without_triggers(store: Store) -> None:
    """Row by row they would take longer than counting once at the end."""
    with store.write() as connection:
        names = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in names.all():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")


def _templates(rulebook: Rulebook, lines: int, chance: random.Random) -> list[Template]:
    said = [
        (Role(role), str(turn[role]))
        for rule in rulebook.rules
        for test in rule.tests
        for turn in test.get("turns", ())
        for role in ("agent", "customer")
        if role in turn
    ]
    spread = max(1, lines // 4)
    return [_template(said, lines + chance.randint(-spread, spread), chance) for _ in range(TEMPLATES)]


def _template(said: list[tuple[Role, str]], lines: int, chance: random.Random) -> Template:
    utterances, at = [], 0.5
    for index in range(lines):
        role, text = chance.choice(said) if chance.random() < 0.2 else (None, chance.choice(_TALK))
        role = role or (Role.AGENT if index % 2 == 0 else Role.CUSTOMER)
        pace = chance.uniform(0.16, 0.28)
        words = tuple(
            Word(round(at + i * pace, 2), round(at + (i + 1) * pace, 2), c, round(chance.uniform(0.6, 1), 3))
            for i, c in enumerate(text)
        )
        end = round(at + len(text) * pace, 2)
        channel = 0 if role is Role.AGENT else 1
        utterances.append(Utterance(index, at, end, f"S{channel}", role, text, 0.9, words, (), channel))
        at = round(end + chance.uniform(-0.3, 1.6), 2)
    seconds = utterances[-1].end + 1
    measures = measure(utterances, seconds)
    models = {"asr": "whisper-base", "diarization": "channels"}
    transcript = Transcript(seconds, 2, "zh", tuple(utterances), measures, models)
    loudness = np.random.default_rng(len(utterances)).integers(0, 127, (2, int(seconds) * 50, 1))
    outline = to_bytes(np.concatenate([-loudness, loudness], axis=2).astype(np.int8))
    return Template(tuple(utterances), seconds, pack_transcript(transcript), metrics_of(measures), outline)


def _write(
    store: Store,
    numbers: range,
    total: int,
    templates: list[Template],
    rulebook: Rulebook,
    chance: random.Random,
) -> None:
    rows: dict[Any, list[dict[str, Any]]] = {
        table: []
        for table in (
            recording,
            file,
            batch_file,
            content,
            waveform,
            flag,
            verdict,
            inspection_table,
            rule_result,
        )
    }
    with store.write() as connection:
        lines: list[tuple[Any, ...]] = []
        for number in numbers:
            template = chance.choice(templates)
            status = _status(chance)
            rows[recording].append(call := _call(number, total, status, template, rulebook, chance))
            rows[file].append(_file(call))
            rows[batch_file].append({"batch_id": 1, "file_id": number})
            if status != "inspected":
                continue
            lines += _line_rows(number, template)
            rows[content].append({"recording_id": number, "packed": template.packed})
            if number % 100 == 0:
                rows[waveform].append({"recording_id": number, "per_second": 50, "peaks": template.peaks})
            _inspected(call, template, rulebook, chance, rows)
        for table, values in rows.items():
            if values:
                connection.execute(table.insert(), values)
        columns = [column.name for column in utterance.columns]
        marks = ", ".join("?" * len(columns))
        cursor = connection.connection.cursor()
        names = ", ".join(f'"{name}"' for name in columns)
        cursor.executemany(f"INSERT INTO utterance ({names}) VALUES ({marks})", lines)


def _status(chance: random.Random) -> str:
    return chance.choices(("inspected", "empty", "failed", "queued", "quarantined"), (970, 15, 10, 4, 1))[0]


def _call(
    number: int, total: int, status: str, template: Template, rulebook: Rulebook, chance: random.Random
) -> dict[str, Any]:
    day = LAST_DAY - timedelta(days=DAYS - 1 - (number - 1) * DAYS // total)
    started = datetime.combine(day, time(9)) + timedelta(seconds=chance.randrange(8 * 3600))
    who = chance.randrange(TEAMS * AGENTS_A_TEAM)
    team = who // AGENTS_A_TEAM
    given = {
        "agent": f"{_SURNAMES[who % 20]}{_GIVEN[who // 20 % 25]}{_GIVEN[who * 7 % 25]}{who:04}",
        "team": f"{team + 1}组",
        "business": BUSINESSES[team % len(BUSINESSES)],
        "customer": f"13{chance.randrange(10**9):09}",
        "direction": chance.choice(("in", "out")),
        "queue": f"Q{team % 12}",
    }
    done = status == "inspected"
    finished = datetime.combine(day, time(20), UTC) + timedelta(seconds=number % 3600)
    wrong = status in ("failed", "empty", "quarantined")
    return {
        "id": number,
        "sha256": hashlib.sha256(str(number).encode()).hexdigest(),
        "name": f"{started:%Y%m%d-%H%M%S}-{number:07}.wav",
        "path": f"/calls/{day}/{number:07}.wav",
        "size_bytes": int(template.seconds * 16000),
        "container": "wav",
        "codec": "pcm_alaw",
        "native_rate": 8000,
        "channels": 2,
        "seconds": template.seconds if done or status == "empty" else None,
        "status": status,
        "error_kind": {"empty": "no_speech", "failed": "damaged", "quarantined": "killed_worker"}.get(status),
        "error": "something was wrong with it" if wrong else None,
        "remedy": "fetch it again" if wrong else None,
        "warnings": None,
        "attempts": 1,
        "worker": None,
        "claimed_at": None,
        "heartbeat_at": None,
        "added_at": finished,
        "queued_at": finished,
        "finished_at": None if status == "queued" else finished,
        "stage_seconds": {"decode": 0.11, "transcribe": 1.9, "inspect": 0.02} if done else None,
        "call_id": f"C{number:09}",
        **given,
        "started_at": started,
        "day": day,
        "call_data": {**given, "call_id": f"C{number:09}", "started_at": started.isoformat()},
        "language": "zh" if done else None,
        "score": None,
        "flag_count": 0,
        "open_count": 0,
        "doubtful_count": 0,
        "worst": None,
        "rulebook": rulebook.hash if done else None,
        "models": {"asr": "whisper-base", "diarization": "channels"} if done else None,
        "metrics": template.metrics if done else None,
    }


def _file(call: dict[str, Any]) -> dict[str, Any]:
    taken = {name: call[name] for name in ("id", "path", "name", "size_bytes")}
    return {**taken, "recording_id": call["id"], "mtime_ns": 1, "error": None, "remedy": None}


def _line_rows(number: int, template: Template) -> Iterator[tuple[Any, ...]]:
    for u in template.lines:
        yield (
            *(number, u.index, u.start, u.end, u.speaker, u.role.value, u.text),
            *(None, u.confidence, None, u.channel),
        )


def _inspected(
    call: dict[str, Any], template: Template, rulebook: Rulebook, chance: random.Random, rows: dict[Any, Any]
) -> None:
    """Flags, a verdict on some, how rules ended, and their sums in ``call``."""
    levels = list(Level)
    count = min(8, int(chance.expovariate(0.55)))
    chosen = [chance.choice(rulebook.rules) for _ in range(count)]
    flags = [_flag(call, n, rule, template, chance) for n, rule in enumerate(chosen)]
    rows[flag] += flags
    for one in flags:
        if one["verdict"]:
            rows[verdict].append(_verdict(call, one))
    ended = {rule.id: Outcome.HIT for rule in chosen}
    for rule in rulebook.rules[-2:]:
        ended.setdefault(rule.id, Outcome.NOT_APPLICABLE)
    rows[rule_result] += [
        {"rule": rule, "outcome": outcome.value, "recording_id": call["id"]}
        for rule, outcome in ended.items()
    ]
    score = max(0, 100 + sum(one["points"] for one in flags))
    results = [RuleResult(rule, outcome) for rule, outcome in ended.items()]
    rows[inspection_table].append(
        {
            "recording_id": call["id"],
            "rulebook": rulebook.hash,
            "score": score,
            "flag_count": count,
            "inspected_at": call["finished_at"],
            "results": pack_results(results),
        }
    )
    call |= {
        "score": score,
        "flag_count": count,
        "open_count": sum(one["verdict"] is None for one in flags),
        "doubtful_count": sum(one["doubtful"] for one in flags),
        "worst": max((levels.index(rule.level) for rule in chosen), default=None),
    }


def _flag(
    call: dict[str, Any], position: int, rule: Any, template: Template, chance: random.Random
) -> dict[str, Any]:
    u = chance.choice(template.lines)
    judged = chance.random() < 0.15
    return {
        "recording_id": call["id"],
        "position": position,
        "rule": rule.id,
        "rule_version": rule.version,
        "severity": list(Level).index(rule.level),
        "start": u.start,
        "end": u.end,
        "role": u.role.value,
        "utterance": u.index,
        "quote": u.text,
        "points": rule.outcome.points,
        "match": "exact",
        "why": f"The {u.role.value} says “{u.text}”.",
        "doubtful": chance.random() < 0.05,
        "trace": {"detection": "said", "found": [u.text], "truths": {"said": True}},
        "verdict": chance.choices(("confirmed", "false_alarm", "unsure"), (7, 2, 1))[0] if judged else None,
    }


def _verdict(call: dict[str, Any], one: dict[str, Any]) -> dict[str, Any]:
    about = {name: one[name] for name in ("rule", "rule_version", "start", "end", "quote", "verdict")}
    said = {"reviewer": "qa", "reason": "", "comment": "", "undoes": None, "flag_id": None}
    return {"sha256": call["sha256"], **about, **said, "created_at": call["finished_at"]}
