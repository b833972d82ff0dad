"""Decoding in a process of its own: the same sound, and files that crash, hang or bloat the decoder."""

import os
import signal
import subprocess
import sys
import textwrap
import time
import wave
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from callqa.errors import EmptyRecording, NotAudio
from callqa.ingest import peaks
from callqa.ingest.audio import decode
from callqa.ingest.pool import Decoder, DecoderCrashed, DecoderHung, DecoderKilled, DecoderOutOfMemory, Limits

FAULTY = '''
"""A decoder that does what files ask for, so that faults of FFmpeg can be had without a broken FFmpeg."""
import os, signal, time
from callqa.ingest import decoder

really = decoder.decode

def obey(path, rate):
    order = path.read_bytes()[-8:]
    if order == b"CRASH...":
        os.kill(os.getpid(), signal.SIGSEGV)
    if order == b"HANG....":
        time.sleep(600)
    if order == b"KILL....":
        os.kill(os.getpid(), signal.SIGKILL)
    if order == b"ONCE....":
        path.write_bytes(path.read_bytes()[:-8])
        os.kill(os.getpid(), signal.SIGSEGV)
    return really(path, rate)

decoder.decode = obey
if __name__ == "__main__":
    decoder.main()
'''


def write_wav(path: Path, seconds: float = 1.0, rate: int = 8000, order: bytes = b"") -> Path:
    tone = np.sin(np.arange(int(rate * seconds)) * 0.3) * 8000
    with wave.open(str(path), "wb") as out:
        out.setparams((2, 2, rate, 0, "NONE", ""))
        out.writeframes(np.stack([tone, tone / 2], axis=1).astype("<i2").tobytes())
    path.write_bytes(path.read_bytes() + order)
    return path


@pytest.fixture
def decoder() -> Iterator[Decoder]:
    with Decoder() as one:
        yield one


