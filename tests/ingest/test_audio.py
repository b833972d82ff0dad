import os
import struct
from pathlib import Path

import av
import numpy as np
import pytest

from callqa.errors import DamagedRecording, EmptyRecording, NotAudio, RecordingError
from callqa.ingest import audio, opened
from callqa.ingest.audio import decode

LEFT, RIGHT = 440.0, 1000.0


def tone(seconds, rate, frequency=LEFT, level=0.5):
    return (level * np.sin(2 * np.pi * frequency * np.arange(int(seconds * rate)) / rate)).astype(np.float32)


def loudest_frequency(samples, rate):
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * rate / len(samples))


def level_at(samples, rate, frequency):
    """Amplitude of one frequency: how much of a tone is in ``samples``."""
    times = np.arange(len(samples)) / rate
    return float(2 * abs(np.mean(samples * np.exp(-2j * np.pi * frequency * times))))


@pytest.mark.parametrize(
    ("name", "codec", "rate", "tolerance"),
    [
        ("a.wav", "pcm_s16le", 8000, 0.0),
        ("a.wav", "pcm_u8", 8000, 0.0),
        ("a.wav", "pcm_s24le", 8000, 0.0),
        ("a.wav", "pcm_s32le", 48000, 0.0),
        ("a.wav", "pcm_f32le", 16000, 0.0),
        ("a.wav", "pcm_f64le", 16000, 0.0),
        ("a.wav", "pcm_mulaw", 8000, 0.0),
        ("a.wav", "pcm_alaw", 8000, 0.0),
        ("a.wav", "adpcm_ima_wav", 8000, 0.3),
        ("a.wav", "adpcm_ms", 8000, 0.3),
        ("a.w64", "pcm_s16le", 8000, 0.0),
        ("a.aiff", "pcm_s16be", 8000, 0.0),
        ("a.au", "pcm_mulaw", 8000, 0.0),
        ("a.caf", "pcm_s16le", 8000, 0.0),
        ("a.voc", "pcm_u8", 8000, 0.05),
        ("a.flac", "flac", 8000, 0.0),
        ("a.mp3", "mp3", 8000, 0.3),
        ("a.mp3", "mp3", 44100, 0.1),
        ("a.m4a", "aac", 16000, 0.2),
        ("a.m4a", "alac", 16000, 0.0),
        ("a.aac", "aac", 16000, 0.2),
        ("a.opus", "libopus", 48000, 0.05),
        ("a.ogg", "libopus", 48000, 0.05),
        ("a.webm", "libopus", 48000, 0.05),
        ("a.mka", "pcm_s16le", 8000, 0.05),
        ("a.wma", "wmav2", 44100, 0.2),
        ("a.wv", "wavpack", 8000, 0.0),
        ("a.tta", "tta", 8000, 0.0),
        ("a.ac3", "ac3", 48000, 0.1),
        ("a.avi", "pcm_s16le", 8000, 0.05),
        ("a.mp2", "mp2", 16000, 0.2),
        ("a.ts", "mp2", 16000, 0.2),
    ],
)
@pytest.mark.parametrize("channels", [1, 2])
def test_every_format_keeps_its_channels_apart(encode, name, codec, rate, tolerance, channels):
    path = encode(name, codec, [tone(1.5, rate, f) for f in (LEFT, RIGHT)[:channels]], rate)
    decoded = decode(path)
    assert decoded.samples.shape[0] == channels
    assert decoded.samples.dtype == np.float32
    assert decoded.rate == 16000
    assert decoded.native_rate == rate
    assert decoded.seconds == pytest.approx(1.5, abs=tolerance + 0.001)
    for own, other, samples in zip((LEFT, RIGHT), (RIGHT, LEFT), decoded.samples, strict=False):
        middle = samples[4000:20000]
        assert level_at(middle, 16000, own) == pytest.approx(0.5, rel=0.15)
        assert level_at(middle, 16000, other) < 0.02
    assert decoded.warnings == ()


@pytest.mark.parametrize(
    ("name", "codec", "rate"),
    [("a.gsm", None, 8000), ("a.g722", "g722", 16000), ("a.amr", "libopencore_amrnb", 8000)],
)
def test_mono_telephone_codecs(encode, collection, name, codec, rate):
    if codec is None:
        path = collection / "codec/asterisk/demo-echotest.gsm"
        assert decode(path).seconds == pytest.approx(22.0, abs=0.01)
        return
    decoded = decode(encode(name, codec, [tone(1.5, rate)], rate))
    assert decoded.seconds == pytest.approx(1.5, abs=0.05)
    assert loudest_frequency(decoded.samples[0], 16000) == pytest.approx(LEFT, abs=5)


