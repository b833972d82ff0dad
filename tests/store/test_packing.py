"""Blobs give back exactly what went in."""

import json
from dataclasses import asdict, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from callqa.inspect.types import Outcome, RuleResult
from callqa.store.packing import pack_results, pack_transcript, unpack_results, unpack_transcript
from callqa.transcribe.types import Interruption, Measures, Role, Span, Transcript, Utterance, Word

times = st.floats(0, 36000, allow_nan=False)
words = st.builds(Word, times, times, st.text(max_size=4), st.floats(0, 1))
roles = st.sampled_from(Role)
figures = st.dictionaries(st.sampled_from(["agent", "customer"]), st.floats(-200, 200))
measures = st.builds(
    Measures,
    speech_seconds=figures,
    talk_ratio=figures,
    silences=st.lists(st.builds(Span, times, times), max_size=3).map(tuple),
    silence_seconds=times,
    overlap_seconds=times,
    interruptions=st.lists(st.builds(Interruption, times, times, roles, st.integers(0, 99)), max_size=3).map(
        tuple
    ),
    chars_per_minute=figures,
    loudness_dbfs=figures,
)


@given(st.lists(st.lists(words, max_size=5), max_size=5), measures, times)
@settings(max_examples=50, deadline=None)
def test_words_and_measures_come_back_exactly(
    spoken: list[list[Word]], measured: Measures, duration: float
) -> None:
    utterances = tuple(
        Utterance(i, 0.0, 1.0, "S1", Role.AGENT, "x", words=tuple(line)) for i, line in enumerate(spoken)
    )
    transcript = Transcript(duration, 2, "zh", utterances, measured)
    extras = unpack_transcript(pack_transcript(transcript))
    assert extras.words == tuple(u.words for u in utterances)
    assert (extras.measures, extras.duration, extras.channels) == (measured, duration, 2)


def test_a_measure_that_is_not_finite_survives() -> None:
    silent = replace(Measures(), loudness_dbfs={"agent": float("-inf")})
    transcript = Transcript(1.0, 1, "zh", (), silent)
    assert unpack_transcript(pack_transcript(transcript)).measures == silent


def test_results_come_back_exactly() -> None:
    results = (
        RuleResult("a.b", Outcome.HIT, "1 flagged"),
        RuleResult("a.c", Outcome.FAILED, "ValueError: 坏"),
    )
    assert unpack_results(pack_results(results)) == results


def test_words_take_a_fraction_of_what_plain_json_takes() -> None:
    line = tuple(
        Word(round(0.17 * i, 2), round(0.17 * i + 0.15, 2), "您好请问"[i % 4], 0.93) for i in range(200)
    )
    utterances = tuple(Utterance(i, 0.0, 1.0, "S1", Role.AGENT, "x", words=line) for i in range(20))
    transcript = Transcript(60.0, 2, "zh", utterances, Measures())
    plain = len(json.dumps(asdict(transcript), ensure_ascii=False).encode())
    assert len(pack_transcript(transcript)) < plain / 10
