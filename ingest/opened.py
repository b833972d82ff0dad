"""Opens a recording with FFmpeg's libraries and says in plain words why one cannot be opened."""

import errno
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import av
from av.audio.stream import AudioStream
from av.container import InputContainer

from ..errors import DamagedRecording, EmptyRecording, NotAudio
from . import headerless, sniff
from .promise import promised_seconds
from .riff import WavHeader, read_wav_header

FORMATS: Final = (
    "wav,w64,aiff,au,caf,flac,mp3,ogg,mov,mp4,3gp,matroska,webm,amr,asf,avi,nistsphere,voc,aac,loas,ac3,eac3,"
    "wv,tta,ape,ircam,sox,mpegts,mpeg,flv,rm,dss,ilbc,qcp,mmf,siff,tak,shn,avr,nut,swf,xwma,iff,pvf,wve,dts,"
    "mpc,mpc8,osq,wsd"
)
"""Demuxers that may recognise a file. The others follow links to further files, or take bytes without a
header for theirs: A-law silence looks like GSM, noise like the sound of an old game."""
RATES: Final = range(2_000, 768_001)
"""Sample rates in Hz that a recording can have."""
MAX_CHANNELS: Final = 64
_AUDIO_SUFFIXES: Final = frozenset({
    ".mp3", ".m4a", ".mp4", ".aac", ".ogg", ".oga", ".opus", ".flac", ".amr", ".wma", ".webm", ".mka",
    ".aiff", ".aif", ".au", ".sph", ".w64", ".caf", ".3gp",
})  # fmt: skip
_AGAIN: Final = "fetch the file again from the recorder"
_CONVERT: Final = "convert it to WAV, FLAC or Opus first"


@dataclass(frozen=True, slots=True)
class Opened:
    """An open recording and its audio stream."""

    container: InputContainer
    stream: AudioStream
    size: int
    """Bytes of the file."""
    wav: WavHeader | None
    promised: float | None
    """Seconds by the header; None when no header says."""
    streams: int
    """Number of audio streams in the container."""

    @property
    def format(self) -> str:
        """FFmpeg's name of the container, the first where one demuxer reads several."""
        return self.container.format.name.split(",")[0]

    @property
    def codec(self) -> str:
        """FFmpeg's name of the codec, such as ``pcm_mulaw`` or ``mp3``."""
        return self.stream.codec_context.codec.canonical_name


class _Nameless:
    """What FFmpeg reads from; without a name, only the content counts."""

    name = "recording"

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def read(self, size: int) -> bytes:
        return self._file.read(size)

    def tell(self) -> int:
        return self._file.tell()

    def seek(self, offset: int, whence: int = 0) -> int:
        """Damaged headers point before the beginning: that is FFmpeg's to handle, not a failed disk."""
        try:
            return self._file.seek(offset, whence)
        except (OSError, ValueError, OverflowError) as error:
            if isinstance(error, OSError) and error.errno != errno.EINVAL:
                raise
            return -errno.EINVAL


@contextmanager
def open_recording(path: Path) -> Iterator[Opened]:
    """Open ``path`` and find its audio stream.

    Raises EmptyRecording, NotAudio or DamagedRecording; OSError when the file is missing or unreadable,
    which is not the recording's fault and may be worth another try.
    """
    size = _size(path)
    with path.open("rb") as file:
        head = file.read(sniff.HEAD_BYTES)
        wav = read_wav_header(file, size)
        _check_content(head)
        _check_wav(wav)
        with _container(file, head, path.suffix.lower()) as container:
            stream = _audio_stream(container, wav)
            promised = promised_seconds(container, stream, wav, head)
            yield Opened(container, stream, size, wav, promised, len(container.streams.audio))


def _size(path: Path) -> int:
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise NotAudio("this is no regular file", "name the recordings themselves")
    if status.st_size == 0:
        raise EmptyRecording("the file is empty (0 bytes)", f"{_AGAIN}; it may have failed to record")
    return status.st_size


