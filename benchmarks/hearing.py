"""The systems that ``benchmarks/transcribe.py`` compares: each says who said what in a recording, and when.

A system is a function of samples (channels, n) float32 at 16 kHz to lines of role, speaker, text, start and
end. A second channel of a recording is a second speaker; on one channel, who speaks is told from the sound.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

PROMPT = "以下是普通话的句子。"
PAUSE_SECONDS = 0.5
"""Timed words that are further apart than this become lines of their own."""
Line = dict[str, Any]
System = Callable[[np.ndarray], list[Line]]

BATCHED = "faster-whisper batched"
WORD_TIMES = "faster-whisper batched, word times"
SEQUENTIAL = "faster-whisper sequential"
WHISPERX = "whisperX, recognition"
PYANNOTE = "pyannote"
SWAPPED = ", channels swapped"
ROLES = ("agent", "customer")


def load(name: str) -> System:
    """The system ``name``, its models loaded; pyannote's lines have no text."""
    if name.startswith("callqa"):
        return _callqa()
    if name == PYANNOTE:
        return _plain_pyannote()
    return _faster_whisper(batched=name != SEQUENTIAL, word_times=name == WORD_TIMES)


def _callqa() -> System:
    from callqa.settings import get_settings
    from callqa.transcribe.transcriber import Options, Transcriber

    transcriber = Transcriber(Options.from_settings(get_settings()))

    def hear(samples: np.ndarray) -> list[Line]:
        made = transcriber.transcribe(samples).utterances
        return [{"role": u.role.value, "speaker": u.speaker, "text": u.text, **_span(u)} for u in made]

    return hear


def _faster_whisper(*, batched: bool, word_times: bool) -> System:
    """Lines are timed words joined at pauses when ``word_times``, else the segments as they come."""
    import torch  # noqa: F401  # as in callqa, before CTranslate2
    from faster_whisper import BatchedInferencePipeline, WhisperModel

    from callqa.settings import get_settings
    from callqa.transcribe.models import WHISPER_BASE, model_path

    folder = model_path(get_settings().model_dir, WHISPER_BASE)
    model: Any = WhisperModel(str(folder), device="cpu", compute_type="int8")
    options: dict[str, Any] = {"language": "zh", "beam_size": 5, "initial_prompt": PROMPT}
    options |= {"word_timestamps": word_times}
    if batched:
        model, options = BatchedInferencePipeline(model), {**options, "batch_size": 8}
    else:
        options["vad_filter"] = True

    def parts(channel: np.ndarray, number: int) -> Iterator[Line]:
        segments, _ = model.transcribe(np.ascontiguousarray(channel), **options)
        for part in (p for s in segments for p in (s.words if word_times else [s])):
            yield {"channel": number, "text": part.word if word_times else part.text, **_span(part)}

    def hear(samples: np.ndarray) -> list[Line]:
        heard = [part for number, channel in enumerate(samples) for part in parts(channel, number)]
        return by_channel(heard, len(samples))

    return hear


def by_channel(lines: Iterable[Line], channels: int) -> list[Line]:
    """Lines of several channels with each channel a speaker, the first the agent, joined where words go on.

    On one channel nothing is known of speakers, and words stay apart for ``by_turns``.
    """
    from callqa.transcribe.chinese import simplify

    simple = [{**line, "text": simplify(line["text"])} for line in lines]
    if channels == 1:
        return [{**line, "role": "unknown", "speaker": "unknown"} for line in simple]
    known = [{**line, "role": ROLES[line["channel"]], "speaker": ROLES[line["channel"]]} for line in simple]
    return sorted(joined(known), key=_start)


def by_turns(lines: Iterable[Line], turns: Sequence[Line]) -> list[Line]:
    """Each line given to the speaker of the turn it lies in or nearest to, and joined where words go on."""
    return joined([{**line, "speaker": speaker_at(turns, line)} for line in lines])


def speaker_at(turns: Sequence[Line], word: Line) -> str:
    """The speaker of the turn at the word's middle, or of the nearest one."""
    middle = (word["start"] + word["end"]) / 2
    nothing = {"start": 0.0, "end": 0.0, "speaker": "nobody"}
    nearest = min(turns, key=lambda t: max(t["start"] - middle, middle - t["end"], 0.0), default=nothing)
    return str(nearest["speaker"])


def joined(words: Sequence[Line]) -> list[Line]:
    """Words of one speaker without a longer pause as one line."""
    lines: list[Line] = []
    for word in words:
        last = lines[-1] if lines else None
        same = last is not None and last.get("speaker") == word.get("speaker")
        if last is not None and same and word["start"] - last["end"] < PAUSE_SECONDS:
            lines[-1] = {**last, "text": last["text"] + word["text"], "end": word["end"]}
        else:
            lines.append(word)
    return lines


def _plain_pyannote() -> System:
    """pyannote's own pipeline on the bundled models: step 0.1, centroid clustering at 0.7."""
    import torch
    from pyannote.audio import Audio
    from pyannote.audio.core.plda import PLDA
    from pyannote.audio.pipelines.clustering import AgglomerativeClustering
    from pyannote.audio.pipelines.speaker_diarization import SpeakerDiarization
    from pyannote.audio.pipelines.utils import get_model

    from callqa.settings import get_settings
    from callqa.transcribe.campplus import CamPlusEmbedding
    from callqa.transcribe.models import CAMPPLUS, SEGMENTATION, model_path

    models = get_settings().model_dir
    embedding = CamPlusEmbedding(model_path(models, CAMPPLUS) / "campplus.pt", torch.device("cpu"))
    # pyannote's constructor knows embeddings by name only and wants a PLDA that this clustering never asks.
    pipeline: Any = SpeakerDiarization(
        segmentation=get_model(str(model_path(models, SEGMENTATION) / "pytorch_model.bin")),
        segmentation_step=0.1,
        segmentation_batch_size=16,
        embedding_batch_size=16,
        embedding_exclude_overlap=True,
        clustering="OracleClustering",
        plda=PLDA.__new__(PLDA),
    )
    pipeline._embedding = embedding
    pipeline._audio = Audio(sample_rate=embedding.sample_rate, mono="downmix")
    pipeline.klustering = "AgglomerativeClustering"
    pipeline.clustering = AgglomerativeClustering(metric=embedding.metric)
    pipeline._expects_num_speakers = pipeline.clustering.expects_num_clusters
    clustering = {"method": "centroid", "threshold": 0.7, "min_cluster_size": 12}
    pipeline.instantiate({"segmentation": {"min_duration_off": 0.0}, "clustering": clustering})

    def diarize(samples: np.ndarray) -> list[Line]:
        wave = torch.from_numpy(np.ascontiguousarray(samples[:1]))
        with torch.inference_mode():
            output = pipeline({"waveform": wave, "sample_rate": 16000}, min_speakers=1, max_speakers=4)
        found = getattr(output, "speaker_diarization", output).itertracks(yield_label=True)
        return [{"role": "unknown", "speaker": str(who), "text": "", **_span(span)} for span, _, who in found]

    return diarize


def _span(spoken: Any) -> dict[str, float]:
    return {"start": float(spoken.start), "end": float(spoken.end)}


def _start(line: Line) -> float:
    return float(line["start"])
