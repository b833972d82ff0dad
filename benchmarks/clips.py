"""callqa on single clips: characters wrong, text where nobody speaks, and speakers beside plain pyannote.

    python benchmarks/clips.py clips.tsv --language zh

The table has a line a clip, tabs between: the file (relative to the table), what is said, and an RTTM file of
who speaks; either of the last two may be empty, and is not judged then. Where both are empty nobody speaks,
and every character heard is one too many. Speakers are told apart by callqa and by pyannote's pipeline on the
same two models at its step of 0.1; DER counts overlaps, with a collar of 0.25 s to either side and with none.
"""

import argparse
import csv
import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from rapidfuzz.distance import Levenshtein

from callqa.benchmarks import hearing
from callqa.evaluate.speech import plain
from callqa.ingest.audio import decode
from callqa.settings import get_settings
from callqa.transcribe.activity import speech_segments
from callqa.transcribe.diarize import BundledDiarizer
from callqa.transcribe.transcriber import MAX_SPEAKERS, Options, Transcriber
from callqa.transcribe.turns import PAUSE_SECONDS, pieces_of

Turn = tuple[float, float, str]


@dataclass(frozen=True)
class Clip:
    """One line of the table."""

    name: str
    samples: np.ndarray
    text: str
    turns: tuple[Turn, ...]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("table", type=Path)
    parser.add_argument("--language", default="zh")
    arguments = parser.parse_args()
    clips = list(read(arguments.table))
    options = replace(Options.from_settings(get_settings()), language=arguments.language)
    figures = {
        "said": errors(Transcriber(options), [c for c in clips if c.text]),
        "nothing said": invented(Transcriber(options), [c for c in clips if not c.text and not c.turns]),
        "speakers": speakers([c for c in clips if c.turns]),
    }
    print(json.dumps(figures, indent=1, ensure_ascii=False))


def read(table: Path) -> Iterable[Clip]:
    for file, text, rttm in csv.reader(table.read_text(encoding="utf-8").splitlines(), delimiter="\t"):
        turns = tuple(turns_of(table.parent / rttm)) if rttm else ()
        yield Clip(file, decode(table.parent / file).samples, text, turns)


def turns_of(rttm: Path) -> Iterable[Turn]:
    for line in rttm.read_text(encoding="utf-8").splitlines():
        fields = line.split()
        if fields[:1] == ["SPEAKER"]:
            yield float(fields[3]), float(fields[3]) + float(fields[4]), fields[7]


def errors(transcriber: Transcriber, clips: Sequence[Clip]) -> dict[str, float]:
    edits = length = 0
    before = time.process_time()
    for clip in clips:
        said, heard = plain(clip.text), plain(_text(transcriber, clip))
        edits, length = edits + Levenshtein.distance(said, heard), length + len(said)
    seconds = time.process_time() - before
    cer = round(edits / max(1, length), 4)
    return {"clips": len(clips), "characters": length, "CER": cer, "CPU s": round(seconds, 1)}


def invented(transcriber: Transcriber, clips: Sequence[Clip]) -> dict[str, Any]:
    heard = {clip.name: _text(transcriber, clip) for clip in clips}
    return {"clips": len(clips), "characters": sum(map(len, heard.values())), "heard": _not_empty(heard)}


def _text(transcriber: Transcriber, clip: Clip) -> str:
    return "".join(u.text for u in transcriber.transcribe(clip.samples).utterances)


def _not_empty(heard: dict[str, str]) -> dict[str, str]:
    return {name: text for name, text in heard.items() if text}


def speakers(clips: Sequence[Clip]) -> dict[str, dict[str, float]]:
    """DER and cost of callqa's turns and of pyannote's."""
    return {name: judged(turns, clips) for name, turns in (("callqa", _callqa()), ("pyannote", _pyannote()))}


def _callqa() -> Callable[[np.ndarray], list[Turn]]:
    diarizer = BundledDiarizer(get_settings().model_dir, "cpu")

    def turns(samples: np.ndarray) -> list[Turn]:
        speech = speech_segments(samples[None], PAUSE_SECONDS)[0]
        pieces = pieces_of(diarizer.turns(samples, speech, max_speakers=MAX_SPEAKERS)).pieces
        return [(p.span.start, p.span.end, str(p.lane)) for p in pieces]

    return turns


def _pyannote() -> Callable[[np.ndarray], list[Turn]]:
    system = hearing.load(hearing.PYANNOTE)
    return lambda samples: [(t["start"], t["end"], t["speaker"]) for t in system(samples[None])]


def judged(turns: Callable[[np.ndarray], list[Turn]], clips: Sequence[Clip]) -> dict[str, float]:
    from pyannote.metrics.diarization import DiarizationErrorRate

    rates = {collar: DiarizationErrorRate(collar=2 * collar) for collar in (0.25, 0.0)}
    if clips:
        turns(clips[0].samples[0, :80000])
    before = time.process_time()
    found = [turns(clip.samples.mean(0)) for clip in clips]
    seconds = time.process_time() - before
    for clip, heard in zip(clips, found, strict=True):
        for rate in rates.values():
            rate(_annotation(clip.turns), _annotation(heard))
    scores = {f"DER, collar {collar}": round(abs(rate), 4) for collar, rate in rates.items()}
    return {"clips": len(clips), **scores, "CPU s": round(seconds, 1)}


def _annotation(turns: Iterable[Turn]) -> Any:
    from pyannote.core import Annotation, Segment

    made = Annotation()
    for number, (start, end, who) in enumerate(turns):
        made[Segment(start, end), number] = who
    return made


if __name__ == "__main__":
    main()
