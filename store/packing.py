"""Compressed blobs for what is only ever read a whole call at a time."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import zstandard

from ..inspect.types import Outcome, RuleResult, ScoreItem
from ..transcribe.types import Interruption, Measures, Role, Span, Transcript, Word

_LEVEL = 3


@dataclass(frozen=True, slots=True)
class TranscriptExtras:
    """What of a transcript is not in a column: the words of each utterance by position, the rest."""

    words: tuple[tuple[Word, ...], ...]
    measures: Measures
    duration: float
    channels: int


def pack_transcript(transcript: Transcript) -> bytes:
    return _pack(
        {
            "words": [_columns(u.words) for u in transcript.utterances],
            "measures": asdict(transcript.measures),
            "duration": transcript.duration,
            "channels": transcript.channels,
        }
    )


def unpack_transcript(packed: bytes) -> TranscriptExtras:
    content = _unpack(packed)
    return TranscriptExtras(
        words=tuple(tuple(map(Word, *columns)) for columns in content["words"]),
        measures=_measures(content["measures"]),
        duration=content["duration"],
        channels=content["channels"],
    )


def pack_words(words: Sequence[Word]) -> bytes:
    return _pack(_columns(words))


def unpack_words(packed: bytes | None) -> tuple[Word, ...]:
    return tuple(map(Word, *_unpack(packed))) if packed else ()


def pack_results(
    results: Sequence[RuleResult], score_items: Sequence[ScoreItem] = (), scorecard: str = ""
) -> bytes:
    """How every rule ended, and how the score came about."""
    ends = [[r.rule, r.outcome.value, r.reason] for r in results]
    if not score_items and not scorecard:
        return _pack(ends)
    return _pack({"results": ends, "score_items": list(map(asdict, score_items)), "scorecard": scorecard})


def unpack_results(packed: bytes) -> tuple[RuleResult, ...]:
    content = _unpack(packed)
    ends = content["results"] if isinstance(content, dict) else content
    return tuple(RuleResult(rule, Outcome(outcome), reason) for rule, outcome, reason in ends)


def unpack_score(packed: bytes) -> tuple[tuple[ScoreItem, ...], str]:
    """The items of the score, and the scorecard that was used."""
    content = _unpack(packed)
    if not isinstance(content, dict):
        return (), ""
    return tuple(ScoreItem(**item) for item in content["score_items"]), content["scorecard"]


def _columns(words: Sequence[Word]) -> list[list[Any]]:
    # Like beside like packs better than word after word.
    return [
        [w.start for w in words],
        [w.end for w in words],
        [w.text for w in words],
        [w.confidence for w in words],
    ]


def _measures(content: Mapping[str, Any]) -> Measures:
    return Measures(
        **{
            **content,
            "silences": tuple(Span(**s) for s in content["silences"]),
            "interruptions": tuple(
                Interruption(**{**i, "by": Role(i["by"])}) for i in content["interruptions"]
            ),
        }
    )


def _pack(content: Any) -> bytes:
    raw = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return zstandard.ZstdCompressor(level=_LEVEL).compress(raw)


def _unpack(packed: bytes) -> Any:
    return json.loads(zstandard.ZstdDecompressor().decompress(packed))


def unpack_duration(packed: bytes) -> float:
    """The duration alone, without reading thousands of words for it."""
    raw = zstandard.ZstdDecompressor().decompress(packed)
    tail = raw[raw.rindex(b'"duration":') + len(b'"duration":') :]
    return float(tail[: tail.index(b",")])
