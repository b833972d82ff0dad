"""The waveform's two lanes."""

import numpy as np
import pytest

from callqa.dashboard.lanes import MOST_POINTS, lanes
from callqa.dashboard.texts import texts_in
from callqa.ingest.peaks import to_bytes
from callqa.store.results import Peaks
from callqa.transcribe.types import Role, Utterance

ZH = texts_in("zh")


def stored(*channels: list[int]) -> Peaks:
    """One bucket a second, from the loudest sample of each, 0 to 127."""
    outline = np.array([[[-level, level] for level in channel] for channel in channels], np.int8)
    return Peaks(1, to_bytes(outline))


def speaks(role: Role, start: float, end: float, channel: int | None = None) -> Utterance:
    return Utterance(0, start, end, "S", role, "您好", channel=channel)


def test_two_channels_are_the_lanes_of_those_who_speak_on_them() -> None:
    swapped = [speaks(Role.CUSTOMER, 0, 1, 0), speaks(Role.AGENT, 1, 2, 1)]
    found = lanes(stored([10, 10], [20, 20]), swapped, ZH)
    assert [(lane["role"], lane["peaks"]) for lane in found] == [("agent", [40, 40]), ("customer", [20, 20])]


def test_without_speakers_the_first_channel_is_the_agents() -> None:
    assert [lane["peaks"] for lane in lanes(stored([10], [20]), [], ZH)] == [[20], [40]]


def test_one_channel_is_shown_on_each_lane_where_that_side_speaks() -> None:
    both = [speaks(Role.AGENT, 0, 0.9), speaks(Role.CUSTOMER, 2, 2.9)]
    found = lanes(stored([10, 10, 10, 10]), both, ZH)
    assert [lane["peaks"] for lane in found] == [[20, 0, 0, 0], [0, 0, 20, 0]]


def test_one_channel_without_speakers_is_one_lane() -> None:
    (lane,) = lanes(stored([10, 20]), [], ZH)
    assert (lane["role"], lane["label"], lane["peaks"]) == ("all", "录音", [20, 40])


def test_without_peaks_there_are_no_lanes() -> None:
    assert lanes(None, [], ZH) == []


@pytest.mark.parametrize(("level", "expected"), [(0, 0), (1, 2), (127, 254)])
def test_full_scale_fits(level: int, expected: int) -> None:
    assert lanes(stored([level]), [], ZH)[0]["peaks"] == [expected]


def test_a_long_call_is_drawn_coarser_but_keeps_its_loudest_moments() -> None:
    long = [0] * (MOST_POINTS * 3)
    long[4321] = 100
    (lane,) = lanes(stored(long), [], ZH)
    assert len(lane["peaks"]) == MOST_POINTS
    assert max(lane["peaks"]) == 200
