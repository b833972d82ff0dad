"""Makes the sample calls: ``python samples/make_samples.py --models DIR --out samples``.

``DIR`` is what prepare.sh filled. Each of dialogues/ is spoken turn by turn, laid on two channels with the
stated pauses, narrowed to the telephone band, given noise and cross-talk, encoded, and described in truth/.
"""

import argparse
import csv
import ctypes
import json
import subprocess
import zlib
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
import onnxruntime  # type: ignore[import-untyped]
import yaml
from misaki import zh  # type: ignore[import-not-found]
from numpy.typing import NDArray
from scipy import signal

Sound = NDArray[np.float32]
Data = dict[str, Any]
HERE = Path(__file__).parent
TTS_RATE = 24_000
LINE_RATE = 8_000
TAIL_SECONDS = 0.8
SPEECH_DBFS = {"agent": -21.0, "customer": -22.0}
EMOTION_DB = {"angry": 2.0, "sad": -2.0}
CROSSTALK_DELAY = 0.012
METADATA = ("file", "call_id", "agent", "team", "business", "direction", "queue", "started_at", "customer")


@dataclass(frozen=True)
class Format:
    """How a call is stored; ``by`` names the encoder library: PyAV, the ffmpeg program, or libvo-amrwbenc."""

    suffix: str
    container: str
    codec: str
    rate: int = LINE_RATE
    bit_rate: int | None = None
    by: str = "av"


FORMATS = {
    "wav-pcm": Format(".wav", "wav", "pcm_s16le"),
    "wav-mulaw": Format(".wav", "wav", "pcm_mulaw"),
    "wav-alaw": Format(".wav", "wav", "pcm_alaw"),
    "wav-ima": Format(".wav", "wav", "adpcm_ima_wav"),
    "wav-gsm": Format(".wav", "wav", "libgsm_ms", by="ffmpeg"),
    "gsm": Format(".gsm", "gsm", "libgsm", by="ffmpeg"),
    "mp3": Format(".mp3", "mp3", "libmp3lame", bit_rate=32_000),
    "opus": Format(".ogg", "ogg", "libopus", bit_rate=40_000),
    "flac": Format(".flac", "flac", "flac"),
    "m4a": Format(".m4a", "ipod", "aac", bit_rate=48_000),
    "mp4": Format(".mp4", "mp4", "aac", rate=16_000, bit_rate=32_000),
    "amr-nb": Format(".amr", "amr", "libopencore_amrnb", bit_rate=12_200),
    "amr-wb": Format(".awb", "amr", "amr_wb", rate=16_000, by="amrwb"),
}


