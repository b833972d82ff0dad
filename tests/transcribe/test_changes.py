"""Speaker changes and overlaps from windows whose speaker numbers mean nothing outside them."""

import numpy as np
import pytest

from callqa.transcribe.changes import Windowed, cut_at, overlapped, speaker_changes
from callqa.transcribe.types import Span

FRAME = 0.05


def windowed(*windows):
    """Each window: (start, [(begin, end, speaker), …]) in seconds of the recording; windows last 10 s."""
    active = np.zeros((len(windows), 200, 3))
    for i, (start, turns) in enumerate(windows):
        for begin, end, speaker in turns:
            b, e = round((begin - start) / FRAME), round((end - start) / FRAME)
            active[i, max(b, 0) : max(e, 0), speaker] = 1
    return Windowed(active, np.array([float(start) for start, _ in windows]), FRAME)


def test_a_change_that_all_windows_see_is_taken_once():
    w = windowed((0, [(1, 6, 0), (6, 9, 1)]), (2.5, [(2.5, 6, 2), (6.1, 9, 0)]))
    assert speaker_changes(w) == [pytest.approx(6.0, abs=0.1)]


def test_a_change_that_one_window_of_three_sees_is_not():
    same = [(1, 9, 0)]
    w = windowed((0, [(1, 6, 0), (6, 9, 1)]), (2.5, same), (5, same))
    assert speaker_changes(w) == []


def test_a_change_with_both_speaking_for_long_is_in_their_middle():
    turns = [(1, 6, 0), (4, 9, 1)]
    assert speaker_changes(windowed((0, turns), (1, turns))) == [pytest.approx(5.0, abs=0.1)]


def test_one_who_speaks_into_the_turn_of_another_changes_nothing():
    assert speaker_changes(windowed((0, [(1, 9, 0), (4, 6, 1)]))) == []


def test_a_pause_between_turns_is_no_change():
    assert speaker_changes(windowed((0, [(1, 4, 0), (5, 9, 1)]))) == []


def test_a_flicker_is_no_change():
    assert speaker_changes(windowed((0, [(1, 4, 0), (4, 4.1, 1), (4.1, 9, 0)]))) == []


def test_overlap_needs_most_windows():
    both = [(1, 5, 0), (4, 8, 1)]
    (span,) = overlapped(windowed((0, both), (2.5, both)))
    assert span.start == pytest.approx(4)
    assert span.end == pytest.approx(5)
    alone = [(1, 8, 0)]
    assert overlapped(windowed((0, both), (2.5, alone))) == []


def test_short_overlaps_are_not_reported():
    assert overlapped(windowed((0, [(1, 5, 0), (4.9, 8, 1)]))) == []


def test_spans_are_cut_inside_only():
    spans = cut_at([Span(0, 4), Span(5, 9)], [2.0, 4.5, 5.1, 8.0])
    assert [(s.start, s.end) for s in spans] == [(0, 2), (2, 4), (5, 8), (8, 9)]


def test_no_windows_no_changes():
    empty = Windowed(np.zeros((0, 200, 3)), np.zeros(0), FRAME)
    assert speaker_changes(empty) == []
    assert overlapped(empty) == []
