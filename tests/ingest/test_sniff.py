import pytest

from callqa.ingest.sniff import container_of, is_text, only_zeros, other_than_sound


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"%PDF-1.4", "a PDF document"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "a WebP picture"),
        (b"RIFF\x10\0\0\0WAVEfmt ", None),
        (b"RIFF\x10\0\0\0AVI LIST", None),
        (b"\0" * 257 + b"ustar\x0000", "a tar archive"),
        (b"\xef\xbb\xbf<HTML>", "a web page (HTML)"),
        (b"\n  <!DOCTYPE html>", "a web page (HTML)"),
        ("﻿通话".encode("utf-16-le"), "plain text"),
        ("客户：您好".encode() * 3 + "好".encode()[:2], "plain text"),
        (b"NIST_1A\n   1024\nsample_rate -i 8000\n", None),
        (b"#!AMR\n", None),
        (b"OggS", None),
        (b"\xd5" * 500, None),
        (b"\x7f\xff" * 500, None),
        (b"\xff\xfb\x90\x64" + b"\0" * 60, None),
        (b"abc\0def", None),
    ],
)
def test_what_the_first_bytes_are(head, expected):
    assert other_than_sound(head) == expected


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"plain\r\n\ttext", True),
        (b"", False),
        (b"bell\x07", False),
        (b"\xff\xfe\0\xd8x\0", False),
        (b"\x80abc", False),
    ],
)
def test_text_has_no_control_characters(head, expected):
    assert is_text(head) is expected


@pytest.mark.parametrize(("head", "expected"), [(b"\0\0", True), (b"", False), (b"\0\1", False)])
def test_only_zeros(head, expected):
    assert only_zeros(head) is expected


@pytest.mark.parametrize(
    ("head", "expected"),
    [(b"\0\0\0\x20ftypisom", "MP4"), (b"fLaC\0", "FLAC"), (b"flac", None), (b"RIFX", None), (b"", None)],
)
def test_container_by_its_mark(head, expected):
    assert container_of(head) == expected