def test_pcm_at_its_own_rate_is_exact(write_wav):
    sound = tone(0.5, 16000)
    decoded = decode(write_wav("a.wav", [sound], 16000))
    np.testing.assert_array_equal(decoded.samples[0], (sound * 32767).astype(np.int16) / np.float32(32768))


def test_dc_offset_and_low_level_are_left_alone(write_wav):
    decoded = decode(write_wav("a.wav", [tone(1, 8000, level=0.01) + np.float32(0.2)]))
    assert decoded.samples[0, 2000:-2000].mean() == pytest.approx(0.2, abs=0.001)
    assert np.ptp(decoded.samples[0, 2000:-2000]) == pytest.approx(0.02, abs=0.001)


def test_another_rate_can_be_asked_for(write_wav):
    decoded = decode(write_wav("a.wav", [tone(1, 8000)]), rate=24000)
    assert (decoded.rate, decoded.samples.shape) == (24000, (1, 24000))
    assert loudest_frequency(decoded.samples[0], 24000) == pytest.approx(LEFT, abs=2)


def test_the_content_counts_not_the_name(encode):
    path = encode("a.mp3", "mp3", [tone(1, 16000)], 16000)
    assert decode(path.rename(path.with_name("misnamed.wav"))).codec == "mp3"


@pytest.mark.parametrize("suffix", [".alaw", ".gsm", ".raw", ""])
def test_a_wav_under_a_headerless_name_is_read_as_wav(write_wav, suffix):
    path = write_wav("a.wav", [tone(1, 8000)])
    decoded = decode(path.rename(path.with_name(f"a{suffix}")))
    assert (decoded.container, decoded.codec) == ("wav", "pcm_s16le")


@pytest.mark.parametrize(
    ("suffix", "container", "codec", "rate"),
    [
        (".alaw", "alaw", "pcm_alaw", 8000),
        (".AL", "alaw", "pcm_alaw", 8000),
        (".ulaw", "mulaw", "pcm_mulaw", 8000),
        (".pcmu", "mulaw", "pcm_mulaw", 8000),
        (".s16le", "s16le", "pcm_s16le", 8000),
        (".sln", "s16le", "pcm_s16le", 8000),
        (".sln16", "s16le", "pcm_s16le", 16000),
    ],
)
def test_headerless_by_suffix(encode, suffix, container, codec, rate):
    path = encode("raw.bin", codec, [tone(1.5, rate)], rate, container)
    decoded = decode(path.rename(path.with_suffix(suffix)))
    assert (decoded.codec, decoded.native_rate) == (codec, rate)
    assert loudest_frequency(decoded.samples[0], 16000) == pytest.approx(LEFT, abs=2)


def test_more_than_two_channels_become_one(encode):
    path = encode("a.flac", "flac", [tone(1, 48000, 200 + 200 * i) for i in range(6)], 48000)
    decoded = decode(path)
    assert decoded.samples.shape[0] == 1
    assert level_at(decoded.samples[0], 16000, 600) == pytest.approx(0.5 / 6, rel=0.05)
    assert decoded.warnings == ("6 channels were mixed into one",)


def test_two_channels_with_an_odd_channel_mask_are_not_mixed(tmp_path):
    # A mask of front left and front centre: a downmix to stereo would put the second on both sides.
    frames = (np.stack([tone(1, 8000, LEFT), tone(1, 8000, RIGHT)], axis=1) * 32767).astype("<i2").tobytes()
    guid = bytes.fromhex("0100000000001000800000aa00389b71")
    fmt = struct.pack("<HHIIHHHHI", 0xFFFE, 2, 8000, 32000, 4, 16, 22, 16, 0x5) + guid
    path = tmp_path / "mask.wav"
    path.write_bytes(riff(fmt, frames))
    samples = decode(path).samples
    assert level_at(samples[0], 16000, RIGHT) < 0.001
    assert level_at(samples[1], 16000, LEFT) < 0.001


def riff(fmt, data, data_size=None, kind=b"RIFF"):
    size = len(data) if data_size is None else data_size
    body = b"WAVE" + b"fmt " + struct.pack("<I", len(fmt)) + fmt + b"data" + struct.pack("<I", size) + data
    return kind + struct.pack("<I", len(body)) + body


