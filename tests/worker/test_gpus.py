"""Which GPUs there are, and which worker has which."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from callqa.worker.session import gpus_of

Make = Callable[..., Path]
LISTED = """#!/bin/sh
echo "GPU 0: NVIDIA H200 (UUID: GPU-aaaa)"
echo "  MIG 1g.18gb Device 0: (UUID: MIG-bbbb)"
echo "GPU 1: NVIDIA H200 (UUID: GPU-cccc)"
"""
LOOKING = """
import os, time
from fake_recognisers import Fake

def looking(settings):
    with open(settings.home / "gpus", "a") as log:
        log.write(os.environ["CUDA_VISIBLE_DEVICES"] + "\\n")
    return Fake(settings.home / "log", 1.0)
"""


@pytest.mark.parametrize(
    ("visible", "found"),
    [
        ("0,1", ("0", "1")),
        (" 3 ", ("3",)),
        ("GPU-aaaa,MIG-bbbb", ("GPU-aaaa", "MIG-bbbb")),
        ("", ()),
        ("-1", ()),
    ],
)
def test_the_environment_says_which_may_be_used(
    monkeypatch: pytest.MonkeyPatch, visible: str, found: tuple[str, ...]
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert gpus_of("auto") == found
    assert gpus_of("cpu") == ()


def test_else_the_driver_is_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert gpus_of("auto") == ()
    (tmp_path / "nvidia-smi").write_text(LISTED)
    (tmp_path / "nvidia-smi").chmod(0o755)
    assert gpus_of("cuda") == ("0", "1")


def test_more_workers_than_gpus_share_them_evenly(
    monkeypatch: pytest.MonkeyPatch,
    store: Any,
    settings: Any,
    recognisers: Path,
    calls: Path,
    make_call: Make,
    display: Any,
) -> None:
    from callqa.ingest.metadata import Metadata
    from callqa.worker.run import Options, ingest, serve

    (recognisers / "looking_recognisers.py").write_text(LOOKING)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2,GPU-aaaa")
    for tenths in range(10, 18):
        make_call(calls / f"{tenths}.wav", tenths)
    ingest(store, [calls], Metadata.load())
    options = Options(recogniser="looking_recognisers:looking", workers=4)
    assert serve(store, settings, options, until_empty=True, display=display) == 8
    assert Counter((settings.home / "gpus").read_text().split()) == {"2": 2, "GPU-aaaa": 2}
    assert "4 workers share 2 GPUs, each with models of its own" in display.said
