"""Recognition of chosen windows of a batch: those that looped, or those in one language."""

from pathlib import Path

import ctranslate2
import numpy as np
import pytest
import torch

from callqa.ingest.audio import decode
from callqa.settings import get_settings
from callqa.transcribe.hardware import choose
from callqa.transcribe.recogniser import Recogniser, _loops, _rows

SAMPLES = Path(__file__).parents[2] / "samples"


def stored(array):
    return ctranslate2.StorageView.from_array(array)


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_rows_are_taken_in_the_given_order(dtype):
    output = np.arange(24, dtype=dtype).reshape(4, 3, 2)
    taken = np.asarray(_rows(stored(output), [2, 0], 4))
    assert np.array_equal(taken, output[[2, 0]].astype(np.float32))


def test_all_rows_are_the_output_itself():
    output = stored(np.zeros((2, 3), dtype=np.float32))
    assert _rows(output, [0, 1], 2) is output


def test_rows_of_bfloat16_which_numpy_does_not_know():
    output = np.arange(8, dtype=np.float32).reshape(4, 2)
    short = stored(output).to(ctranslate2.DataType.bfloat16)
    assert np.array_equal(np.asarray(_rows(short, [3], 4)), output[[3]])


def said(heard):
    return "".join(w.text for w in heard.words)


@pytest.fixture(scope="module")
def recogniser():
    settings = get_settings()
    return Recogniser("bundled", settings.model_dir, choose("cpu"))


@pytest.fixture(scope="module")
def windows():
    samples = decode(SAMPLES / "01-clean-order-query.wav").samples
    return [samples[0, a * 16000 : (a + 8) * 16000] for a in (0, 8, 16)]


@pytest.mark.models
def test_windows_taken_out_of_a_batch_say_the_same(recogniser, windows):
    encoded = recogniser._model.encode(np.stack([recogniser._features(w) for w in windows]))
    prompts = [recogniser._prompt("zh", True)] * 3
    together = recogniser._generate(encoded, prompts)
    chosen = recogniser._generate(_rows(encoded, [2, 0], 3), prompts[:2])
    assert chosen == [together[2], together[0]]
    assert together[0].tokens != together[2].tokens


@pytest.mark.models
def test_a_window_in_circles_is_decoded_again_and_its_neighbours_are_not(recogniser, windows):
    one_second = np.tile(windows[0][24000:40000], 28)
    (alone,) = recogniser.recognise(windows[1:2])
    beside, circling = recogniser.recognise([windows[1], one_second])
    assert (beside.looped, circling.looped) == (False, True)
    assert said(beside) == said(alone)
    assert not _loops(said(circling))


@pytest.mark.models
def test_the_size_of_batches_does_not_change_what_is_heard(recogniser, windows):
    together = recogniser.recognise(windows)
    one_by_one = [recogniser.recognise([w])[0] for w in windows]
    assert [said(h) for h in together] == [said(h) for h in one_by_one]


@pytest.mark.models
def test_others_keep_their_threads_when_windows_were_heard_one_core_each(recogniser, windows):
    before = torch.get_num_threads()
    recogniser.recognise(windows)
    assert torch.get_num_threads() == before
