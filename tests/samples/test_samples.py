"""The sample calls are what they claim to be, and their truth fits the sound."""

import csv
import json
from collections import Counter
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import yaml

SAMPLES = Path(__file__).parents[2] / "samples"
TRUTHS = {p.stem: json.loads(p.read_text("utf-8")) for p in sorted((SAMPLES / "truth").glob("*.json"))}
OTHERS = {p.stem: json.loads(p.read_text("utf-8")) for p in sorted((SAMPLES / "truth/others").glob("*.json"))}
RECORDINGS = sorted(p for p in SAMPLES.iterdir() if p.name[:2].isdigit())
AGENT_CHECKS = {
    "missing_greeting",
    "missing_closing",
    "forbidden_phrase",
    "abuse",
    "shirking",
    "overpromise",
    "private_contact",
    "privacy_leak",
    "no_identity_check",
    "illegal_collection",
    "misleading_sales",
    "no_hold_notice",
    "interrupting",
    "dead_air",
    "too_fast",
}
CUSTOMER_CHECKS = {
    "complaint_threat",
    "media_threat",
    "legal_threat",
    "churn_risk",
    "fraud_report",
    "self_harm",
    "refund_demand",
    "repeat_contact",
    "praise",
}
CHECKS = AGENT_CHECKS | CUSTOMER_CHECKS
CLAIMED = {
    "01-clean-order-query.wav": ("wav", "pcm_s16le", 2, 8000),
    "02-refund-dispute.wav": ("wav", "pcm_mulaw", 2, 8000),
    "03-silence-without-notice.wav": ("wav", "pcm_alaw", 2, 8000),
    "04-hold-with-notice.flac": ("flac", "flac", 2, 8000),
    "05-interrupted-customer.ogg": ("ogg", "opus", 2, 48000),
    "06-too-fast-terms.mp3": ("mp3", "mp3float", 1, 8000),
    "07-harsh-collection.wav": ("wav", "gsm_ms", 1, 8000),
    "08-hotline-street-light.wav": ("wav", "adpcm_ima_wav", 2, 8000),
    "09-courier-private-payment.m4a": ("mov", "aac", 2, 8000),
    "10-property-leak.awb": ("amr", "amrwb", 1, 16000),
    "11-channels-swapped.wav": ("wav", "pcm_mulaw", 2, 8000),
    "12-crosstalk-claim.wav": ("wav", "pcm_s16le", 2, 8000),
    "13-stolen-card.mp4": ("mov", "aac", 1, 16000),
    "14-account-without-check.amr": ("amr", "amrnb", 1, 8000),
    "15-hotel-cancellation.gsm": ("gsm", "gsm", 1, 8000),
    "16-near-misses.wav": ("wav", "pcm_s16le", 1, 8000),
    "20-line-noise-only.wav": ("wav", "pcm_mulaw", 1, 8000),
}


@cache
def heard(name: str) -> tuple[tuple[str, str, int, int], np.ndarray]:
    """Container, codec, channels, rate; and the sound at 8 kHz, float32 (channels, samples)."""
    with av.open(SAMPLES / name) as source:
        stream = source.streams.audio[0]
        facts = (source.format.name.split(",")[0], stream.codec_context.name, stream.channels, stream.rate)
        resampler = av.AudioResampler("fltp", stream.layout, 8000)
        frames = [f for frame in source.decode(stream) for f in resampler.resample(frame)]
        frames += resampler.resample(None)
    return facts, np.concatenate([f.to_ndarray() for f in frames], axis=1)


def dbfs(sound: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(sound**2) + 1e-12))


def channel_of(truth: dict[str, Any], role: str) -> int:
    channels = truth["audio"]["channels"]
    return next(int(c) for c, who in channels.items() if who in (role, "mix"))


def part(sound: np.ndarray, start: float, end: float) -> np.ndarray:
    return sound[max(0, int(start * 8000)) : int(end * 8000)]


