"""Writing results and reading them back."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from callqa.errors import UsageError
from callqa.inspect.types import Inspection, Level, Outcome, RuleResult
from callqa.store import (
    AudioFacts,
    Store,
    get_call,
    get_peaks,
    iter_calls,
    replace_inspection,
    save_failure,
    save_result,
)
from callqa.store.results import inspection_table, metrics_of, rule_result
from callqa.transcribe.types import Doubt, Interruption, Measures, Role, Span, Transcript, Utterance, Word

RICH = Transcript(
    duration=12.5,
    channels=2,
    language="zh",
    utterances=(
        Utterance(
            index=0,
            start=0.1,
            end=1.7000000000000002,
            speaker="S1",
            role=Role.AGENT,
            text="您好，VIP。",
            confidence=0.875,
            words=(Word(0.1, 0.3, "您", 0.98), Word(0.3, 0.5, "好，", 0.97), Word(0.6, 1.7, "VIP。", 0.5)),
            doubts=(Doubt.LOW_CONFIDENCE, Doubt.TIMES),
            channel=0,
        ),
        Utterance(1, 2.0, 3.0, "S2", Role.UNKNOWN, "没有字的时间", channel=None),
    ),
    measures=Measures(
        speech_seconds={"agent": 1.6},
        talk_ratio={"agent": 1.0},
        silences=(Span(3.0, 9.0),),
        silence_seconds=6.0,
        overlap_seconds=0.25,
        interruptions=(Interruption(2.0, 2.5, Role.CUSTOMER, 1),),
        chars_per_minute={"agent": 210.5},
        loudness_dbfs={"agent": -21.3},
    ),
    models={"asr": "whisper-base", "diarization": "channels"},
)


def test_a_transcript_comes_back_exactly(store: Store, add: Callable[..., int], build: Any) -> None:
    number = add("a.wav")
    save_result(store, number, build.result(RICH, build.inspection()))
    assert get_call(store, number).transcript == RICH


def test_an_inspection_comes_back_exactly(store: Store, add: Callable[..., int], build: Any) -> None:
    flags = (
        build.flag("b.y", 5.0, 6.0, severity=Level.CRITICAL, trace={"phrase": [1, 2], "not": False}),
        build.flag("a.x", 1.0, 2.0, utterance=None, doubtful=True),
    )
    results = (RuleResult("b.y", Outcome.HIT), RuleResult("c.z", Outcome.NOT_APPLICABLE, "other business"))
    inspection = Inspection(flags, 40, "sha256:ab", results)
    number = add("a.wav")
    save_result(store, number, build.result(RICH, inspection))
    assert get_call(store, number).inspection == inspection


def test_facts_of_the_sound_are_kept(store: Store, add: Callable[..., int], build: Any) -> None:
    audio = AudioFacts("wav", "gsm_ms", 8000, 1, 12.5, ("breaks off: 12 of 30 s",))
    number = add("a.wav")
    save_result(store, number, build.result(RICH, build.inspection(), audio=audio))
    row = get_call(store, number).row
    assert (row.container, row.codec, row.native_rate, row.channels, row.seconds) == (
        "wav",
        "gsm_ms",
        8000,
        1,
        12.5,
    )
    assert row.warnings == ["breaks off: 12 of 30 s"]


def test_the_row_sums_up_the_flags(store: Store, inspected: Callable[..., int], build: Any) -> None:
    flags = (
        build.flag("a.x", severity=Level.LOW),
        build.flag("b.y", severity=Level.HIGH, doubtful=True),
        build.flag("c.z", severity=Level.MEDIUM),
    )
    row = get_call(store, inspected("a.wav", *flags, score=70)).row
    assert (row.flag_count, row.open_count, row.doubtful_count) == (3, 3, 1)
    assert (row.worst, row.score) == (Level.HIGH, 70)


def test_redacted_texts_come_back(store: Store, add: Callable[..., int], build: Any) -> None:
    number = add("a.wav")
    result = build.result(build.transcript("我是张三", "好"), build.inspection(), redacted=("我是**", "好"))
    save_result(store, number, result)
    assert get_call(store, number).redacted == ("我是**", "好")


def test_a_text_redacted_to_nothing_stays_nothing(store: Store, add: Callable[..., int], build: Any) -> None:
    number = add("a.wav")
    save_result(store, number, build.result(build.transcript("张三"), build.inspection(), redacted=("",)))
    assert get_call(store, number).redacted == ("",)


def test_peaks_come_back(store: Store, inspected: Callable[..., int]) -> None:
    peaks = get_peaks(store, inspected("a.wav"))
    assert peaks is not None
    assert (peaks.per_second, peaks.packed) == (50, b"peaks")


def test_a_recording_without_result_has_no_peaks(store: Store, add: Callable[..., int]) -> None:
    assert get_peaks(store, add("a.wav")) is None


def test_without_speech_it_is_empty_and_not_inspected(
    store: Store, add: Callable[..., int], build: Any
) -> None:
    number = add("a.wav")
    save_result(store, number, build.result(build.transcript(), None))
    call = get_call(store, number)
    assert (call.row.status, call.row.error, call.row.score) == ("empty", "no speech was found in it", None)
    assert call.transcript is not None
    assert (call.transcript.utterances, call.inspection, call.flags) == ((), None, ())


def test_a_second_result_replaces_the_first(store: Store, inspected: Callable[..., int], build: Any) -> None:
    number = inspected("a.wav", build.flag("a.x"), build.flag("b.y"), lines=("您好", "你好", "再见"))
    save_result(store, number, build.result(build.transcript("您好"), build.inspection(build.flag("c.z"))))
    call = get_call(store, number)
    assert call.transcript == build.transcript("您好")
    assert [f.flag.rule for f in call.flags] == ["c.z"]


def test_a_failure_removes_what_an_earlier_try_had_stored(
    store: Store, inspected: Callable[..., int], build: Any
) -> None:
    number = inspected("a.wav", build.flag())
    save_failure(store, number, kind="damaged", reason="it breaks off", remedy="fetch it again")
    call = get_call(store, number)
    assert (call.transcript, call.flags, call.row.flag_count, call.row.score) == (None, (), 0, None)
    assert (call.row.status, call.row.error, call.row.remedy) == ("failed", "it breaks off", "fetch it again")


def test_nothing_is_stored_when_a_part_cannot_be(
    store: Store, inspected: Callable[..., int], build: Any
) -> None:
    number = inspected("a.wav", build.flag("a.x"), lines=("您好", "你好"))
    with pytest.raises(ValueError, match="shorter"):
        save_result(store, number, build.result(RICH, build.inspection(), redacted=("only one",)))
    call = get_call(store, number)
    assert call.transcript == build.transcript("您好", "你好")
    assert [f.flag.rule for f in call.flags] == ["a.x"]


def test_another_inspection_replaces_flags_and_score(
    store: Store, inspected: Callable[..., int], build: Any
) -> None:
    number = inspected("a.wav", build.flag("a.x"), score=90)
    replace_inspection(store, number, build.inspection(score=100, rulebook="sha256:bb"))
    row = get_call(store, number).row
    assert (row.score, row.flag_count, row.worst, row.rulebook) == (100, 0, None, "sha256:bb")


def test_every_inspection_leaves_a_trace(store: Store, inspected: Callable[..., int], build: Any) -> None:
    number = inspected("a.wav", build.flag("a.x"), score=90)
    replace_inspection(store, number, build.inspection(score=100, rulebook="sha256:bb"))
    c = inspection_table.c
    with store.read() as connection:
        history = connection.execute(select(c.rulebook, c.score, c.flag_count).order_by(c.id)).all()
    assert history == [("sha256:aa", 90, 1), ("sha256:bb", 100, 0)]


def test_rules_that_hit_failed_or_did_not_apply_can_be_counted(
    store: Store, add: Callable[..., int], build: Any
) -> None:
    results = tuple(RuleResult(f"x.{outcome}", outcome) for outcome in Outcome)
    number = add("a.wav")
    save_result(store, number, build.result(RICH, Inspection((), 100, "sha256:aa", results)))
    with store.read() as connection:
        kept = set(connection.execute(select(rule_result.c.outcome)).scalars())
    assert kept == {"hit", "not_applicable", "failed"}


def test_no_number_of_a_flag_is_given_twice(store: Store, inspected: Callable[..., int], build: Any) -> None:
    number = inspected("a.wav", build.flag())
    before = get_call(store, number).flags[0].id
    replace_inspection(store, number, build.inspection(build.flag()))
    assert get_call(store, number).flags[0].id > before


def test_metrics_are_figures_json_can_hold() -> None:
    measures = replace(RICH.measures, loudness_dbfs={"agent": float("-inf"), "customer": -20.12345})
    metrics = metrics_of(measures)
    assert metrics["loudness_dbfs"] == {"agent": None, "customer": -20.123}
    assert (metrics["interruptions"], metrics["longest_silence"]) == (1, 6.0)


def test_all_calls_are_read_page_by_page(
    store: Store, add: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callqa.store.call._PAGE", 3)
    ids = [add(f"{n}.wav") for n in range(7)]
    assert [call.row.id for call in iter_calls(store)] == ids


@pytest.mark.parametrize("number", [0, 2, -1])
def test_a_number_no_recording_has(store: Store, add: Callable[..., int], number: int) -> None:
    add("a.wav")
    with pytest.raises(UsageError, match=f"no recording has the number {number}"):
        get_call(store, number)