def pcm_format(rate=8000, channels=1, bits=16, tag=1):
    block = channels * bits // 8
    return struct.pack("<HHIIHH", tag, channels, rate % 2**32, rate * block % 2**32, block, bits)


def pcm(seconds=1.0, rate=8000):
    return (tone(seconds, rate) * 32767).astype("<i2").tobytes()


def failure(tmp_path: Path, name: str, content: bytes) -> RecordingError:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(RecordingError) as caught:
        decode(path)
    return caught.value


HTML = "<!DOCTYPE html><html><body>登录已过期</body></html>".encode()
LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:89d7b0283f\nsize 1234\n"


@pytest.mark.parametrize(
    ("content", "error", "words"),
    [
        (b"", EmptyRecording, "0 bytes"),
        (riff(pcm_format(), b""), EmptyRecording, "without a single sample"),
        (riff(pcm_format(), b"\0" * 10), EmptyRecording, "no sound"),
        (riff(pcm_format(), pcm())[:20], DamagedRecording, "inside its WAV header"),
        (b"RIFF", DamagedRecording, "inside its WAV header"),
        (b"RIFF\x24\0\0\0WAVEfmt ", DamagedRecording, "inside its WAV header"),
        (pcm(), DamagedRecording, "no WAV header"),
        (b"\0" * 5000, DamagedRecording, "zero bytes"),
        (riff(pcm_format(), pcm(), kind=b"RIFX"), DamagedRecording, "big-endian"),
        (riff(pcm_format(tag=0x1234), pcm()), DamagedRecording, "0x1234"),
        (riff(pcm_format(rate=0), pcm()), DamagedRecording, ""),
        (riff(pcm_format(rate=1), pcm()), DamagedRecording, "1 Hz"),
        (riff(pcm_format(rate=900_000_000), pcm()), DamagedRecording, "900000000 Hz"),
        (riff(pcm_format(channels=0), pcm()), DamagedRecording, ""),
        (riff(pcm_format(channels=1000), pcm(3)), DamagedRecording, ""),
        (HTML, NotAudio, "web page"),
        (LFS, NotAudio, "Git LFS"),
        ("今天的通话记录。\n".encode(), NotAudio, "plain text"),
        (b'{"error": "not found"}', NotAudio, "JSON"),
        (b"\x89PNG\r\n\x1a\n" + b"\1\2\3" * 200, NotAudio, "PNG"),
        (b"PK\x03\x04" + b"\1\2\3" * 200, NotAudio, "ZIP"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", NotAudio, "PDF"),
        (b"#EXTM3U\nhttp://198.51.100.1/a.ts\n", NotAudio, "playlist"),
    ],
    ids=lambda value: None if isinstance(value, bytes) else getattr(value, "__name__", value),
)
def test_what_is_wrong_with_a_file_is_told_apart(tmp_path, content, error, words):
    caught = failure(tmp_path, "call.wav", content)
    assert type(caught) is error
    assert words in caught.reason
    assert caught.remedy


@pytest.mark.parametrize("suffix", [".raw", ".pcm", ".vox"])
def test_ambiguous_suffix_names_the_suffixes_that_are_not(tmp_path, suffix):
    caught = failure(tmp_path, f"call{suffix}", pcm())
    assert isinstance(caught, DamagedRecording)
    assert suffix in caught.reason
    assert all(known in caught.remedy for known in (".alaw", ".ulaw", ".gsm", ".s16le"))


@pytest.mark.parametrize("codec", ["pcm_alaw", "pcm_mulaw", "pcm_s16le"])
@pytest.mark.parametrize("level", [0.0, 0.001, 0.5])
def test_samples_without_a_header_are_never_guessed(encode, codec, level):
    # FFmpeg takes A-law silence for GSM.
    sound = tone(3, 8000, level=level) + np.float32(1e-4)
    path = encode("raw.bin", codec, [sound], 8000, codec.removeprefix("pcm_"))
    with pytest.raises(DamagedRecording, match=r"no WAV header|zero bytes"):
        decode(path.rename(path.with_suffix(".wav")))


def test_a_name_that_promises_another_format(tmp_path):
    caught = failure(tmp_path, "call.mp3", np.random.default_rng(7).bytes(5000))
    assert (type(caught), caught.reason) == (DamagedRecording, "the name says MP3 but the content is not")


def test_a_failing_disk_is_not_the_recordings_fault(write_wav, monkeypatch):
    def fail(self, size):
        raise OSError(5, "Input/output error")

    path = write_wav("a.wav", [tone(1, 8000)])
    monkeypatch.setattr(opened._Nameless, "read", fail)
    with pytest.raises(OSError, match="Input/output error"):
        decode(path)


def test_a_disk_that_fails_halfway_is_not_the_recordings_fault(write_wav, monkeypatch):
    whole = opened._Nameless.read

    def fail(self, size):
        if self.tell() > 200_000:
            raise OSError(5, "Input/output error")
        return whole(self, size)

    path = write_wav("a.wav", [tone(30, 8000)])
    monkeypatch.setattr(opened._Nameless, "read", fail)
    with pytest.raises(OSError, match="Input/output error"):
        decode(path)


def test_unknown_content_with_an_unknown_name_is_not_audio(tmp_path):
    noise = np.random.default_rng(7).bytes(5000)
    assert isinstance(failure(tmp_path, "backup.xyz", noise), NotAudio)


def test_a_film_without_sound_is_not_audio(tmp_path):
    path = tmp_path / "film.mp4"
    with av.open(str(path), "w") as output:
        stream = output.add_stream("mpeg4", rate=10)
        stream.width = stream.height = 64
        picture = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
        for part in [picture, None]:
            output.mux(stream.encode(part))
    with pytest.raises(NotAudio, match="no sound in it") as caught:
        decode(path)
    assert "video" in caught.value.reason


def test_a_folder_is_not_audio(tmp_path):
    with pytest.raises(NotAudio, match="no regular file"):
        decode(tmp_path)


def test_a_missing_file_is_the_systems_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        decode(tmp_path / "gone.wav")


def test_cut_short_is_decoded_with_a_warning(write_wav):
    path = write_wav("a.wav", [tone(10, 8000)])
    path.write_bytes(path.read_bytes()[: 44 + 6 * 16000])
    decoded = decode(path)
    assert decoded.seconds == pytest.approx(6.0, abs=0.01)
    assert decoded.warnings == ("cut short: the header promises 10.00 s, 6.00 s are there",)


@pytest.mark.parametrize(
    ("name", "codec", "rate"),
    [("a.flac", "flac", 16000), ("a.mp3", "mp3", 16000), ("a.au", "pcm_mulaw", 8000)],
)
def test_cut_short_is_noticed_in_other_containers(encode, name, codec, rate):
    path = encode(name, codec, [tone(10, rate)], rate)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 6 // 10])
    decoded = decode(path)
    assert decoded.seconds == pytest.approx(6.0, abs=0.5)
    assert any("cut short" in warning and "10." in warning for warning in decoded.warnings)


def test_an_mp4_without_its_end_says_so(encode):
    path = encode("a.m4a", "aac", [tone(5, 16000)], 16000)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(DamagedRecording, match="without its index"):
        decode(path)


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF])
def test_a_header_never_finished_is_read_to_the_end(tmp_path, size):
    path = tmp_path / "a.wav"
    path.write_bytes(riff(pcm_format(), pcm(2.0), data_size=size))
    decoded = decode(path)
    assert decoded.seconds == pytest.approx(2.0, abs=0.001)
    assert len(decoded.warnings) == 1
    assert "never finished" in decoded.warnings[0]


