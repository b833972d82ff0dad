"""The digest as one file: escaped, redacted in text and sound, and playing without a network."""

import io
import re
import wave
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from callqa.ingest.audio import Audio
from callqa.inspect.types import Inspection
from callqa.store import AudioFacts, NewFile, Result, Store, add_recordings, get_call, open_store, save_result
from callqa.store.digests import ClipRow, DigestRow
from callqa.transcribe.types import Measures, Role, Transcript, Utterance, Word
from callqa.voice.clip_sound import clip_sound, cut, to_mp3
from callqa.voice.digest_file import to_html

NUMBER = "13800138000"
CONTENT = {
    "calls": 20,
    "compared_days": 28,
    "channels": [
        {
            "name": "d",
            "title": "物流<b>",
            "title_en": "Late",
            "calls": 9,
            "share": 0.45,
            "expected": 4.0,
            "is_alarm": True,
        }
    ],
    "rises": [
        {
            "term": "<script>x</script>",
            "others": ["漏电"],
            "calls": 8,
            "rise": {"is_real": True, "expected": 0.1, "calls": 8},
        },
        {"term": "偶然", "others": [], "calls": 5, "rise": {"is_real": False, "expected": 3.0, "calls": 5}},
    ],
}


def row() -> DigestRow:
    return DigestRow(1, date(2026, 3, 4), "published", CONTENT, datetime.now(UTC), None, None)


def clip(n: int = 1, **more: Any) -> ClipRow:
    usual: dict[str, Any] = {
        "state": "shown",
        "comment": "",
        "quote": "包装破了",
        "start": 65.0,
        "end": 75.0,
    } | more
    return ClipRow(
        id=n,
        digest_id=1,
        recording_id=1,
        channel="d",
        rank=n,
        changed_by=None,
        name="20260304_13800001111.wav",
        agent="7",
        team="一组",
        **usual,
    )


def page(*clips: ClipRow, language: str = "zh") -> str:
    return to_html(row(), clips, lambda _clip: b"ID3", language)


def test_everything_shown_is_escaped() -> None:
    html = page(clip(quote="<img src=x onerror=alert(1)>", comment="<b>听</b>"))
    assert "<script>" not in html
    assert "<img" not in html
    assert "<b>听" not in html
    assert "物流&lt;b&gt;" in html


def test_only_what_really_rises_is_told() -> None:
    assert "偶然" not in page()
    assert "漏电" in page()


def test_hidden_clips_stay_out_and_comments_come_along() -> None:
    html = page(clip(1, state="hidden", quote="不要出去"), clip(2, comment="先听这个"))
    assert "不要出去" not in html
    assert "先听这个" in html
    assert "1:05" in html


def test_a_number_in_a_files_name_does_not_go_out() -> None:
    assert "20260304_138****1111.wav" in page(clip())
    assert "13800001111" not in page(clip())


def test_both_languages() -> None:
    assert "客户之声" in page()
    assert "Customers&#x27; voice" in page(language="en")
    assert "Late" in page(language="en")


def test_nothing_is_fetched_from_elsewhere() -> None:
    html = page(clip())
    assert not re.search(r"https?://|//[a-z]|url\(", html.replace("data:audio/mpeg", ""))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A call of ten seconds of a tone, in which a number is said from 4 to 8 s."""
    rate, seconds = 8000, 10
    tone = 0.3 * np.sin(2 * np.pi * 300 * np.arange(rate * seconds) / rate)
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes((tone * 32767).astype("<i2").tobytes())
    opened = open_store(f"sqlite:///{tmp_path / 'callqa.db'}")
    add_recordings(opened, [NewFile(tmp_path / "a.wav", "a.wav", "a" * 64, 1, 1, {})])
    words = tuple(Word(4 + i * 4 / 11, 4 + (i + 1) * 4 / 11, c, 0.9) for i, c in enumerate(NUMBER))
    line = Utterance(0, 4.0, 8.0, "S0", Role.CUSTOMER, NUMBER, 0.9, words)
    found = Inspection((), 100, "sha256:" + "0" * 64, ())
    transcript = Transcript(10.0, 1, "zh", (line,), Measures())
    facts = AudioFacts("wav", "pcm", rate, 1, 10.0)
    assert save_result(opened, 1, Result(facts, transcript, found, ["*"]))
    yield opened
    opened.close()


def decoded(sound: bytes) -> tuple[np.ndarray, int]:
    with av.open(io.BytesIO(sound), "r") as container:
        frames = [frame.to_ndarray() for frame in container.decode(audio=0)]
        return np.concatenate(frames, axis=1)[0].astype(float), container.streams.audio[0].rate


def level(samples: np.ndarray, rate: int, start: float, end: float, hertz: float) -> float:
    """How much of a pitch there is from ``start`` to ``end`` seconds."""
    part = samples[int(start * rate) : int(end * rate)]
    turning = np.exp(-2j * np.pi * hertz * np.arange(len(part)) / rate)
    return float(abs((part * turning).mean()))


def test_a_clip_plays_and_its_personal_data_is_beeped_over(store: Store) -> None:
    sound = clip_sound(store, get_call(store, 1), 2.0, 9.5)
    assert sound is not None
    samples, rate = decoded(sound)
    assert len(samples) / rate == pytest.approx(7.5, abs=0.2)
    assert level(samples, rate, 0.3, 1.5, 300) > 20 * level(samples, rate, 2.4, 5.6, 300)
    assert level(samples, rate, 2.4, 5.6, 1000) > 10 * level(samples, rate, 0.3, 1.5, 1000)


def test_a_recording_that_is_gone_has_no_sound(store: Store, tmp_path: Path) -> None:
    (tmp_path / "a.wav").unlink()
    assert clip_sound(store, get_call(store, 1), 0.0, 5.0) is None


def test_the_ends_are_faded_and_the_level_is_held() -> None:
    loud = np.full((2, 16000), 0.01, dtype=np.float32)
    samples = cut(Audio(loud, 16000, 16000, "pcm", "wav", ()), 0.0, 1.0, ())
    assert samples[0] == samples[-1] == 0
    assert samples.max() == pytest.approx(0.04)


@pytest.mark.browser
def test_it_plays_offline_in_a_browser(tmp_path: Path) -> None:
    from playwright.sync_api import sync_playwright

    tone = 0.2 * np.sin(2 * np.pi * 440 * np.arange(48000) / 16000)
    html = to_html(row(), [clip()], lambda _clip: to_mp3(tone.astype(np.float32)), "zh")
    (tmp_path / "digest.html").write_text(html, encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--autoplay-policy=no-user-gesture-required"],
        )
        context = browser.new_context(offline=True)
        view = context.new_page()
        asked: list[str] = []
        view.on("request", lambda request: asked.append(request.url))
        view.goto((tmp_path / "digest.html").as_uri())
        played = view.evaluate(
            "async () => { const a = document.querySelector('audio'); a.muted = true; await a.play();"
            " await new Promise(r => setTimeout(r, 700)); return [a.duration, a.currentTime] }"
        )
        browser.close()
    assert played[0] == pytest.approx(3.0, abs=0.2)
    assert played[1] > 0.2
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