@pytest.fixture(params=TRUTHS, ids=str)
def truth(request: pytest.FixtureRequest) -> dict[str, Any]:
    found: dict[str, Any] = TRUTHS[request.param]
    return found


def test_every_recording_has_its_truth() -> None:
    stems = [p.stem for p in RECORDINGS]
    assert sorted(stems) == sorted([*TRUTHS, *OTHERS])
    assert len(TRUTHS) >= 12


def test_every_recording_has_one_metadata_row() -> None:
    with (SAMPLES / "metadata.csv").open(encoding="utf-8") as source:
        rows = {row["file"]: row for row in csv.DictReader(source)}
    assert sorted(rows) == [p.name for p in RECORDINGS]
    assert all(row["call_id"] == Path(name).stem for name, row in rows.items())
    assert all(row["agent"] and row["team"] and row["queue"] for row in rows.values())


def test_metadata_agrees_with_the_truth(truth: dict[str, Any]) -> None:
    with (SAMPLES / "metadata.csv").open(encoding="utf-8") as source:
        row = next(r for r in csv.DictReader(source) if r["call_id"] == truth["call_id"])
    expected = [
        truth["audio"]["file"],
        truth["agent_id"],
        truth["team"],
        truth["business"],
        truth["direction"],
    ]
    assert [row[k] for k in ("file", "agent", "team", "business", "direction")] == expected


def test_the_samples_stay_small() -> None:
    sizes = {p: p.stat().st_size for p in SAMPLES.rglob("*") if p.is_file()}
    assert sum(sizes.values()) <= 10_000_000
    assert max(sizes.values()) < 1_500_000


@pytest.mark.parametrize("name", CLAIMED)
def test_formats_are_as_claimed(name: str) -> None:
    assert heard(name)[0] == CLAIMED[name]


def test_no_good_recording_is_missing_from_the_claims() -> None:
    playable = [t["audio"]["file"] for t in TRUTHS.values()] + ["20-line-noise-only.wav"]
    assert sorted(CLAIMED) == sorted(playable)


def test_the_sound_is_as_long_as_stated(truth: dict[str, Any]) -> None:
    _, sound = heard(truth["audio"]["file"])
    assert sound.shape[1] / 8000 == pytest.approx(truth["audio"]["seconds"], abs=0.2)


def test_nothing_is_clipped_or_faint(truth: dict[str, Any]) -> None:
    _, sound = heard(truth["audio"]["file"])
    assert (np.abs(sound) >= 0.999).mean() < 1e-4
    assert -36 < dbfs(sound) < -15


def test_speech_begins_within_two_seconds(truth: dict[str, Any]) -> None:
    assert 0 < truth["turns"][0]["start"] < 2


def test_turns_lie_within_the_recording_in_order(truth: dict[str, Any]) -> None:
    turns = truth["turns"]
    assert [t["turn"] for t in turns] == list(range(len(turns)))
    assert all(t["start"] < t["end"] <= truth["audio"]["seconds"] for t in turns)
    assert all(a["start"] < b["start"] for a, b in pairwise(turns))


def test_each_turn_is_loud_where_it_is_said_to_be(truth: dict[str, Any]) -> None:
    _, sound = heard(truth["audio"]["file"])
    for turn in truth["turns"]:
        own = sound[channel_of(truth, turn["role"])]
        head = part(own, turn["start"], turn["start"] + 0.3)
        assert dbfs(head) > -45, turn
        assert dbfs(part(own, turn["start"], turn["end"])) > -36, turn


def test_nobody_is_heard_in_the_longer_pauses(truth: dict[str, Any]) -> None:
    _, sound = heard(truth["audio"]["file"])
    checked = 0
    for before, after in pairwise(truth["turns"]):
        if after["gap"] >= 0.4:
            pause = part(sound.mean(axis=0), before["end"] + 0.12, after["start"] - 0.12)
            assert dbfs(pause) < dbfs(part(sound.mean(axis=0), after["start"], after["end"])) - 12, after
            checked += 1
    assert checked


