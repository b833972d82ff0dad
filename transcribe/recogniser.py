"""faster-whisper behind one call: windows of speech in, timed words out."""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import ModelError
from .alignment import bytes_of, timed_tokens, words_of
from .batches import Batches
from .encoder import Encoder, suits_this_processor
from .hardware import Hardware
from .models import WHISPER_BASE, model_path
from .types import Word

BUNDLED = "bundled"
PROMPT = "您好,工号八零二三,请问有什么可以帮您?我要投诉,要求退款。请稍等,帮您核实一下身份证号。"
"""How calls sound, in simplified characters: tells Whisper the register and the script to write in."""
SCRIPT_PROMPT = "以下是普通话的句子。"
"""Only asks for simplified characters."""
BEAM_SIZE = 3
"""As right as 5 once homophones are put right, in two thirds of the time; 2 and 1 are less right."""
LOOP_RATIO = 2.4
"""Text that compresses better than this is a repetition loop (OpenAI's own threshold)."""
NO_SPEECH = 0.6
LOW_LOGPROB = -1.0
_FRAMES = 3000
_EOT_LENGTH = 448


@dataclass(frozen=True, slots=True)
class Heard:
    """What was recognised in one window; word times count from the window's start."""

    words: tuple[Word, ...]
    language: str
    looped: bool
    """The recogniser ran in circles and was asked again with repetition forbidden."""