def test_an_empty_data_chunk_before_other_chunks_is_empty(tmp_path):
    content = riff(pcm_format(), b"") + b"LIST" + struct.pack("<I", 64) + b"INFO" + b"x" * 60
    assert isinstance(failure(tmp_path, "a.wav", content), EmptyRecording)


def test_not_a_number_becomes_silence_with_a_warning(tmp_path):
    sound = tone(1, 16000)
    sound[100:110] = np.nan
    sound[200] = np.inf
    path = tmp_path / "nan.wav"
    path.write_bytes(riff(pcm_format(16000, bits=32, tag=3), sound.tobytes()))
    decoded = decode(path)
    assert np.isfinite(decoded.samples).all()
    assert decoded.warnings == ("11 samples were not numbers and became silence",)


def test_nothing_but_nan_is_damaged(tmp_path):
    content = riff(pcm_format(16000, bits=32, tag=3), np.full(16000, np.nan, np.float32).tobytes())
    assert "a number" in failure(tmp_path, "nan.wav", content).reason


def test_samples_far_beyond_full_scale_are_noticed(tmp_path):
    path = tmp_path / "loud.wav"
    path.write_bytes(riff(pcm_format(16000, bits=32, tag=3), (tone(1, 16000) * 2000).tobytes()))
    assert decode(path).warnings == ("samples reach 1e+03 times full scale",)


