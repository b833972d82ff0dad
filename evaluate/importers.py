"""Labels made in other programs as truth files: Praat TextGrid, RTTM, Label Studio JSON."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import CallqaError
from ..transcribe.types import Role
from .truth import Turn, truth_json

AGENT_WORDS = ("agent", "坐席", "客服", "员工", "left", "左", "座席")
CUSTOMER_WORDS = ("customer", "client", "caller", "客户", "用户", "市民", "right", "右")
_STRING = r'"((?:[^"]|"")*)"'


def import_labels(path: Path, roles: Mapping[str, str] | None = None) -> dict[str, dict[str, Any]]:
    """Truth of each recording in a label file, by the recording's name.

    ``roles`` says which speaker (TextGrid tier, RTTM speaker, Label Studio label) is agent or customer;
    names such as agent, customer, 坐席, 客户 are understood anyway. Raises CallqaError.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise CallqaError(f"{path}: labels are read from {', '.join(sorted(READERS))}")
    try:
        found = reader(path.read_text(encoding="utf-8-sig"), path.stem, dict(roles or {}))
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise CallqaError(f"{path}: {error}") from error
    if not any(truth["turns"] for truth in found.values()):
        raise CallqaError(f"{path}: no turns in it")
    return found


def read_textgrid(text: str, name: str, roles: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """A Praat TextGrid, long or short: an interval tier a speaker; empty intervals are silence."""
    turns: list[Turn] = []
    for tier, body in _tiers(text):
        role = role_of(tier, roles)
        turns += [Turn(role, a, b, said) for a, b, said in _intervals(body) if said and b > a]
    return {name: truth_json(turns)}


def read_rttm(text: str, name: str, roles: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """RTTM, who spoke when: SPEAKER file channel start duration – – speaker. It holds no words or flags."""
    turns: dict[str, list[Turn]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        fields = line.split()
        if not fields or fields[0] != "SPEAKER":
            continue
        if len(fields) < 8:
            raise ValueError(f"line {number}: a SPEAKER line has at least 8 fields")
        start, length = float(fields[3]), float(fields[4])
        if length > 0:
            role = role_of(fields[7], roles, keep=True)
            turns.setdefault(fields[1], []).append(Turn(role, start, start + length))
    return {file: truth_json(found) for file, found in turns.items()}


def read_label_studio(text: str, name: str, roles: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Label Studio's JSON export: audio regions with a speaker label and a transcription.

    A region's label that names a speaker gives the role; any other label on it is the check that must be
    flagged there. Of several annotations the last that was not cancelled counts.
    """
    tasks = json.loads(text)
    tasks = tasks if isinstance(tasks, list) else [tasks]
    return {_recording(task, name): _task(task, roles) for task in tasks}


def role_of(word: str, roles: Mapping[str, str], *, keep: bool = False) -> str:
    """The role a speaker's name stands for; with ``keep`` an unknown name stays, to tell speakers apart."""
    if word in roles:
        return roles[word]
    plain = word.casefold()
    for role, words in ((Role.AGENT, AGENT_WORDS), (Role.CUSTOMER, CUSTOMER_WORDS)):
        if any(known in plain for known in words):
            return str(role)
    return word if keep else str(Role.UNKNOWN)


def _tiers(text: str) -> Iterator[tuple[str, str]]:
    parts = re.split(r'"IntervalTier"', text)
    if len(parts) < 2:
        raise ValueError("no TextGrid with interval tiers")
    for part in parts[1:]:
        name = re.search(_STRING, part)
        if name is None:
            raise ValueError("a tier without a name")
        yield name[1].replace('""', '"'), part[name.end() :].split('"TextTier"')[0]


def _intervals(body: str) -> Iterator[tuple[float, float, str]]:
    """Start, end and text; both forms hold two numbers and a string an interval, the long one with labels."""
    body = re.sub(r"intervals\s*\[\d+\]\s*:?|intervals\s*:\s*size\s*=\s*\d+", " ", body)
    for a, b, said in re.findall(rf"([\d.]+)\s+(?:xmax\s*=\s*)?([\d.]+)\s+(?:text\s*=\s*)?{_STRING}", body):
        yield float(a), float(b), said.replace('""', '"').strip()


def _recording(task: Mapping[str, Any], name: str) -> str:
    data = task.get("data") or {}
    audio = next((str(v) for k, v in data.items() if k in ("audio", "url", "recording", "file")), "")
    stem = Path(audio.split("?")[0]).stem
    # Label Studio puts eight hexadecimal digits before the names of uploaded files.
    return re.sub(r"^[0-9a-f]{8}-", "", stem) or name


def _task(task: Mapping[str, Any], roles: Mapping[str, str]) -> dict[str, Any]:
    kept = [a for a in task.get("annotations") or [] if not a.get("was_cancelled")]
    results = kept[-1]["result"] if kept else []
    regions: dict[str, list[Mapping[str, Any]]] = {}
    for result in results:
        if "start" in result.get("value", {}):
            regions.setdefault(str(result.get("id")), []).append(result["value"])
    found = [_region(values, roles) for values in regions.values()]
    found = sorted((r for r in found if r[0].end > r[0].start), key=lambda r: (r[0].start, r[0].end))
    expected = [
        {"check": check, "turn": i, "quote": turn.text, "role": turn.role}
        for i, (turn, checks) in enumerate(found)
        for check in checks
    ]
    return truth_json([turn for turn, _ in found], expected=expected)


def _region(values: Sequence[Mapping[str, Any]], roles: Mapping[str, str]) -> tuple[Turn, list[str]]:
    labels = [str(label) for v in values for key in ("labels", "choices") for label in v.get(key, ())]
    said = [
        text
        for v in values
        for text in ([v["text"]] if isinstance(v.get("text"), str) else v.get("text", ()))
    ]
    speakers = [label for label in labels if role_of(label, roles) != Role.UNKNOWN]
    role = role_of(speakers[0], roles) if speakers else str(Role.UNKNOWN)
    start, end = float(values[0]["start"]), float(values[0]["end"])
    return Turn(role, start, end, " ".join(map(str, said)).strip()), [x for x in labels if x not in speakers]


READERS: Mapping[str, Callable[[str, str, Mapping[str, str]], dict[str, dict[str, Any]]]] = {
    ".textgrid": read_textgrid,
    ".rttm": read_rttm,
    ".json": read_label_studio,
}
