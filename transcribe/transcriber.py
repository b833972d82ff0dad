"""The room's front door: samples of recordings in, transcripts out, models loaded once."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from .activity import RATE, frame_levels, speech_segments
from .announcements import announcements
from .channels import separate_channels
from .chinese import CHINESE
from .hardware import Hardware, choose
from .homophones import Homophones, corrected
from .levels import utterance_levels
from .lexicon import Lexicon, correct
from .measures import measure
from .recogniser import Heard, Recogniser
from .roles import LaneText, agent_lane
from .second_look import recognise
from .trust import calibrated
from .turns import PAUSE_SECONDS, Turns, pieces_of
from .types import Role, Transcript, Utterance, Word
from .utterances import finish, utterance, words_by_piece
from .windows import Piece, Window, pack

if TYPE_CHECKING:
    from .diarize import Diarizer

MAX_SPEAKERS = 4


class _Settings(Protocol):
    """What of the program's settings matters here."""

    @property
    def asr_model(self) -> str: ...
    @property
    def diarization_model(self) -> str: ...
    @property
    def model_dir(self) -> Path: ...
    @property
    def hub_token(self) -> str | None: ...

    @property
    def device(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def lexicon(self) -> Path | None: ...


@dataclass(frozen=True, slots=True)
class Options:
    """How to transcribe; see ``settings.Settings`` for what each field means to a user."""

    model_dir: Path
    asr_model: str = "bundled"
    diarization_model: str = "bundled"
    hub_token: str | None = None
    device: str = "auto"
    language: str = "zh"
    lexicon: Path | None = None
    compute_type: str | None = None
    """CTranslate2's word for a number format, such as ``int8_float16``; default: the best of the device."""
    batch_size: int | None = None
    """Windows recognised together; default: by device."""

    @classmethod
    def from_settings(cls, settings: _Settings) -> "Options":
        return cls(
            settings.model_dir,
            settings.asr_model,
            settings.diarization_model,
            settings.hub_token,
            settings.device,
            settings.language,
            settings.lexicon,
        )


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A recording cut into windows, before recognition."""

    samples: np.ndarray
    channels: int
    windows: tuple[Window, ...]
    overlapped: frozenset[Piece]

    @property
    def duration(self) -> float:
        return int(self.samples.shape[1]) / RATE

    @property
    def mono(self) -> bool:
        return int(self.samples.shape[0]) == 1


class Transcriber:
    """Recognition, separation and measures; not for use by several threads at once."""

    def __init__(self, options: Options) -> None:
        """Raises ModelError when the speech model does not load; diarization loads at the first mono call."""
        self._options = options
        self._hardware: Hardware = choose(options.device, options.compute_type, options.batch_size)
        self._recogniser = Recogniser(options.asr_model, options.model_dir, self._hardware, options.language)
        self._lexicon = Lexicon.load(options.lexicon)

    @property
    def device(self) -> str:
        """``cpu`` or ``cuda``."""
        return self._hardware.device

    @cached_property
    def _homophones(self) -> Homophones:
        return Homophones.load(self._lexicon.terms)

    @cached_property
    def _diarizer(self) -> "Diarizer":
        from .diarize import load

        o = self._options
        return load(o.diarization_model, o.model_dir, self._hardware.device, token=o.hub_token)

    def transcribe(self, samples: np.ndarray, rate: int = RATE) -> Transcript:
        """Transcript of ``samples`` (channels, n) float32, 1 or 2 channels, at 16 kHz."""
        return self.transcribe_many([samples], rate)[0]

    def transcribe_many(
        self,
        recordings: Sequence[np.ndarray],
        rate: int = RATE,
        progress: Callable[[int, int], None] = lambda _done, _total: None,
    ) -> list[Transcript]:
        """As ``transcribe`` for several recordings, their windows recognised in common batches.

        ``progress`` is told how many windows of how many are done.
        """
        if rate != RATE:
            raise ValueError(f"samples must be at {RATE} Hz, not {rate}")
        prepared = [self._prepare(samples) for samples in recordings]
        jobs = [(i, window) for i, p in enumerate(prepared) for window in p.windows]
        heard: dict[int, list[tuple[Window, Heard]]] = defaultdict(list)
        for (i, window), found in recognise(self._recogniser, [p.samples for p in prepared], jobs, progress):
            heard[i].append((window, found))
        return [self._assemble(p, heard[i]) for i, p in enumerate(prepared)]

    def _prepare(self, samples: np.ndarray) -> _Prepared:
        used = separate_channels(samples)
        turns = self._mono_turns(used[0]) if used.shape[0] == 1 else _channel_turns(used)
        windows = pack(turns.pieces, used.shape[1] / RATE)
        return _Prepared(used, samples.shape[0], tuple(windows), turns.overlapped)

    def _mono_turns(self, samples: np.ndarray) -> Turns:
        # Diarization loads its models late: a batch of two-channel calls never needs them.
        speech = speech_segments(samples[None], PAUSE_SECONDS)[0]
        if not speech:
            return Turns((), frozenset())
        return pieces_of(self._diarizer.turns(samples, speech, max_speakers=MAX_SPEAKERS))

    def _assemble(self, prepared: _Prepared, heard: Sequence[tuple[Window, Heard]]) -> Transcript:
        chinese = {p.piece for window, found in heard if found.language in CHINESE for p in window.placed}
        words = {
            piece: calibrated(ws, self._put_right(ws) if piece in chinese else ws)
            for piece, ws in words_by_piece(heard).items()
        }
        looped = {p.piece for window, found in heard if found.looped for p in window.placed}
        drafts = [u for piece in words if (u := _draft(prepared, piece, words[piece], piece in looped))]
        machine = announcements(drafts)
        people = [u for i, u in enumerate(drafts) if i not in machine]
        utterances = finish(drafts, _roles(people), machine)
        return Transcript(
            duration=prepared.duration,
            channels=prepared.channels,
            language=heard[0][1].language if heard else self._options.language,
            utterances=utterances,
            measures=measure(
                utterances,
                prepared.duration,
                _loudness(prepared.samples, utterances),
                utterance_levels(prepared.samples, utterances),
            ),
            models=self._models(prepared.mono),
        )

    def _put_right(self, words: Sequence[Word]) -> list[Word]:
        """What was heard in Chinese, in the characters that belong to it."""
        return correct(corrected(words, self._homophones), self._lexicon)

    def _models(self, mono: bool) -> dict[str, str]:
        return {
            "asr": f"{self._recogniser.name} {self._hardware.compute_type}",
            "diarization": self._diarizer.name if mono and "_diarizer" in self.__dict__ else "channels",
        }


def _channel_turns(samples: np.ndarray) -> Turns:
    segments = speech_segments(samples)
    pieces = [Piece(s, channel, channel) for channel, spans in enumerate(segments) for s in spans]
    return Turns(tuple(pieces), frozenset())


def _draft(prepared: _Prepared, piece: Piece, words: Sequence[Word], looped: bool) -> Utterance | None:
    channel = None if prepared.mono else piece.channel
    return utterance(piece, words, channel, piece in prepared.overlapped, looped)


def _roles(drafts: Sequence[Utterance]) -> dict[str, Role]:
    """Role of each lane, told from what it says."""
    texts: dict[int, list[Utterance]] = defaultdict(list)
    for draft in sorted(drafts, key=lambda u: u.start):
        texts[int(draft.speaker)].append(draft)
    agent = agent_lane({lane: LaneText([u.text for u in us], us[0].start) for lane, us in texts.items()})
    return {str(lane): Role.AGENT if lane == agent else Role.CUSTOMER for lane in texts}


def _loudness(samples: np.ndarray, utterances: Sequence[Utterance]) -> dict[str, float]:
    """Mean level in dBFS of each role's speech."""
    levels = [frame_levels(channel) for channel in samples]
    frames_per_second = RATE / 512
    power: dict[str, list[np.ndarray]] = defaultdict(list)
    for u in utterances:
        cut = slice(int(u.start * frames_per_second), max(1, int(u.end * frames_per_second)))
        power[u.role.value].append(10 ** (levels[u.channel or 0][cut] / 10))
    return {
        role: round(10 * float(np.log10(np.mean(np.concatenate(p)))), 1)
        for role, p in power.items()
        if sum(len(part) for part in p)
    }
