"""Whether a worker process lives."""

import subprocess
import sys
from collections.abc import Callable

import pytest

from callqa.worker.identity import is_dead, own_name

NAME = "from callqa.worker.identity import own_name; print(own_name(), flush=True)"


def test_this_process_lives() -> None:
    assert not is_dead(own_name())


def test_names_of_two_processes_differ() -> None:
    other = subprocess.run([sys.executable, "-c", NAME], capture_output=True, text=True, check=True)
    assert other.stdout.strip() != own_name()


def test_a_process_that_ended_is_dead() -> None:
    other = subprocess.run([sys.executable, "-c", NAME], capture_output=True, text=True, check=True)
    assert is_dead(other.stdout.strip())


def test_a_killed_process_nobody_has_collected_is_dead(wait_until: Callable[..., None]) -> None:
    code = f"{NAME}; import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        name = other.stdout.read().strip()
        wait_until(lambda: is_dead(name), 5)  # its output ends a moment before itself


def test_a_number_used_again_by_another_process_is_dead() -> None:
    machine, pid, started = own_name().rsplit(":", 2)
    assert is_dead(f"{machine}:{pid}:{int(started) - 1}")


@pytest.mark.parametrize("name", ["elsewhere/1/2:1:2", "elsewhere:1:2", "", "w1", "a:b:c"])
def test_of_other_machines_nothing_is_claimed(name: str) -> None:
    assert not is_dead(name)
