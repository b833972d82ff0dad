import io
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callqa.ingest.riff import WavHeader, read_wav_header

FMT = b"fmt \x10\0\0\0" + struct.pack("<HHIIHH", 7, 1, 8000, 8000, 1, 8)


def chunk(name, body, size=None):
    return name + struct.pack("<I", len(body) if size is None else size) + body


def read(content):
    return read_wav_header(io.BytesIO(content), len(content))


def wav(*chunks, kind=b"RIFF"):
    return kind + b"\0\0\0\0WAVE" + b"".join(chunks)


LIST = chunk(b"LIST", b"INFOISFT")
DS64 = chunk(b"ds64", struct.pack("<QQQI", 0, 12, 12, 0))


@pytest.mark.parametrize(
    ("content", "promised", "present"),
    [
        (wav(FMT, chunk(b"data", b"x" * 10)), 10, 10),
        (wav(FMT, chunk(b"data", b"x" * 10, size=16)), 16, 10),
        (wav(FMT, chunk(b"data", b"x" * 10), LIST), 10, 10),
        (wav(LIST, FMT, LIST, chunk(b"data", b"x" * 10)), 10, 10),
        (wav(chunk(b"odd ", b"123") + b"\0", FMT, chunk(b"data", b"xy")), 2, 2),
        (wav(FMT, chunk(b"data", b"")), 0, 0),
        (wav(FMT, chunk(b"data", b""), LIST), 0, 0),
        (wav(FMT, chunk(b"data", b"x" * 10, size=0)), None, 10),
        (wav(FMT, chunk(b"data", b"x" * 10, size=0xFFFFFFFF)), None, 10),
        (wav(DS64, FMT, chunk(b"data", b"x" * 12, size=0xFFFFFFFF), kind=b"RF64"), 12, 12),
        (wav(DS64, FMT, chunk(b"data", b"x" * 5, size=0xFFFFFFFF), kind=b"RF64"), 12, 5),
        (wav(FMT), None, None),
        (wav(FMT, b"dat"), None, None),
        (wav(chunk(b"junk", b"", size=0xFFFFFFF0)), None, None),
    ],
)
def test_promised_and_present_bytes(content, promised, present):
    header = read(content)
    assert (header.promised, header.present) == (promised, present)


def test_the_format_is_noted():
    assert read(wav(FMT, chunk(b"data", b"x" * 4000))) == WavHeader(7, 8000, 4000, 4000)


@pytest.mark.parametrize(
    ("byte_rate", "promised", "seconds"),
    [(8000, 4000, 0.5), (0, 4000, None), (8000, None, None), (8000, 0, 0.0)],
)
def test_promised_seconds(byte_rate, promised, seconds):
    assert WavHeader(7, byte_rate, promised, 0).promised_seconds == seconds


@pytest.mark.parametrize("content", [b"", b"RIF", b"RIFF\0\0\0\0AVI LIST", b"RIFX\0\0\0\0WAVE", b"fLaC" * 9])
def test_anything_else_has_no_wav_header(content):
    assert read(content) is None


@pytest.mark.parametrize("length", range(4, 44))
def test_broken_off_anywhere_before_the_samples(length):
    assert read(wav(FMT, chunk(b"data", b"x" * 10))[:length]).present is None


@given(st.binary(max_size=300))
@settings(max_examples=100, deadline=None)
def test_any_chunks_end(tail):
    header = read(wav(tail))
    assert header.present is None or header.present <= len(tail)


def test_endless_chunks_end():
    assert read(wav(chunk(b"junk", b"") * 5000)).present is None
