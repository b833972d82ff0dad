"""Says what a file's first bytes are when they are something else than sound."""

import codecs
from typing import Final

HEAD_BYTES: Final = 64 * 1024
"""How much of a file is looked at."""

_SIGNATURES: Final = (
    (b"%PDF-", "a PDF document"),
    (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF87a", "a GIF picture"),
    (b"GIF89a", "a GIF picture"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
    (b"PK\x03\x04", "a ZIP archive or office document"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old office document"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"\x7fELF", "a program"),
    (b"Salted__", "a file encrypted by OpenSSL"),
    (b"age-encryption.org/", "a file encrypted by age"),
)
_TEXTS: Final = (
    (b"version https://git-lfs", "a Git LFS pointer, not the file it stands for"),
    (b"<!doctype html", "a web page (HTML)"),
    (b"<html", "a web page (HTML)"),
    (b"<?xml", "an XML document"),
    (b"#extm3u", "a playlist"),
    (b"[playlist]", "a playlist"),
    (b"{", "a JSON text"),
    (b"[", "a JSON text"),
    (b"-----begin pgp", "a file encrypted by PGP"),
)
_CONTAINERS: Final = (
    (b"RIFF", "WAV or AVI"),
    (b"RF64", "RF64 WAV"),
    (b"riff", "Wave64"),
    (b"fLaC", "FLAC"),
    (b"OggS", "Ogg"),
    (b"ID3", "MP3"),
    (b"FORM", "AIFF"),
    (b".snd", "AU"),
    (b"caff", "CAF"),
    (b"NIST_1A", "NIST SPHERE"),
    (b"#!AMR", "AMR"),
    (b"\x1aE\xdf\xa3", "Matroska or WebM"),
    (b"0&\xb2u\x8ef\xcf\x11", "Windows Media"),
)
_WHITESPACE: Final = b"\t\n\r\f "
_CONTROLS: Final = frozenset(range(32)) - frozenset(_WHITESPACE) | {127}


def other_than_sound(head: bytes) -> str | None:
    """What ``head`` (the first HEAD_BYTES of a file) shows, such as "a PNG picture".

    None when nothing speaks against sound; that is no promise that it is sound.

    >>> other_than_sound(b"%PDF-1.7 ...")
    'a PDF document'
    """
    for signature, name in _SIGNATURES:
        if head.startswith(signature):
            return name
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "a WebP picture"
    if head[257:262] == b"ustar":
        return "a tar archive"
    return _text(head)


def container_of(head: bytes) -> str | None:
    """The container whose mark ``head`` begins with, None when it has none that is known."""
    if head[4:8] in (b"ftyp", b"moov", b"mdat"):
        return "MP4"
    return next((name for magic, name in _CONTAINERS if head.startswith(magic)), None)


def only_zeros(head: bytes) -> bool:
    """Whether nothing but zero bytes were found, as after a failed disk or an unfinished copy."""
    return bool(head) and not head.strip(b"\x00")


def _text(head: bytes) -> str | None:
    if container_of(head) or not is_text(head):
        return None
    start = head.removeprefix(codecs.BOM_UTF8).lstrip().lower()
    for beginning, name in _TEXTS:
        if start.startswith(beginning):
            return name
    return "plain text"


def is_text(head: bytes) -> bool:
    """Whether ``head`` is readable text: UTF-16 with its mark, or UTF-8 without control characters."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _readable(head[: len(head) // 2 * 2], "utf-16")
    return bool(head) and not _CONTROLS.intersection(head) and _readable(head, "utf-8")


def _readable(head: bytes, encoding: str) -> bool:
    # Incremental: the head may end inside a character.
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeDecodeError:
        return False
    return all(c.isprintable() or c.isspace() or c == "\ufeff" for c in text)