class Recogniser:
    """Loads the model once; ``recognise`` may then be called for any number of windows."""

    def __init__(self, model: str, model_dir: Path, hardware: Hardware, language: str = "zh") -> None:
        """``model``: ``bundled``, a CTranslate2 folder or a hub name; ModelError when it does not load."""
        import torch  # its CUDA libraries must be loaded before CTranslate2 looks for them
        from faster_whisper import WhisperModel

        # A core to each of several batches: threads within one wait for each other at every small step.
        self._threads = torch.get_num_threads()
        hands = self._threads if hardware.device == "cpu" else 1
        path = str(model_path(model_dir, WHISPER_BASE)) if model == BUNDLED else model
        try:
            self._model: Any = WhisperModel(
                path,
                device=hardware.device,
                compute_type=hardware.compute_type,
                cpu_threads=1,
                num_workers=hands,
            )
        except Exception as error:
            raise ModelError(
                f"speech model {model!r} does not load: {error}. Name a CTranslate2 folder, or check that "
                "the model hub is reachable"
            ) from error
        self.name = WHISPER_BASE.name if model == BUNDLED else model
        own = hardware.device == "cpu" and suits_this_processor()
        self._encoder = Encoder.load(Path(path)) if own else None
        self._batches = Batches(hardware.batch_size, hands, lambda: torch.set_num_threads(1))
        torch.set_num_threads(self._threads)  # CTranslate2 set it to one for all
        self._language = language
        self._tokenizers: dict[str, Any] = {}
        self._suppressed = self._never_written()

    def recognise(
        self,
        windows: Sequence[np.ndarray],
        progress: Callable[[int], None] = lambda _: None,
        *,
        prompted: bool = True,
    ) -> list[Heard]:
        """Words of each window (samples,) float32 at 16 kHz, at most 30 s; in the given order.

        Without ``prompted`` the model is not told what calls sound like, and writes less fluently.
        """
        import torch

        heard: list[Heard] = []
        for found in self._batches.run(windows, lambda batch: self._batch(batch, prompted)):
            heard.extend(found)
            progress(len(heard))
        torch.set_num_threads(self._threads)  # what one thread sets holds for those that come later
        return heard

    def _batch(self, windows: Sequence[np.ndarray], prompted: bool) -> list[Heard]:
        encoded = self._encode([self._features(w) for w in windows])
        languages = self._languages(encoded, len(windows))
        prompts = [self._prompt(language, prompted) for language in languages]
        results = self._generate(encoded, prompts)
        looped = [_loops(self._text(r.tokens, lang)) for r, lang in zip(results, languages, strict=True)]
        for i, again in self._without_loops(encoded, prompts, [i for i, loop in enumerate(looped) if loop]):
            results[i] = again
        frames = [min(_FRAMES, len(w) // 160 + 1) for w in windows]
        words = self._align(encoded, results, languages, frames)
        return [
            Heard(() if r.silent else w, lang, loop)
            for r, w, lang, loop in zip(results, words, languages, looped, strict=True)
        ]

    def _without_loops(
        self, encoded: Any, prompts: Sequence[Sequence[int]], rows: Sequence[int]
    ) -> list[tuple[int, "_Decoded"]]:
        """The windows of ``rows`` decoded once more with repetition forbidden; others cost nothing."""
        if not rows:
            return []
        again = self._generate(
            _rows(encoded, rows, len(prompts)),
            [prompts[i] for i in rows],
            repetition_penalty=1.1,
            no_repeat_ngram_size=5,
        )
        return list(zip(rows, again, strict=True))

    def _encode(self, features: Sequence[np.ndarray]) -> Any:
        """What the decoder listens to, a window a row."""
        if self._encoder is None:
            return self._model.encode(np.stack(features))
        import ctranslate2

        return ctranslate2.StorageView.from_array(self._encoder(features))

    def _features(self, samples: np.ndarray) -> np.ndarray:
        """Log mel features (mels, 3000); what lies behind the end is as silent as the window knows."""
        features = self._model.feature_extractor(samples, padding=160)[:, :_FRAMES]
        padding = _FRAMES - features.shape[1]
        padded: np.ndarray = np.pad(features, ((0, 0), (0, padding)), constant_values=features.min())
        return padded.astype(np.float32)

    def _languages(self, encoded: Any, count: int) -> list[str]:
        if self._language != "auto":
            return [self._language] * count
        detected = self._model.model.detect_language(encoded)
        return [ranking[0][0].strip("<|>") for ranking in detected]

    def _never_written(self) -> list[int]:
        """What the model's own list suppresses, and the first byte of full-width marks.

        Whisper spells a full-width comma in three bytes, and a small model loses its way between them: it
        writes a full-width 4 or G. A half-width comma is one token.
        """
        spelt: list[int] = self._model.hf_tokenizer.encode("，", add_special_tokens=False).ids
        return [-1, *spelt[:1]] if len(spelt) > 1 else [-1]

    def _generate(self, encoded: Any, prompts: Sequence[Sequence[int]], **options: float) -> list["_Decoded"]:
        results = self._model.model.generate(
            encoded,
            prompts,
            beam_size=BEAM_SIZE,
            max_length=_EOT_LENGTH,
            suppress_blank=True,
            suppress_tokens=self._suppressed,
            return_scores=True,
            return_no_speech_prob=True,
            **options,
        )
        return [_Decoded.of(r) for r in results]

    def _prompt(self, language: str, prompted: bool) -> list[int]:
        tokenizer = self._tokenizer(language)
        before = tokenizer.encode(PROMPT if prompted else SCRIPT_PROMPT) if language == "zh" else []
        prompt: list[int] = self._model.get_prompt(tokenizer, before, without_timestamps=True)
        return prompt

    def _tokenizer(self, language: str) -> Any:
        from faster_whisper.tokenizer import Tokenizer

        if language not in self._tokenizers:
            self._tokenizers[language] = Tokenizer(
                self._model.hf_tokenizer, self._model.model.is_multilingual, "transcribe", language
            )
        return self._tokenizers[language]

    def _text(self, tokens: Sequence[int], language: str) -> str:
        text: str = self._tokenizer(language).decode(list(tokens))
        return text

    def _align(
        self,
        encoded: Any,
        results: Sequence["_Decoded"],
        languages: Sequence[str],
        frames: Sequence[int],
    ) -> list[tuple[Word, ...]]:
        """Word times by attention alignment; windows of one language and length go together."""
        tokens = [[t for t in r.tokens if t < self._tokenizer("zh").eot] for r in results]
        found: list[tuple[Word, ...]] = [()] * len(results)
        for language in dict.fromkeys(languages):
            rows = [i for i, lang in enumerate(languages) if lang == language]
            aligned = self._model.model.align(
                _rows(encoded, rows, len(results)),
                self._tokenizer(language).sot_sequence,
                [tokens[i] for i in rows],
                [frames[i] for i in rows],
                median_filter_width=7,
            )
            for i, times in zip(rows, aligned, strict=True):
                pieces = [bytes_of(self._model.hf_tokenizer.id_to_token(t)) for t in tokens[i]]
                timed = timed_tokens(pieces, times.text_token_probs, times.alignments)
                found[i] = tuple(words_of(timed))
        return found


@dataclass(frozen=True, slots=True)
class _Decoded:
    tokens: tuple[int, ...]
    silent: bool

    @classmethod
    def of(cls, result: Any) -> "_Decoded":
        tokens = tuple(result.sequences_ids[0])
        logprob = result.scores[0] * len(tokens) / (len(tokens) + 1)
        return cls(tokens, result.no_speech_prob > NO_SPEECH and logprob < LOW_LOGPROB)


def _rows(encoded: Any, rows: Sequence[int], count: int) -> Any:
    """The encoder output of some windows; all of them costs nothing."""
    if len(rows) == count:
        return encoded
    import ctranslate2

    # NumPy sees neither the GPU's memory nor bfloat16.
    here = encoded.to_device(ctranslate2.Device.cpu).to(ctranslate2.DataType.float32)
    return ctranslate2.StorageView.from_array(np.ascontiguousarray(np.asarray(here)[list(rows)]))


def _loops(text: str) -> bool:
    raw = text.encode()
    return bool(raw) and len(raw) / len(zlib.compress(raw)) > LOOP_RATIO