def test_silence_is_a_recording(write_wav):
    decoded = decode(write_wav("a.wav", [np.zeros(8000, np.float32)]))
    assert decoded.warnings == ()
    assert not decoded.samples.any()


def test_too_long_is_refused_before_decoding(write_wav, monkeypatch):
    path = write_wav("a.wav", [tone(10, 8000)])
    monkeypatch.setattr(audio._Reading, "run", lambda self: pytest.fail("decoded"))
    with pytest.raises(RecordingError, match="longer than"):
        decode(path, max_seconds=9)


def test_too_long_is_refused_on_the_way_when_no_header_tells(encode):
    path = encode("a.opus", "libopus", [tone(30, 48000)], 48000)
    with pytest.raises(RecordingError, match="longer than"):
        decode(path, max_seconds=9)


def test_a_lying_header_does_not_refuse_a_short_file(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(riff(pcm_format(), pcm(), data_size=2_000_000_000))
    assert decode(path).seconds == pytest.approx(1.0, abs=0.001)


def test_a_decoder_that_takes_for_ever_is_stopped(write_wav, monkeypatch):
    monkeypatch.setattr(audio, "TIME_LIMIT", -1.0)
    with pytest.raises(DamagedRecording, match="decoding takes"):
        decode(write_wav("a.wav", [tone(1, 8000)]))


def test_bad_packets_in_the_middle_are_left_out_and_counted(encode):
    path = encode("a.flac", "flac", [tone(10, 16000)], 16000)
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 3000] = bytes(3000)
    path.write_bytes(data)
    decoded = decode(path)
    assert 5 < decoded.seconds <= 10.01
    assert decoded.warnings


def test_a_hole_in_the_time_stamps_becomes_silence(tmp_path):
    path = tmp_path / "hole.mka"
    with av.open(str(path), "w") as output:
        stream = output.add_stream("pcm_s16le", rate=8000, layout="mono")
        for start in (0, 1, 4):
            frame = av.AudioFrame.from_ndarray(
                (tone(1, 8000) * 32767).astype(np.int16)[None], format="s16", layout="mono"
            )
            frame.sample_rate, frame.pts = 8000, start * 8000
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    decoded = decode(path)
    assert decoded.seconds == pytest.approx(5.0, abs=0.01)
    assert np.abs(decoded.samples[0, 2 * 16000 + 200 : 4 * 16000 - 200]).max() < 1e-3
    assert np.abs(decoded.samples[0, 4 * 16000 + 200 :]).max() > 0.4
    assert "2.00 s were not recorded and became silence" in decoded.warnings


def test_only_the_first_of_two_streams_is_taken(tmp_path):
    path = tmp_path / "two.mka"
    with av.open(str(path), "w") as output:
        streams = [output.add_stream("pcm_s16le", rate=8000, layout="mono") for _ in range(2)]
        for stream, frequency in zip(streams, (LEFT, RIGHT), strict=True):
            sound = (tone(1, 8000, frequency) * 32767).astype(np.int16)[None]
            frame = av.AudioFrame.from_ndarray(sound, format="s16", layout="mono")
            frame.sample_rate, frame.pts = 8000, 0
            output.mux(stream.encode(frame))
    decoded = decode(path)
    assert loudest_frequency(decoded.samples[0], 16000) == pytest.approx(LEFT, abs=2)
    assert decoded.warnings == ("only the first of 2 audio streams was taken",)


@pytest.mark.parametrize(
    "name", ["通话 2026-11-21.wav", "a'b\"c.wav", "concat:a|b.wav", "http:%2F.wav", "-i.wav"]
)
def test_strange_names_are_only_names(write_wav, name):
    assert decode(write_wav(name, [tone(1, 8000)])).seconds == pytest.approx(1.0)


def test_a_name_that_is_not_unicode(write_wav, tmp_path):
    strange = os.fsencode(tmp_path) + b"/" + "录音.wav".encode("gbk")
    path = Path(os.fsdecode(strange))
    try:
        write_wav("a.wav", [tone(1, 8000)]).rename(path)
    except OSError:
        pytest.skip("this file system takes only Unicode")
    assert decode(path).seconds == pytest.approx(1.0)