class Speaker:
    """Kokoro-82M with the Chinese voices."""

    def __init__(self, models: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._model = onnxruntime.InferenceSession(models / "kokoro.onnx", options)
        self._vocabulary: dict[str, int] = json.loads((models / "config.json").read_text("utf-8"))["vocab"]
        self._phonemes = zh.ZHG2P()
        self._voices = models / "voices"

    def say(self, text: str, voice: str, speed: float) -> Sound:
        """Speech at LINE_RATE, float32 (samples,), without silence around it."""
        phonemes, _ = self._phonemes(text)
        ids = [self._vocabulary[p] for p in phonemes if p in self._vocabulary]
        styles = np.fromfile(self._voices / f"{voice}.bin", np.float32).reshape(510, 1, 256)
        feed = {"tokens": np.array([[0, *ids, 0]], np.int64), "style": styles[len(ids)]}
        (sound,) = self._model.run(None, feed | {"speed": np.array([speed], np.float32)})
        return trim(signal.resample_poly(sound.ravel(), LINE_RATE, TTS_RATE).astype(np.float32))


def trim(sound: Sound, window: float = 0.02, below_peak_db: float = 38.0) -> Sound:
    """Cuts quiet windows off both ends, so that a turn starts and ends where it is heard."""
    step = int(window * LINE_RATE)
    frames = sound[: len(sound) // step * step].reshape(-1, step)
    level = np.sqrt((frames**2).mean(axis=1))
    loud = np.flatnonzero(level > level.max() * 10 ** (-below_peak_db / 20))
    return sound[loud[0] * step : (loud[-1] + 1) * step]


def telephone_band(sound: Sound) -> Sound:
    """300 to 3400 Hz, phase kept so that turn times stay true."""
    band = signal.butter(4, (300, 3400), "bandpass", fs=LINE_RATE, output="sos")
    return np.asarray(signal.sosfiltfilt(band, sound), np.float32)


def at_level(sound: Sound, dbfs: float) -> Sound:
    """Scaled to a mean level while speaking, peaks softly held below full scale."""
    loud = sound[np.abs(sound) > np.abs(sound).max() * 0.05]
    scaled = sound * (10 ** (dbfs / 20) / np.sqrt((loud**2).mean()))
    return np.asarray(0.9 * np.tanh(scaled / 0.9), np.float32)


def noise(samples: int, dbfs: float, rng: np.random.Generator) -> Sound:
    """Line hiss within the telephone band."""
    hiss = telephone_band(rng.standard_normal(samples).astype(np.float32))
    return hiss * np.float32(10 ** (dbfs / 20) / np.sqrt((hiss**2).mean()))


def conversation(call: Data, speaker: Speaker) -> tuple[list[Data], Sound]:
    """The turns with their times, and the clean sound, float32 (2, samples): agent, customer."""
    turns: list[Data] = []
    pieces: list[tuple[int, int, Sound]] = []
    end = 0.0
    for index, raw in enumerate(call["turns"]):
        role = "agent" if "agent" in raw else "customer"
        emotion, speed = raw.get("emotion", "calm"), raw.get("speed", 1.0)
        spoken = telephone_band(speaker.say(raw[role], call[role]["voice"], speed))
        sound = at_level(spoken, SPEECH_DBFS[role] + EMOTION_DB.get(emotion, 0.0))
        start = round(end + raw["gap"], 3)
        end = round(start + len(sound) / LINE_RATE, 3)
        pieces.append((0 if role == "agent" else 1, round(start * LINE_RATE), sound))
        turn = {"role": role, "text": raw[role], "gap": raw["gap"], "speed": speed, "emotion": emotion}
        turns.append(turn | {"turn": index, "start": start, "end": end})
    last = max(t["end"] for t in turns)
    line = np.zeros((2, round((last + TAIL_SECONDS) * LINE_RATE)), np.float32)
    for channel, at, sound in pieces:
        line[channel, at : at + len(sound)] += sound
    return turns, line


def on_the_line(line: Sound, audio: Data, seed: int) -> Sound:
    """The recorded channels, float32 (channels, samples): cross-talk, noise, then order or mix as stated."""
    rng = np.random.default_rng(seed)
    delayed = np.roll(line[::-1], round(CROSSTALK_DELAY * LINE_RATE), axis=1)
    level = float(np.mean(list(SPEECH_DBFS.values()))) - audio["snr_db"]
    hiss = np.stack([noise(line.shape[1], level, rng) for _ in range(2)])
    heard = line + np.float32(audio.get("crosstalk", 0.0)) * delayed + hiss
    if audio["channels"] == 1:
        heard = heard.mean(axis=0, keepdims=True) * np.float32(1.4)
    elif audio.get("swapped"):
        heard = heard[::-1]
    return np.clip(heard, -0.98, 0.98)


def encode(path: Path, sound: Sound, how: Format, models: Path) -> None:
    """Writes float32 (channels, samples) at LINE_RATE to ``path``."""
    if how.rate != LINE_RATE:
        sound = signal.resample_poly(sound, how.rate, LINE_RATE, axis=1)
    pcm = np.round(np.clip(sound, -1, 1) * 32767).astype(np.int16)
    if how.by == "ffmpeg":
        encode_with_ffmpeg(path, pcm, how)
    elif how.by == "amrwb":
        encode_amr_wideband(path, pcm[0], models / "libvo-amrwbenc.so.0")
    else:
        encode_with_av(path, pcm, how)


def encode_with_av(path: Path, pcm: NDArray[np.int16], how: Format) -> None:
    layout = "mono" if len(pcm) == 1 else "stereo"
    with av.open(path, "w", format=how.container) as out:
        stream = cast(av.AudioStream, out.add_stream(how.codec, rate=how.rate, layout=layout))
        if how.bit_rate:
            stream.bit_rate = how.bit_rate
        frame = av.AudioFrame.from_ndarray(pcm.T.reshape(1, -1).copy(), format="s16", layout=layout)
        frame.sample_rate, frame.pts, frame.time_base = how.rate, 0, Fraction(1, how.rate)
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def encode_with_ffmpeg(path: Path, pcm: NDArray[np.int16], how: Format) -> None:
    """GSM 06.10: PyAV's wheels lack the encoder, Debian's ffmpeg has it."""
    source = ["-f", "s16le", "-ar", str(how.rate), "-ac", str(len(pcm)), "-i", "-"]
    target = ["-c:a", how.codec, "-f", how.container, "-bitexact", str(path)]
    subprocess.run(
        ["ffmpeg", "-loglevel", "error", "-y", *source, *target], input=pcm.T.tobytes(), check=True
    )


def encode_amr_wideband(path: Path, pcm: NDArray[np.int16], library: Path) -> None:
    """AMR-WB 12.65 kbit/s in the storage format of RFC 4867, frames of 20 ms."""
    lib = ctypes.CDLL(str(library))
    lib.E_IF_init.restype = ctypes.c_void_p
    lib.E_IF_encode.argtypes = [
        ctypes.c_void_p,
        ctypes.c_int16,
        ctypes.c_char_p,
        ctypes.c_char_p,
        ctypes.c_int16,
    ]
    lib.E_IF_exit.argtypes = [ctypes.c_void_p]
    state, packet, content = lib.E_IF_init(), ctypes.create_string_buffer(500), b"#!AMR-WB\n"
    for frame in np.pad(pcm, (0, -len(pcm) % 320)).reshape(-1, 320):
        size = lib.E_IF_encode(state, 2, frame.tobytes(), packet, 0)
        content += packet.raw[:size]
    lib.E_IF_exit(state)
    path.write_bytes(content)


def truth(call: Data, name: str, turns: list[Data], seconds: float, how: Format) -> Data:
    """What a perfect listener would report of the call."""
    audio = call["audio"]
    roles = ["customer", "agent"] if audio.get("swapped") else ["agent", "customer"]
    channels = {"0": "mix"} if audio["channels"] == 1 else dict(zip("01", roles, strict=True))
    expected, pii = [], []
    for turn, raw in zip(turns, call["turns"], strict=True):
        for check, quote in (pair for flag in raw.get("flags", ()) for pair in flag.items()):
            expected.append({"check": check, "turn": turn["turn"], "quote": quote, "role": turn["role"]})
        for kind, quote in (pair for item in raw.get("pii", ()) for pair in item.items()):
            pii.append({"turn": turn["turn"], "kind": kind, "quote": quote})
    return {
        "call_id": call["call_id"],
        **{key: call[key] for key in ("business", "direction")},
        "agent_id": call["agent"]["number"],
        **{key: call[key] for key in ("team", "summary")},
        "turns": turns,
        "expected": expected,
        "absent": call["absent"],
        "pii": pii,
        **{key: call[key] for key in ("topic", "department", "resolved")},
        "audio": {
            "file": name,
            "channels": channels,
            "sample_rate": how.rate,
            "codec": how.codec,
            "seconds": round(seconds, 2),
            "snr_db": audio["snr_db"],
            "crosstalk": audio.get("crosstalk", 0),
            "voices": {role: call[role]["voice"] for role in ("agent", "customer")},
        },
    }


def make_call(source: Path, speaker: Speaker, models: Path, out: Path) -> Data:
    """One call from its dialogue: sound, truth; returns its metadata row."""
    call = yaml.safe_load(source.read_text("utf-8")) | {"call_id": source.stem}
    how = FORMATS[call["audio"]["format"]]
    name = source.stem + how.suffix
    turns, line = conversation(call, speaker)
    encode(out / name, on_the_line(line, call["audio"], zlib.crc32(source.stem.encode())), how, models)
    write_json(
        out / "truth" / f"{source.stem}.json", truth(call, name, turns, line.shape[1] / LINE_RATE, how)
    )
    return {**call, "file": name, "agent": call["agent"]["number"], "customer": call["customer"]["name"]}


def make_other(other: Data, models: Path, out: Path) -> Data:
    """A recording without a conversation of its own; returns its metadata row."""
    path = out / other["file"]
    match other["kind"]:
        case "no_speech":
            hiss = noise(8 * LINE_RATE, -50.0, np.random.default_rng(20))
            encode(path, hiss[np.newaxis], FORMATS["wav-mulaw"], models)
        case "damaged":
            path.write_bytes((out / "02-refund-dispute.wav").read_bytes()[:30])
        case "not_audio":
            path.write_text("这不是录音，是一段被错存成 wav 的文字。\n坐席备注：客户已回访。\n", "utf-8")
        case "empty":
            path.write_bytes(b"")
        case "duplicate":
            path.write_bytes(next(out.glob(f"{other['duplicate_of']}.*")).read_bytes())
    row: Data = other.pop("metadata") | {key: other[key] for key in ("file", "call_id")}
    write_json(out / "truth" / "others" / f"{row['call_id']}.json", other | {"turns": [], "expected": []})
    return row


def write_json(path: Path, content: Data) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8")


def write_metadata(path: Path, rows: list[Data]) -> None:
    with path.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, METADATA, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path, required=True, help="the folder that prepare.sh filled")
    parser.add_argument("--out", type=Path, default=HERE)
    parser.add_argument("--only", default="", help="make just the calls whose name begins with this")
    options = parser.parse_args()
    speaker = Speaker(options.models)
    sources = sorted((HERE / "dialogues").glob(f"{options.only}*.yaml"))
    rows = [make_call(source, speaker, options.models, options.out) for source in sources]
    if options.only:
        return  # the rest stands on all calls
    others = yaml.safe_load((HERE / "others.yaml").read_text("utf-8"))
    rows += [make_other(other, options.models, options.out) for other in others]
    write_metadata(options.out / "metadata.csv", rows)


if __name__ == "__main__":
    main()
