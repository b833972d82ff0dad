"""Diarized turns to pieces."""

import pytest

from callqa.transcribe.turns import SpeakerTurn, pieces_of
from callqa.transcribe.types import Span


def turn(start, end, who="a", overlapped=False):
    return SpeakerTurn(Span(start, end), who, overlapped)


def spans(turns):
    return [(p.span.start, p.span.end, p.lane) for p in pieces_of(turns).pieces]


def test_short_pauses_of_one_speaker_are_bridged():
    assert spans([turn(0, 1), turn(1.3, 2)]) == [(0, 2, 0)]


def test_longer_pauses_are_not():
    assert spans([turn(0, 1), turn(1.5, 2)]) == [(0, 1, 0), (1.5, 2, 0)]


def test_a_pause_in_which_the_other_speaks_is_not_bridged():
    assert spans([turn(0, 1), turn(1, 1.3, "b"), turn(1.3, 2)]) == [(0, 1, 0), (1, 1.3, 1), (1.3, 2, 0)]


def test_lanes_are_numbered_as_speakers_appear():
    assert [lane for *_, lane in spans([turn(3, 4, "x"), turn(0, 1, "y")])] == [0, 1]


@pytest.mark.parametrize(("length", "kept"), [(0.2, 0), (0.3, 1)])
def test_scraps_are_dropped(length, kept):
    assert len(spans([turn(0, length)])) == kept


def test_overlap_is_remembered_when_turns_are_joined():
    found = pieces_of([turn(0, 1), turn(1.1, 2, overlapped=True)])
    assert found.overlapped == frozenset(found.pieces)
