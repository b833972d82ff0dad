"""The choice of device, and the libraries that the GPU path opens (they load without a GPU, too)."""

import subprocess
import sys

import pytest
import torch

from callqa.errors import UsageError
from callqa.transcribe.hardware import choose

no_gpu = pytest.mark.skipif(torch.cuda.is_available(), reason="a GPU is there")
gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")


def test_the_processor_counts_in_eight_bits():
    hardware = choose("cpu")
    assert (hardware.device, hardware.compute_type, hardware.batch_size) == ("cpu", "int8", 4)


def test_number_format_and_batch_size_can_be_named():
    hardware = choose("cpu", "float32", 3)
    assert (hardware.compute_type, hardware.batch_size) == ("float32", 3)


@pytest.mark.parametrize("compute_type", ["float17", "int8_float16"])
def test_a_format_that_the_processor_does_not_know_is_refused(compute_type):
    with pytest.raises(UsageError, match="float32"):
        choose("cpu", compute_type)


@no_gpu
def test_a_gpu_that_is_not_there_is_refused():
    with pytest.raises(UsageError, match="--device cpu"):
        choose("cuda")


@no_gpu
def test_without_a_gpu_the_processor_is_taken():
    assert choose("auto") == choose("cpu")


@gpu
def test_with_a_gpu_it_is_taken():
    assert choose("auto").device == "cuda"


@pytest.mark.parametrize("library", ["libcublas.so.12", "libcublasLt.so.12"])
def test_the_libraries_that_ctranslate2_opens_on_a_gpu_are_found(library):
    """CTranslate2 opens them by this name at its first product, long after it said it found a GPU."""
    code = f"""
import ctypes
from callqa.transcribe.hardware import choose
choose("cpu")
ctypes.CDLL({library!r})
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