@pytest.fixture
def faulty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Decoder]]:
    (tmp_path / "faulty_decoder.py").write_text(textwrap.dedent(FAULTY))
    monkeypatch.syspath_prepend(tmp_path)
    made: list[Decoder] = []

    def make(seconds: float = 20.0) -> Decoder:
        made.append(Decoder(Limits(seconds=seconds), "faulty_decoder"))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_the_sound_is_the_same_as_without_a_process(decoder: Decoder, tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav")
    audio, outline, seconds = decoder.decode(path, 16000, 50)
    plain = decode(path, 16000)
    assert np.array_equal(audio.samples, plain.samples)
    assert (audio.native_rate, audio.codec, audio.container) == (8000, "pcm_s16le", "wav")
    assert outline == peaks.to_bytes(peaks.peaks(plain.samples, 16000, 50))
    assert set(seconds) == {"decode", "peaks"}


def test_one_process_serves_many_files(decoder: Decoder, tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav")
    served = {decoder.decode(path, 16000, 50) and decoder.pid for _ in range(3)}
    assert len(served) == 1


def test_samples_may_be_written_to_without_changing_anything_else(decoder: Decoder, tmp_path: Path) -> None:
    audio, _, _ = decoder.decode(write_wav(tmp_path / "a.wav"), 16000, 50)
    audio.samples[:] = 0
    assert not audio.samples.any()


@pytest.mark.parametrize(("content", "error"), [(b"", EmptyRecording), (b"<html>not found</html>", NotAudio)])
def test_verdicts_on_files_come_through(
    decoder: Decoder, tmp_path: Path, content: bytes, error: type[Exception]
) -> None:
    (tmp_path / "a.wav").write_bytes(content)
    with pytest.raises(error) as here:
        decode(tmp_path / "a.wav")
    with pytest.raises(error) as there:
        decoder.decode(tmp_path / "a.wav", 16000, 50)
    assert str(there.value) == str(here.value)


def test_a_file_that_is_away_is_no_verdict(decoder: Decoder, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        decoder.decode(tmp_path / "gone.wav", 16000, 50)


def test_names_that_are_not_utf8_can_be_decoded(decoder: Decoder, tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xc2\xbc\xd2\xf4.wav"))
    write_wav(path)
    assert decoder.decode(path, 16000, 50)[0].seconds == 1.0


def test_a_decoder_killed_from_outside_is_replaced(decoder: Decoder, tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav")
    decoder.decode(path, 16000, 50)
    assert decoder.pid
    os.kill(decoder.pid, signal.SIGKILL)
    assert decoder.decode(path, 16000, 50)[0].seconds == 1.0


def test_a_file_that_crashes_it_takes_only_itself(faulty: Callable[..., Decoder], tmp_path: Path) -> None:
    decoder = faulty()
    bad, good = write_wav(tmp_path / "bad.wav", order=b"CRASH..."), write_wav(tmp_path / "good.wav")
    with pytest.raises(DecoderCrashed, match="SIGSEGV"):
        decoder.decode(bad, 16000, 50)
    assert decoder.decode(good, 16000, 50)[0].seconds == 1.0


def test_being_killed_from_outside_is_no_verdict_on_the_file(
    faulty: Callable[..., Decoder], tmp_path: Path
) -> None:
    with pytest.raises(DecoderKilled, match="from outside"):
        faulty().decode(write_wav(tmp_path / "a.wav", order=b"KILL...."), 16000, 50)


def test_a_crash_counts_only_when_a_fresh_process_crashes_too(
    faulty: Callable[..., Decoder], tmp_path: Path
) -> None:
    path = write_wav(tmp_path / "a.wav", order=b"ONCE....")
    assert faulty().decode(path, 16000, 50)[0].seconds == 1.0


def test_a_file_that_hangs_it_is_given_up_in_time(faulty: Callable[..., Decoder], tmp_path: Path) -> None:
    decoder = faulty(seconds=1.5)
    begun = time.monotonic()
    with pytest.raises(DecoderHung, match=r"1\.5 s"):
        decoder.decode(write_wav(tmp_path / "bad.wav", order=b"HANG...."), 16000, 50)
    assert time.monotonic() - begun < 10
    assert decoder.pid is None
    assert decoder.decode(write_wav(tmp_path / "good.wav"), 16000, 50)[0].seconds == 1.0


def test_a_stopped_process_counts_as_hung(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav")
    with Decoder(Limits(seconds=1.0)) as decoder:
        decoder.decode(path, 16000, 50)
        assert decoder.pid
        os.kill(decoder.pid, signal.SIGSTOP)
        with pytest.raises(DecoderHung):
            decoder.decode(path, 16000, 50)


def test_a_file_that_asks_for_too_much_memory_is_refused_and_the_next_one_decoded(tmp_path: Path) -> None:
    long = write_wav(tmp_path / "long.wav", seconds=1500)  # 192 MB as 16 kHz float32 in two channels
    with Decoder(Limits(memory_bytes=450 << 20)) as decoder:
        with pytest.raises(DecoderOutOfMemory, match="CALLQA_DECODE_MEMORY"):
            decoder.decode(long, 16000, 50)
        assert decoder.decode(write_wav(tmp_path / "a.wav"), 16000, 50)[0].seconds == 1.0


def test_closing_ends_the_process(tmp_path: Path) -> None:
    decoder = Decoder()
    decoder.decode(write_wav(tmp_path / "a.wav"), 16000, 50)
    pid = decoder.pid
    assert pid
    decoder.close()
    assert not Path(f"/proc/{pid}").exists()


def test_it_ends_with_its_parent_even_while_it_hangs(tmp_path: Path, faulty: Callable[..., Decoder]) -> None:
    hanging = write_wav(tmp_path / "bad.wav", order=b"HANG....")
    code = f"""
        import os, sys, threading, time
        from pathlib import Path
        sys.path.insert(0, {str(tmp_path)!r})
        from callqa.ingest.pool import Decoder, Limits
        decoder = Decoder(Limits(seconds=60), "faulty_decoder")
        work = threading.Thread(target=decoder.decode, args=(Path({str(hanging)!r}), 16000, 50), daemon=True)
        work.start()
        time.sleep(2)
        print(decoder.pid, flush=True)
        os._exit(0)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True
    )
    pid, end = int(done.stdout), time.monotonic() + 10
    while Path(f"/proc/{pid}").exists() and time.monotonic() < end:
        time.sleep(0.1)
    assert not Path(f"/proc/{pid}").exists()
