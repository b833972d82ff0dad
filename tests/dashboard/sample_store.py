"""A store with realistic calls and sound, as the pages meet it."""

import hashlib
import math
import wave
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import sqlalchemy

from callqa.ingest.audio import decode
from callqa.ingest.peaks import peaks, to_bytes
from callqa.inspect.types import Flag, Inspection, Level, Outcome, RuleResult
from callqa.privacy.redact import redact_utterances
from callqa.store.database import Store
from callqa.store.recordings import NewFile, Unreadable, add_recordings, add_unreadable
from callqa.store.results import AudioFacts, Peaks, Result, save_failure, save_result
from callqa.transcribe.measures import measure
from callqa.transcribe.types import Doubt, Role, Transcript, Utterance, Word

RATE = 8000
Samples = npt.NDArray[np.float32]
Kind = tuple[str, Level, int, str, int, str]
A, C = Role.AGENT, Role.CUSTOMER
LINES = (
    (A, "您好，工号幺零二八为您服务，请问有什么可以帮您？"),
    (C, "我上个月买的洗衣机到现在还没有人来修，打了好几次电话了。"),
    (A, "这个不归我管，你自己去找厂家吧。"),
    (C, "你们这样我要去消协投诉你们，还要发到网上曝光。"),
    (A, "那我给您登记一下，保证您今天一定能修好。"),
    (C, "好吧，我的电话是幺三八幺二三四五六七八。"),
    (A, "感谢您的来电，<b onclick=alert(2)>再见</b>。"),
)
FLAGS = (
    ("service.shirking", Level.HIGH, 2, "不归我管", -10, "exact"),
    ("risk.complaint_threat", Level.CRITICAL, 3, "去消协投诉", 0, "exact"),
    ("risk.media_threat", Level.HIGH, 3, "发到网上曝光", 0, "pinyin"),
    ("sales.overpromise", Level.MEDIUM, 4, "保证您今天一定能修好", -5, "regex"),
)
SECONDS_A_CHARACTER = 0.09
BUSINESS = "家电售后<img src=x onerror=alert(1)>"
"""Call data is not to be trusted."""


@dataclass(frozen=True)
class Filled:
    """A filled store: ``calls`` are the numbers of inspected calls with flags, worst first."""

    home: Path
    store: Store
    sound: Path
    calls: tuple[int, ...]
    clean: int
    failed: int


def fill(home: Path, store: Store, folder: Path, calls: int) -> Filled:
    """Flagged calls with sound, one clean call, one failed, one queued, and an unreadable file."""
    folder.mkdir(parents=True)
    flagged = tuple(_inspected(store, folder, n, FLAGS if n % 2 == 0 else FLAGS[:2]) for n in range(calls))
    clean = _inspected(store, folder, calls, ())
    failed = _added(store, _file(folder, "坏文件.wav", b"RIFF broken"), {})
    save_failure(store, failed, kind="damaged", reason="the header is broken", remedy="fetch the file again")
    _added(store, _file(folder, "排队.wav", b"RIFF waiting"), {})
    add_unreadable(store, [Unreadable(folder / "锁.wav", "锁.wav", "permission denied", "allow reading it")])
    whole = [n for i, n in enumerate(flagged) if i % 2 == 0]
    return Filled(home, store, folder, (*whole, *(n for n in flagged if n not in whole)), clean, failed)


def utterances(pace: float = SECONDS_A_CHARACTER) -> tuple[Utterance, ...]:
    """The sample dialogue with words; one word is doubtful, one line too."""
    lines, at = [], 0.6
    for index, (role, text) in enumerate(LINES):
        words = tuple(
            Word(at + i * pace, at + (i + 1) * pace, char, 0.3 if char == "厂" else 0.95)
            for i, char in enumerate(text)
        )
        end = at + len(text) * pace
        doubts = (Doubt.LOW_CONFIDENCE,) if index == 5 else ()
        channel = 0 if role is A else 1
        lines.append(Utterance(index, at, end, f"S{channel}", role, text, 0.9, words, doubts, channel))
        at = end + 0.4
    return tuple(lines)


def flag(kind: Kind, lines: tuple[Utterance, ...]) -> Flag:
    rule, level, index, quote, points, match = kind
    u = lines[index]
    first = u.text.index(quote)
    start, end = u.words[first].start, u.words[first + len(quote) - 1].end
    why = f"The {u.role} says “{quote}” ({match})."
    return Flag(rule, 1, level, start, end, u.role.value, index, quote, points, match, why, doubtful=False)


def speech(lines: tuple[Utterance, ...], seconds: float, pitch: float) -> Samples:
    """Two channels of tones with the rhythm of syllables, (2, samples)."""
    samples = np.zeros((2, int(seconds * RATE)), np.float32)
    for u in lines:
        first, last = int(u.start * RATE), int(u.end * RATE)
        t = np.arange(last - first) / RATE
        rhythm = 0.35 + 0.3 * np.sin(2 * math.pi * 4.5 * t) * np.sin(2 * math.pi * 0.7 * t + u.index)
        tone = np.sin(2 * math.pi * (pitch if u.role is A else pitch * 1.6) * t)
        samples[u.channel or 0, first:last] = rhythm * tone
    return samples


def write(path: Path, samples: Samples, rate: int = RATE) -> bytes:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(samples.shape[0])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((samples.T * 32767).astype("<i2").tobytes())
    return path.read_bytes()


def _inspected(store: Store, folder: Path, n: int, kinds: tuple[Kind, ...]) -> int:
    lines = utterances()
    seconds = lines[-1].end + 0.8
    content = write(folder / f"call-{n:03}.wav", speech(lines, seconds, 180 + 11 * n))
    started = datetime(2026, 11, 20, 9, 30) + timedelta(minutes=37 * n)
    metadata = {
        "agent": ("王芳", "李强", "赵敏")[n % 3],
        "team": ("一组", "二组")[n % 2],
        "business": BUSINESS,
        "customer": f"1381234{5600 + n}",
        "started_at": started.isoformat(),
    }
    recording = _added(store, (folder / f"call-{n:03}.wav", content), metadata)
    flags = tuple(replace(flag(kind, lines), doubtful=kind[2] == 5) for kind in kinds)
    transcript = Transcript(
        seconds, 2, "zh", lines, measure(lines, seconds), {"asr": "whisper-base", "diarization": "channels"}
    )
    score = 100 + sum(f.points for f in flags)
    results = tuple(RuleResult(f.rule, Outcome.HIT) for f in flags)
    sound = decode(folder / f"call-{n:03}.wav", RATE)
    result = Result(
        AudioFacts("wav", "pcm_s16le", RATE, 2, seconds),
        transcript,
        Inspection(flags, score, "sha256:" + "0" * 64, results),
        redact_utterances(lines),
        Peaks(50, to_bytes(peaks(sound.samples, RATE, 50))),
    )
    assert save_result(store, recording, result)
    return recording


def _file(folder: Path, name: str, content: bytes) -> tuple[Path, bytes]:
    (folder / name).write_bytes(content)
    return folder / name, content


def _added(store: Store, file: tuple[Path, bytes], metadata: dict[str, str]) -> int:
    path, content = file
    sha256 = hashlib.sha256(content).hexdigest()
    add_recordings(store, [NewFile(path, path.name, sha256, len(content), 0, metadata)])
    with store.read() as connection:
        found = connection.execute(
            sqlalchemy.text("SELECT id FROM recording WHERE sha256 = :s"), {"s": sha256}
        )
        return int(found.scalar_one())