def _check_content(head: bytes) -> None:
    if other := sniff.other_than_sound(head):
        raise NotAudio(f"the content is {other}, whatever the name says", _remedy_for(other))
    if sniff.only_zeros(head):
        raise DamagedRecording("the file begins with nothing but zero bytes", f"{_AGAIN}; this copy lost it")


def _remedy_for(other: str) -> str:
    if "LFS" in other:
        return "run `git lfs pull` where it came from"
    if "archive" in other:
        return "unpack it and give the recordings inside"
    if "encrypted" in other:
        return "decrypt it first"
    return "replace it by the recording, or take it out of the folder"


def _check_wav(wav: WavHeader | None) -> None:
    if wav is None:
        return
    if wav.present is None:
        raise DamagedRecording("the file breaks off inside its WAV header", _AGAIN)
    if wav.present == 0:
        raise EmptyRecording(
            "a WAV header without a single sample after it", "nothing was recorded, or the copy failed"
        )


def _container(file: BinaryIO, head: bytes, suffix: str) -> InputContainer:
    raw = None if sniff.container_of(head) else headerless.BY_SUFFIX.get(suffix)
    file.seek(0)
    try:
        return _open(file, raw)
    except av.FFmpegError as error:
        if raw is None:
            raise _not_opened(error, head, suffix) from error
        raise DamagedRecording(f"the content does not fit the suffix {suffix}", headerless.REMEDY) from error


def _open(file: BinaryIO, raw: headerless.Headerless | None) -> InputContainer:
    return av.open(
        _Nameless(file),
        mode="r",
        format=raw.format if raw else None,
        container_options={
            "format_whitelist": raw.format if raw else FORMATS,
            "protocol_whitelist": "file",
            **(raw.options if raw else {}),
        },
        metadata_errors="replace",
    )


def _not_opened(error: av.FFmpegError, head: bytes, suffix: str) -> DamagedRecording | NotAudio:
    if head.startswith(b"RIFX"):
        return DamagedRecording("a big-endian WAV file (RIFX), which cannot be read", _CONVERT)
    if name := sniff.container_of(head):
        return _broken(name, head, error)
    if suffix in headerless.AMBIGUOUS:
        return DamagedRecording(
            f"nothing in the file says how its bytes are coded, and {suffix} does not either",
            headerless.REMEDY,
        )
    if suffix in (".wav", ".wave"):
        return DamagedRecording("the name says WAV but there is no WAV header", headerless.REMEDY)
    if suffix in _AUDIO_SUFFIXES:
        return DamagedRecording(f"the name says {suffix[1:].upper()} but the content is not", _AGAIN)
    return NotAudio(
        "the content is of no known audio format", f"check where it comes from; {headerless.REMEDY}"
    )


def _broken(name: str, head: bytes, error: av.FFmpegError) -> DamagedRecording:
    if name == "MP4" and isinstance(error, av.error.InvalidDataError):
        return DamagedRecording("an MP4 file without its index: recording or copy was cut short", _AGAIN)
    return DamagedRecording(f"{name} that cannot be opened ({error.strerror})", _AGAIN)


def _audio_stream(container: InputContainer, wav: WavHeader | None) -> AudioStream:
    streams = container.streams.audio
    if not streams:
        kinds = ", ".join(sorted({stream.type for stream in container.streams})) or "no stream at all"
        raise NotAudio(f"there is no sound in it ({kinds})", "check that sound was recorded")
    stream = streams[0]
    # PyAV gives None where FFmpeg has no decoder, which its annotations do not say.
    if getattr(stream, "codec_context", None) is None:
        tag = f" (WAV format 0x{wav.tag:04x})" if wav and wav.tag is not None else ""
        raise DamagedRecording(f"its codec is unknown{tag}", _CONVERT)
    _check_stream(stream)
    return stream


def _check_stream(stream: AudioStream) -> None:
    if stream.rate not in RATES:
        raise DamagedRecording(f"a sample rate of {stream.rate} Hz, which no recorder has", _AGAIN)
    if not 1 <= stream.channels <= MAX_CHANNELS:
        raise DamagedRecording(f"{stream.channels} channels, which no recorder has", _AGAIN)
