"""One recording: finding its file, decoding it, examining it."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from callqa.errors import NotAudio, RecordingError
from callqa.ingest import peaks
from callqa.ingest.audio import decode
from callqa.ingest.identity import sha256_of
from callqa.inspect.rulebook import Rulebook, load_rulebook
from callqa.store import Claimed, Place
from callqa.transcribe.types import Measures, Role, Transcript, Utterance
from callqa.worker.faults import StorageGone
from callqa.worker.process import ChangedFile, Loaded, MissingFile, examine, locate, transcribe
from callqa.worker.process import load as load_with

Make = Callable[..., Path]


def claim(*paths: Path, sha256: str = "") -> Claimed:
    places = tuple(Place(p, p.stat().st_size, p.stat().st_mtime_ns) for p in paths)
    return Claimed(1, sha256 or sha256_of(paths[0]), "a.wav", 1, 1, {}, places)


def in_process(path: Path, rate: int, per_second: int) -> Any:
    """As a decoder process does it, without one."""
    audio = decode(path, rate)
    return audio, peaks.to_bytes(peaks.peaks(audio.samples, rate, per_second)), {"decode": 0.1, "peaks": 0.1}


def load(claimed: Claimed) -> Loaded:
    return load_with(claimed, in_process)


class Says:
    device = "cpu"

    def __init__(self, *lines: str) -> None:
        self.lines = lines

    def transcribe_many(self, recordings: Any, rate: int) -> list[Transcript]:
        return [self.transcribe(samples, rate) for samples in recordings]

    def transcribe(self, samples: Any, rate: int) -> Transcript:
        spoken = tuple(
            Utterance(i, float(i), i + 0.9, "S1", Role.AGENT, text) for i, text in enumerate(self.lines)
        )
        return Transcript(samples.shape[1] / rate, samples.shape[0], "zh", spoken, Measures())


@pytest.fixture
def rulebook(rules: Path) -> Rulebook:
    return load_rulebook(rules)


def test_a_recording_is_where_it_was(calls: Path, make_call: Make) -> None:
    path = make_call(calls / "a.wav", 10)
    assert locate(claim(path)) == path


def test_a_file_that_was_only_touched_still_holds_it(calls: Path, make_call: Make) -> None:
    path = make_call(calls / "a.wav", 10)
    claimed = claim(path)
    path.touch()
    assert locate(claimed) == path


def test_another_copy_serves_when_the_first_is_gone(calls: Path, make_call: Make) -> None:
    first, second = make_call(calls / "a.wav", 10), make_call(calls / "b.wav", 10)
    claimed = claim(first, second)
    first.unlink()
    assert locate(claimed) == second


def test_another_copy_serves_when_the_first_was_changed(calls: Path, make_call: Make) -> None:
    first, second = make_call(calls / "a.wav", 10), make_call(calls / "b.wav", 10)
    claimed = claim(first, second)
    make_call(first, 11)
    assert locate(claimed) == second


def test_a_changed_file_is_not_taken_for_what_it_was(calls: Path, make_call: Make) -> None:
    path = make_call(calls / "a.wav", 10)
    claimed = claim(path)
    make_call(path, 11)
    with pytest.raises(ChangedFile, match="changed after it was added"):
        locate(claimed)


def test_a_file_that_is_gone_is_named(calls: Path, make_call: Make) -> None:
    path = make_call(calls / "a.wav", 10)
    claimed = claim(path)
    path.unlink()
    with pytest.raises(MissingFile, match=str(path)):
        locate(claimed)


def test_a_folder_that_is_gone_says_nothing_about_the_file(calls: Path, make_call: Make) -> None:
    path = make_call(calls / "mount" / "a.wav", 10)
    claimed = claim(path)
    path.unlink()
    path.parent.rmdir()
    with pytest.raises(StorageGone, match="mount is not there"):
        locate(claimed)


def test_a_recording_without_any_place(calls: Path) -> None:
    with pytest.raises(MissingFile, match="nowhere"):
        locate(Claimed(1, "ff", "a.wav", 1, 1, {}, ()))


def test_loading_keeps_both_channels_apart(calls: Path, make_call: Make) -> None:
    loaded = load(claim(make_call(calls / "a.wav", 10)))
    assert loaded.audio.samples.shape == (2, 16000)
    assert (loaded.facts.channels, loaded.facts.native_rate, loaded.facts.codec) == (2, 8000, "pcm_s16le")
    assert peaks.from_bytes(loaded.peaks.packed).shape == (2, 50, 2)
    assert [name for name, _, _ in loaded.steps.taken] == ["probe", "decode", "peaks"]


def test_what_is_no_recording_says_so(calls: Path) -> None:
    (calls / "a.wav").write_text("<html>not found</html>")
    with pytest.raises(NotAudio):
        load(claim(calls / "a.wav"))


def test_examining_gives_all_there_is_to_store(calls: Path, make_call: Make, rulebook: Rulebook) -> None:
    loaded = load(claim(make_call(calls / "a.wav", 30)))
    (said,) = transcribe([loaded], Says("您好", "这个不归我管", "打13800138000"))
    result = examine(said, rulebook)
    assert result.inspection is not None
    assert [f.rule for f in result.inspection.flags] == ["service.shirking"]
    assert len(result.redacted) == 3
    assert "13800138000" not in result.redacted[2]
    steps = {"probe", "decode", "peaks", "transcribe", "inspect", "redact"}
    assert set(result.stage_seconds or {}) == steps


def test_without_speech_no_rule_is_asked(calls: Path, make_call: Make, rulebook: Rulebook) -> None:
    (heard,) = transcribe([load(claim(make_call(calls / "a.wav", 30)))], Says())
    result = examine(heard, rulebook)
    assert (result.inspection, result.redacted) == (None, ())


def test_call_data_reaches_the_rules(calls: Path, make_call: Make, rules: Path) -> None:
    file = rules / "service" / "shirking.yaml"
    scope = "{speaker: agent, calls: {business: [bank]}}"
    file.write_text(file.read_text().replace("{speaker: agent}", scope))
    loaded = load(claim(make_call(calls / "a.wav", 30)))
    hits = []
    for business in ("bank", "shop"):
        claimed = replace(loaded.claimed, metadata={"business": business})
        (said,) = transcribe([replace(loaded, claimed=claimed)], Says("这个不归我管"))
        result = examine(said, load_rulebook(rules))
        assert result.inspection is not None
        hits.append(len(result.inspection.flags))
    assert hits == [1, 0]


@pytest.mark.parametrize("error", [MissingFile, ChangedFile])
def test_kinds_are_words_for_statistics(error: type[RecordingError]) -> None:
    assert error.kind.isidentifier()


def test_recordings_transcribed_together_share_the_time_by_length(calls: Path, make_call: Make) -> None:
    loaded = [load(claim(make_call(calls / f"{n}.wav", n))) for n in (10, 30)]

    class Slow(Says):
        def transcribe_many(self, recordings: Any, rate: int) -> list[Transcript]:
            time.sleep(0.4)
            return super().transcribe_many(recordings, rate)

    short, long = transcribe(loaded, Slow("您好"))
    assert (short.claimed, long.claimed) == tuple(one.claimed for one in loaded)
    took = [one.steps.seconds["transcribe"] for one in (short, long)]
    assert took[1] == pytest.approx(3 * took[0], rel=0.05)
