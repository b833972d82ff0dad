"""Compressed blobs for what is only ever read a whole call at a time."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import zstandard

from ..inspect.types import Outcome, RuleResult
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


def pack_results(results: Sequence[RuleResult]) -> bytes:
    return _pack([[r.rule, r.outcome.value, r.reason] for r in results])


def unpack_results(packed: bytes) -> tuple[RuleResult, ...]:
    return tuple(RuleResult(rule, Outcome(outcome), reason) for rule, outcome, reason in _unpack(packed))


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
