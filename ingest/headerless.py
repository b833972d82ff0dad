"""Recordings without a header: the suffix says how the bytes are to be read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Headerless:
    """How FFmpeg is told to read raw bytes; one channel."""

    format: str
    rate: int | None = 8000
    """Hz; None when the format has its own."""

    @property
    def options(self) -> dict[str, str]:
        return {} if self.rate is None else {"sample_rate": str(self.rate)}


_ALAW: Final = Headerless("alaw")
_MULAW: Final = Headerless("mulaw")
_S16: Final = Headerless("s16le")

BY_SUFFIX: Final[Mapping[str, Headerless]] = {
    ".alaw": _ALAW,
    ".al": _ALAW,
    ".pcma": _ALAW,
    ".ulaw": _MULAW,
    ".mulaw": _MULAW,
    ".ul": _MULAW,
    ".pcmu": _MULAW,
    ".s16le": _S16,
    ".sln": _S16,
    ".sln16": Headerless("s16le", 16000),
    ".s16be": Headerless("s16be"),
    ".gsm": Headerless("gsm"),
    ".g722": Headerless("g722", None),
    ".g723": Headerless("g723_1", None),
    ".g729": Headerless("g729", None),
}
"""Telephone formats, 8 kHz unless the format says otherwise."""

AMBIGUOUS: Final = frozenset({".raw", ".pcm", ".vox", ".dat", ".bin", ".snd"})
"""Raw bytes whose coding the suffix does not tell."""

REMEDY: Final = (
    "if it holds raw samples without a header, give it the suffix that says how to read them: "
    ".alaw, .ulaw, .gsm or .g722, .s16le (16-bit PCM, 8 kHz) or .sln16 (the same, 16 kHz)"
)
