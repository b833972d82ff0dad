"""File names that are not UTF-8."""

import os
from pathlib import Path

import pytest

from callqa.store.paths import readable, to_path, to_text

GBK_NAME = os.fsdecode("投诉录音.wav".encode("gbk"))


@pytest.mark.parametrize(
    "name", ["a.wav", "投诉.wav", "with space.wav", GBK_NAME, os.fsdecode(b"\xff\x80.wav")]
)
def test_every_path_comes_back_from_its_text(name: str) -> None:
    assert to_path(to_text(Path("/x") / name)) == Path("/x") / name


@pytest.mark.parametrize("name", [GBK_NAME, os.fsdecode(b"\xff\x80.wav")])
def test_the_text_of_a_path_can_be_stored(name: str) -> None:
    assert to_text(name).encode("utf-8")


@pytest.mark.parametrize(
    ("name", "shown"),
    [("投诉.wav", "投诉.wav"), (GBK_NAME, "投诉录音.wav"), (os.fsdecode(b"\xff.wav"), "\ufffd.wav")],
)
def test_names_are_shown_as_people_wrote_them(name: str, shown: str) -> None:
    assert readable(name) == shown
