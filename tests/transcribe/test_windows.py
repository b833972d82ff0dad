"""Packing must lose nothing, double nothing, and find the way back to recording time."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callqa.transcribe.types import Span
from callqa.transcribe.windows import RATE, Piece, pack


def pieces_from(lengths_and_gaps, lane=0):
    at, out = 0.0, []
    for length, gap in lengths_and_gaps:
        at += gap
        out.append(Piece(Span(at, at + length), lane, 0))
        at += length
    return out, at


@given(st.lists(st.tuples(st.floats(0.1, 70), st.floats(0.05, 20)), max_size=30))
@settings(max_examples=60, deadline=None)
def test_every_second_of_speech_is_in_exactly_one_window(lengths_and_gaps):
    pieces, duration = pieces_from(lengths_and_gaps)
    windows = pack(pieces, duration + 1)
    placed = [p.piece.span for w in windows for p in w.placed]
    assert sum(s.duration for s in placed) == pytest.approx(sum(p.span.duration for p in pieces))
    assert all(a.end <= b.start + 1e-9 for a, b in pairwise(placed))


@given(st.lists(st.tuples(st.floats(0.1, 70), st.floats(0.05, 20)), min_size=1, max_size=30))
@settings(max_examples=60, deadline=None)
def test_no_window_is_longer_than_the_recogniser_hears(lengths_and_gaps):
    pieces, duration = pieces_from(lengths_and_gaps)
    assert all(w.seconds <= 28.0 + 1e-6 for w in pack(pieces, duration + 1))


def test_two_lanes_never_share_a_window():
    pieces = [Piece(Span(0, 1), 0, 0), Piece(Span(1.5, 2), 1, 1), Piece(Span(3, 4), 0, 0)]
    windows = pack(pieces, 5)
    assert [{p.piece.lane for p in w.placed} for w in windows] == [{0}, {1}]


def test_window_time_maps_back_to_recording_time():
    pieces = [Piece(Span(10, 12), 0, 0), Piece(Span(20, 22), 0, 0)]
    (window,) = pack(pieces, 30)
    second = window.placed[1]
    assert window.place_of(second.offset + 0.5, second.offset + 0.6) is second
    assert second.to_recording(second.offset + 0.6) == pytest.approx(second.heard.start + 0.6)


def test_word_times_stay_inside_their_piece():
    (window,) = pack([Piece(Span(10, 12), 0, 0)], 30)
    assert window.placed[0].to_recording(0.0) == 10
    assert window.placed[0].to_recording(29.0) == 12


def test_window_holds_the_samples_of_its_pieces():
    recording = np.zeros((2, 10 * RATE), dtype=np.float32)
    recording[1, 2 * RATE : 3 * RATE] = 0.5
    (window,) = pack([Piece(Span(2, 3), 0, 1)], 10)
    samples = window.samples(recording)
    assert np.count_nonzero(samples == 0.5) == RATE


def test_ears_do_not_reach_into_the_neighbour():
    pieces = [Piece(Span(0, 1), 0, 0), Piece(Span(1.05, 2), 0, 0)]
    (window,) = pack(pieces, 3)
    assert window.placed[0].heard.end == pytest.approx(1.05)
    assert window.placed[1].heard.start == pytest.approx(1.0)


def test_nothing_to_recognise_is_no_window():
    assert pack([], 10) == []