def two_channel() -> list[str]:
    return [k for k, t in TRUTHS.items() if len(t["audio"]["channels"]) == 2]


@pytest.mark.parametrize("call", two_channel())
def test_each_role_is_on_the_channel_stated(call: str) -> None:
    truth = TRUTHS[call]
    _, sound = heard(truth["audio"]["file"])
    for turn in truth["turns"]:
        if turn["gap"] < 0 or turn["text"].endswith("，"):
            continue
        levels = [dbfs(part(c, turn["start"], turn["end"])) for c in sound]
        mine = channel_of(truth, turn["role"])
        assert levels[mine] > levels[1 - mine] + 6, turn


def test_one_call_has_the_customer_on_the_left() -> None:
    swapped = [k for k in two_channel() if TRUTHS[k]["audio"]["channels"]["0"] == "customer"]
    assert swapped == ["11-channels-swapped"]


@pytest.mark.parametrize(("call", "audible"), [("12-crosstalk-claim", True), ("02-refund-dispute", False)])
def test_cross_talk_is_heard_only_where_stated(call: str, audible: bool) -> None:
    _, sound = heard(TRUTHS[call]["audio"]["file"])
    # The customer's channel while only the agent speaks, against its pauses.
    turn = TRUTHS[call]["turns"][0]
    leaked = dbfs(part(sound[1], turn["start"], turn["end"]))
    quiet = dbfs(part(sound[1], 0.05, turn["start"] - 0.05))
    assert (leaked > quiet + 2) is audible


def test_one_interruption_truly_overlaps() -> None:
    (flag,) = [e for t in TRUTHS.values() for e in t["expected"] if e["check"] == "interrupting"]
    turns = TRUTHS["05-interrupted-customer"]["turns"]
    overlap = turns[flag["turn"] - 1]["end"] - turns[flag["turn"]]["start"]
    assert overlap > 1
    _, sound = heard("05-interrupted-customer.ogg")
    both = [part(c, turns[flag["turn"]]["start"], turns[flag["turn"] - 1]["end"]) for c in sound]
    assert all(dbfs(c) > -32 for c in both)


def longest_pause(call: str) -> float:
    return max(float(t["gap"]) for t in TRUTHS[call]["turns"])


def test_one_silence_of_twelve_seconds_comes_without_notice() -> None:
    silent = [k for k, t in TRUTHS.items() if "dead_air" in {e["check"] for e in t["expected"]}]
    assert silent == ["03-silence-without-notice"]
    assert longest_pause(silent[0]) >= 12


def test_one_hold_is_announced_and_short_enough() -> None:
    before = TRUTHS["04-hold-with-notice"]["turns"][4]
    assert "请您稍等" in before["text"]
    assert 5 <= longest_pause("04-hold-with-notice") < 10
    assert not {"dead_air", "no_hold_notice"} & {
        e["check"] for e in TRUTHS["04-hold-with-notice"]["expected"]
    }


def test_the_too_fast_turn_is_by_far_the_fastest() -> None:
    truth = TRUTHS["06-too-fast-terms"]
    (flag,) = [e for e in truth["expected"] if e["check"] == "too_fast"]
    rates = [len(t["text"].replace("，", "")) / (t["end"] - t["start"]) for t in truth["turns"]]
    assert rates[flag["turn"]] > 1.2 * max(r for i, r in enumerate(rates) if i != flag["turn"])


def test_expected_quotes_stand_in_their_turn(truth: dict[str, Any]) -> None:
    for expected in truth["expected"]:
        turn = truth["turns"][expected["turn"]]
        assert expected["quote"] in turn["text"]
        assert (
            expected["role"]
            == turn["role"]
            == ("customer" if expected["check"] in CUSTOMER_CHECKS else "agent")
        )


