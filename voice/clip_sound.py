"""A clip as a small sound file of its own, without the personal data that is said in it."""

import io
from fractions import Fraction
from typing import Any

import av
import numpy as np
import numpy.typing as npt

from ..errors import RecordingError
from ..ingest.audio import Audio, decode
from ..privacy.sound import Stretch, hidden, stretches_of
from ..store.call import StoredCall, audio_path
from ..store.database import Store

RATE = 16000
BITS = 32_000
"""Bits a second of the MP3 that every browser plays; about 4 kB a second."""
FADE = 0.03


def clip_sound(store: Store, call: StoredCall, start: float, end: float) -> bytes | None:
    """MP3 (mono) of ``start`` to ``end`` seconds of a call; None when its recording is gone or unreadable."""
    source = audio_path(store, call.row.id)
    if source is None:
        return None
    try:
        audio = decode(source, RATE)
    except (RecordingError, OSError):
        return None
    stretches = stretches_of(call.transcript.utterances) if call.transcript else ()
    return to_mp3(cut(audio, start, end, stretches))


def cut(audio: Audio, start: float, end: float, stretches: tuple[Stretch, ...]) -> npt.NDArray[np.float32]:
    """The samples (n,) of a clip: channels mixed, personal data beeped over, its ends faded."""
    clean = hidden(audio.samples, audio.rate, stretches)
    first, last = int(start * audio.rate), int(end * audio.rate)
    mixed = clean[:, max(0, first) : last].mean(axis=0)
    edge = min(int(FADE * audio.rate), len(mixed) // 2)
    if edge:
        ramp = np.linspace(0, 1, edge, dtype=np.float32)
        mixed[:edge] *= ramp
        mixed[-edge:] *= ramp[::-1]
    loudest = float(np.abs(mixed).max(initial=0.0))
    return np.asarray(mixed * min(4.0, 0.7 / loudest) if loudest > 1e-4 else mixed, dtype=np.float32)


def to_mp3(samples: npt.NDArray[np.float32], rate: int = RATE) -> bytes:
    """``samples`` (n,) between -1 and 1 as MP3."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp3") as container:
        stream: Any = container.add_stream("mp3", rate=rate, layout="mono")
        stream.bit_rate = BITS
        pcm = np.rint(np.clip(samples, -1, 1) * 32767).astype(np.int16)[np.newaxis]
        frame = av.AudioFrame.from_ndarray(pcm, format="s16", layout="mono")
        frame.sample_rate, frame.time_base, frame.pts = rate, Fraction(1, rate), 0
        resampler = av.AudioResampler(format=stream.codec_context.format, layout="mono", rate=rate)
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    return out.getvalue()
