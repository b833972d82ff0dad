"""The real models on the sample calls: words, speakers, roles, and nothing out of nothing."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from rapidfuzz.distance import Levenshtein

from callqa.ingest.audio import decode
from callqa.settings import get_settings
from callqa.transcribe.activity import speech_segments
from callqa.transcribe.transcriber import Options, Transcriber
from callqa.transcribe.turns import PAUSE_SECONDS
from callqa.transcribe.types import Role

pytestmark = pytest.mark.models
SAMPLES = Path(__file__).parents[2] / "samples"
DIGITS = str.maketrans("零〇一幺二两三四五六七八九", "0011223456789")


@pytest.fixture(scope="module")
def transcriber():
    return Transcriber(Options.from_settings(get_settings()))


def sample(name):
    truth = json.loads((SAMPLES / "truth" / f"{name}.json").read_text(encoding="utf-8"))
    (recording,) = (p for p in SAMPLES.iterdir() if p.stem == name)
    return truth, decode(recording).samples


def names_of(channels):
    truths = [json.loads(p.read_text(encoding="utf-8")) for p in sorted((SAMPLES / "truth").glob("*.json"))]
    return [t["call_id"] for t in truths if len(t["audio"]["channels"]) == channels]


def plain(text):
    return re.sub(r"[^0-9a-z\u4e00-\u9fff]", "", text.translate(DIGITS).lower())


def error_by_role(truth, transcript):
    errors = length = 0
    for role in ("agent", "customer"):
        said = plain("".join(t["text"] for t in truth["turns"] if t["role"] == role))
        heard = plain("".join(u.text for u in transcript.utterances if u.role == role))
        errors += Levenshtein.distance(said, heard)
        length += len(said)
    return errors / length


def seconds_right(truth, transcript):
    right = total = 0.0
    for turn in truth["turns"]:
        for u in transcript.utterances:
            shared = max(0.0, min(turn["end"], u.end) - max(turn["start"], u.start))
            total += shared
            right += shared * (u.role == turn["role"])
    return right / total


def texts(transcript):
    return [u.text for u in transcript.utterances]


def test_two_channel_calls_are_heard_and_attributed(transcriber):
    calls = [sample(name) for name in names_of(2)[:4]]
    transcripts = transcriber.transcribe_many([samples for _, samples in calls])
    errors = [error_by_role(t, made) for (t, _), made in zip(calls, transcripts, strict=True)]
    assert np.mean(errors) < 0.3
    assert all(seconds_right(t, made) > 0.97 for (t, _), made in zip(calls, transcripts, strict=True))


def test_mono_calls_are_separated(transcriber):
    calls = [sample(name) for name in names_of(1)[:3]]
    for truth, samples in calls:
        assert seconds_right(truth, transcriber.transcribe(samples)) > 0.9


def test_swapped_channels_change_neither_words_nor_roles(transcriber):
    truth, samples = sample(names_of(2)[1])
    straight, swapped = transcriber.transcribe_many([samples, samples[::-1].copy()])
    assert [(u.role, u.text) for u in straight.utterances] == [(u.role, u.text) for u in swapped.utterances]
    assert seconds_right(truth, swapped) > 0.97


def test_words_carry_the_text_and_lie_inside_their_utterance(transcriber):
    _, samples = sample(names_of(2)[0])
    for u in transcriber.transcribe(samples).utterances:
        assert "".join(w.text for w in u.words) == u.text
        assert all(u.start <= w.start <= w.end <= u.end for w in u.words)
        assert all(0 <= w.confidence <= 1 for w in u.words)
        starts = [w.start for w in u.words]
        assert starts == sorted(starts)


def test_together_is_the_same_as_one_by_one(transcriber):
    recordings = [sample(name)[1] for name in names_of(2)[:2]]
    together = transcriber.transcribe_many(recordings)
    alone = [transcriber.transcribe(r) for r in recordings]
    assert [[u.text for u in t.utterances] for t in together] == [
        [u.text for u in t.utterances] for t in alone
    ]


def test_nothing_is_invented_on_silence_noise_and_tones(transcriber):
    rng = np.random.default_rng(0)
    t = np.arange(16000 * 20) / 16000
    ring = 0.2 * np.sin(2 * np.pi * 450 * t) * ((t % 5) < 1)
    dtmf = 0.2 * (np.sin(2 * np.pi * 770 * t) + np.sin(2 * np.pi * 1336 * t)) * ((t % 1) < 0.2)
    sounds = [
        np.zeros_like(t),
        *(level * rng.standard_normal(len(t)) for level in (0.001, 0.01, 0.1)),
        ring,
        dtmf,
    ]
    made = transcriber.transcribe_many([s.astype(np.float32)[None] for s in sounds])
    assert [texts(m) for m in made] == [[]] * len(sounds)


def test_the_silent_sample_is_empty(transcriber):
    (silent,) = (p for p in SAMPLES.iterdir() if p.stem.startswith("20-"))
    assert transcriber.transcribe(decode(silent).samples).utterances == ()


def test_both_roles_speak_in_a_mono_call_made_of_two_channels(transcriber):
    _, samples = sample(names_of(2)[0])
    made = transcriber.transcribe(samples.mean(axis=0, keepdims=True))
    assert {u.role for u in made.utterances} == {Role.AGENT, Role.CUSTOMER}
    assert all(u.channel is None for u in made.utterances)


def test_turns_a_quarter_second_apart_are_cut_between():
    truth, samples = sample(names_of(2)[0])
    turns = [
        samples.mean(axis=0)[int(t["start"] * 16000) : int(t["end"] * 16000)] for t in truth["turns"][:6]
    ]
    quiet = np.zeros(4000, dtype=np.float32)
    call = np.concatenate([part for turn in turns for part in (turn, quiet)])
    seams = np.cumsum([len(t) + len(quiet) for t in turns])[:-1] / 16000
    ends = [span.end for span in speech_segments(call[None], PAUSE_SECONDS)[0]]
    assert all(min(abs(end - seam) for end in ends) < 0.25 for seam in seams)