def test_personal_data_stands_in_its_turn(truth: dict[str, Any]) -> None:
    assert all(p["quote"] in truth["turns"][p["turn"]]["text"] for p in truth["pii"])


def test_only_absence_has_no_quote(truth: dict[str, Any]) -> None:
    empty = {e["check"] for e in truth["expected"] if not e["quote"]}
    assert empty <= {"missing_greeting", "missing_closing"}


def test_what_must_be_absent_is_not_also_expected(truth: dict[str, Any]) -> None:
    assert set(truth["absent"]) <= CHECKS
    assert not set(truth["absent"]) & {e["check"] for e in truth["expected"]}


def test_all_checks_occur_somewhere() -> None:
    assert {e["check"] for t in TRUTHS.values() for e in t["expected"]} == CHECKS


@pytest.mark.parametrize("call", ["01-clean-order-query", "16-near-misses"])
def test_clean_calls_greet_close_and_expect_nothing(call: str) -> None:
    truth = TRUTHS[call]
    assert truth["expected"] == []
    assert "工号" in truth["turns"][0]["text"]
    assert "再见" in truth["turns"][-1]["text"]


# An invented number must be nobody's: these mobile prefixes are assigned to no operator.
@pytest.mark.parametrize(
    "quote", [p["quote"] for t in TRUTHS.values() for p in t["pii"] if p["kind"] == "mobile"]
)
def test_mobile_numbers_are_from_unassigned_ranges(quote: str) -> None:
    digits = quote.replace("，", "").translate(str.maketrans("零幺二三四五六七八九", "0123456789"))
    assert len(digits) == 11
    assert digits[:3] in {"160", "161", "163", "164", "168", "169"}


def test_the_line_noise_holds_nothing_but_noise() -> None:
    _, sound = heard("20-line-noise-only.wav")
    seconds = [dbfs(s) for s in np.split(sound[0][: 8000 * 8], 8)]
    assert max(seconds) < -45
    assert max(seconds) - min(seconds) < 1


@pytest.mark.parametrize("name", ["21-damaged-header.wav", "22-text-named-wav.wav", "23-zero-length.wav"])
def test_bad_recordings_do_not_decode(name: str) -> None:
    with pytest.raises(av.error.FFmpegError), av.open(SAMPLES / name) as source:
        next(source.decode(audio=0))


def test_the_damaged_one_is_the_beginning_of_a_real_one() -> None:
    damaged = (SAMPLES / "21-damaged-header.wav").read_bytes()
    assert 12 < len(damaged) < 44
    assert (SAMPLES / "02-refund-dispute.wav").read_bytes().startswith(damaged)


def test_only_the_stated_duplicate_repeats_content() -> None:
    contents = Counter(p.read_bytes() for p in RECORDINGS)
    (repeated,) = [c for c, n in contents.items() if n > 1]
    names = {p.stem for p in RECORDINGS if p.read_bytes() == repeated}
    other = OTHERS["24-copy-of-hotel-cancellation"]
    assert names == {other["call_id"], other["duplicate_of"]}


def test_the_truth_was_made_from_the_dialogue_beside_it(truth: dict[str, Any]) -> None:
    dialogue = yaml.safe_load((SAMPLES / "dialogues" / f"{truth['call_id']}.yaml").read_text("utf-8"))
    assert [t.get(x["role"]) for t, x in zip(dialogue["turns"], truth["turns"], strict=True)] == [
        x["text"] for x in truth["turns"]
    ]
    flags = [check for turn in dialogue["turns"] for flag in turn.get("flags", ()) for check in flag]
    assert flags == [e["check"] for e in truth["expected"]]


def test_the_readme_lists_every_recording_and_no_other() -> None:
    lines = (SAMPLES / "README.md").read_text("utf-8").splitlines()
    listed = [line.split("`")[1] for line in lines if line[:3].startswith("| `")]
    assert [name for name in listed if name[:2].isdigit()] == [p.name for p in RECORDINGS]
