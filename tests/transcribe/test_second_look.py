"""A window that comes back with text missing is heard again in smaller portions."""

import numpy as np
import pytest

from callqa.transcribe.recogniser import PROMPT, Heard
from callqa.transcribe.second_look import echoes_prompt, recognise
from callqa.transcribe.types import Span, Word
from callqa.transcribe.windows import Piece, Placed, Window, pack

RECORDING = np.zeros((1, 16000 * 60), dtype=np.float32)


class Forgetful:
    """Hears ten words a piece, but in windows of more than ``most`` seconds only the first piece."""

    def __init__(self, most):
        self.most, self.calls = most, []

    def recognise(self, windows, progress, *, prompted):
        self.calls.append((len(windows), prompted))
        progress(len(windows))
        return [Heard(tuple(self._words(len(cut) / 16000)), "zh", False) for cut in windows]

    def _words(self, seconds):
        until = seconds if seconds <= self.most else 3.0
        return [Word(t, t + 0.2, "您", 0.9) for t in np.arange(0.1, until - 0.2, 0.25)]


class Deaf(Forgetful):
    """Hears nothing at all."""

    def _words(self, seconds):
        return []


def windows(count):
    pieces = [Piece(Span(4.0 * i, 4.0 * i + 3), 0, 0) for i in range(count)]
    return pack(pieces, 60)


def heard_pieces(found):
    return {
        p.piece.span.start
        for (_, window), heard in found
        for p in window.placed
        if any(window.place_of(w.start, w.end) is p for w in heard.words)
    }


def test_lost_text_is_found_in_smaller_windows():
    jobs = [(0, w) for w in windows(4)]
    recogniser = Forgetful(most=8.0)
    found = recognise(recogniser, [RECORDING], jobs, lambda _d, _t: None)
    assert heard_pieces(found) == {0.0, 4.0, 8.0, 12.0}
    assert recogniser.calls == [(1, True), (2, False)]


class Circling(Forgetful):
    """Runs in circles in windows of more than ``most`` seconds: words enough, but not what was said."""

    def recognise(self, windows, progress, *, prompted):
        self.calls.append((len(windows), prompted))
        return [self._heard(len(cut) / 16000) for cut in windows]

    def _heard(self, seconds):
        times = np.arange(0.1, seconds - 0.2, 0.25)
        words = [Word(t, t + 0.2, "帮您查"[i % 3], 0.9) for i, t in enumerate(times)]
        return Heard(tuple(words), "zh", seconds > self.most)


def test_a_loop_in_a_window_does_not_cost_the_other_pieces_their_text():
    recogniser = Circling(most=8.0)
    found = recognise(recogniser, [RECORDING], [(0, w) for w in windows(4)], lambda _d, _t: None)
    assert [heard.looped for _, heard in found] == [False, False]
    assert heard_pieces(found) == {0.0, 4.0, 8.0, 12.0}
    assert recogniser.calls == [(1, True), (2, False)]


def test_a_piece_that_keeps_looping_gets_one_more_chance_and_ends():
    recogniser = Circling(most=0.0)
    found = recognise(recogniser, [RECORDING], [(0, w) for w in windows(1)], lambda _d, _t: None)
    assert recogniser.calls == [(1, True), (1, False)]
    assert [heard.looped for _, heard in found] == [True]


def test_a_window_that_was_heard_whole_is_not_heard_again():
    jobs = [(0, w) for w in windows(4)]
    recogniser = Forgetful(most=30.0)
    recognise(recogniser, [RECORDING], jobs, lambda _d, _t: None)
    assert recogniser.calls == [(1, True)]


def test_a_piece_without_words_gets_one_more_chance_and_ends():
    jobs = [(0, w) for w in windows(1)]
    recogniser = Deaf(most=0.0)
    found = recognise(recogniser, [RECORDING], jobs, lambda _d, _t: None)
    assert recogniser.calls == [(1, True), (1, False)]
    assert len(found) == 1


def test_every_piece_stands_in_exactly_one_result():
    jobs = [(0, w) for w in windows(7)]
    found = recognise(Forgetful(most=8.0), [RECORDING], jobs, lambda _d, _t: None)
    starts = [p.piece.span.start for (_, w), _ in found for p in w.placed]
    assert sorted(starts) == [4.0 * i for i in range(7)]


def test_short_sounds_without_words_are_left_alone():
    piece = Piece(Span(0, 0.8), 0, 0)
    job = (0, Window((Placed(piece, Span(0, 0.9), 0.0),)))
    recogniser = Deaf(most=0.0)
    recognise(recogniser, [RECORDING], [job], lambda _d, _t: None)
    assert recogniser.calls == [(1, True)]


class Unsure:
    """Hears a window with one confidence when prompted, with another when not."""

    def __init__(self, prompted, unprompted, text="帮您查"):
        self.text = text
        self.confidence = {True: prompted, False: unprompted}
        self.calls = []

    def recognise(self, windows, progress, *, prompted):
        self.calls.append((len(windows), prompted))
        text = self.text if prompted else "没提示"
        return [
            Heard(
                tuple(
                    Word(t, t + 0.2, text[int(t) % 3], self.confidence[prompted])
                    for t in np.arange(0.1, len(cut) / 16000 - 0.2, 0.25)
                ),
                "zh",
                False,
            )
            for cut in windows
        ]


@pytest.mark.parametrize(
    ("prompted", "unprompted", "kept", "calls"),
    [
        (0.9, 0.99, 0.9, [(1, True)]),
        (0.06, 0.46, 0.46, [(1, True), (1, False)]),
        (0.4, 0.3, 0.4, [(1, True), (1, False)]),
    ],
)
def test_the_surer_of_two_hearings_stays(prompted, unprompted, kept, calls):
    recogniser = Unsure(prompted, unprompted)
    ((_, heard),) = recognise(recogniser, [RECORDING], [(0, windows(1)[0])], lambda _d, _t: None)
    assert {w.confidence for w in heard.words} == {kept}
    assert recogniser.calls == calls


def test_what_is_no_call_is_heard_without_the_prompt():
    recogniser = Unsure(0.9, 0.7, text="新闻网")
    found = recognise(recogniser, [RECORDING], [(0, w) for w in windows(8)], lambda _d, _t: None)
    assert {w.confidence for _, h in found for w in h.words} == {0.7}


def test_one_sentence_of_a_call_makes_the_whole_recording_one():
    class Mixed(Unsure):
        def recognise(self, windows, progress, *, prompted):
            heard = super().recognise(windows, progress, prompted=prompted)
            other = Unsure(0.9, 0.9, text="新闻网").recognise(windows, progress, prompted=prompted)
            return [*heard[:1], *other[1:]]

    recogniser = Mixed(0.9, 0.9)
    recognise(recogniser, [RECORDING], [(0, w) for w in windows(16)], lambda _d, _t: None)
    assert [prompted for _, prompted in recogniser.calls] == [True]


class Parrot(Forgetful):
    """Repeats the prompt when it has one, surely, and hears ``truth`` without."""

    def __init__(self, truth):
        super().__init__(most=60.0)
        self.truth = truth

    def recognise(self, windows, progress, *, prompted):
        self.calls.append((len(windows), prompted))
        text = PROMPT if prompted else self.truth
        words = tuple(Word(0.2 * i, 0.2 * i + 0.2, c, 0.95) for i, c in enumerate(text))
        return [Heard(words, "zh", False) for _ in windows]


@pytest.mark.parametrize("truth", ["啦啦啦啦啦啦啦啦啦啦啦啦", ""])
def test_what_repeats_the_prompt_is_replaced_by_what_is_heard_without(truth):
    found = recognise(Parrot(truth), [RECORDING], [(0, w) for w in windows(1)], lambda _d, _t: None)
    assert {"".join(w.text for w in heard.words) for _, heard in found} == {truth}


@pytest.mark.parametrize(
    ("text", "echo"),
    [
        (PROMPT, True),
        ("请问有什么可以帮您？我要投诉。", True),
        ("您好，工号八零二三，很高兴为您服务，请问有什么可以帮您？", False),
        ("我要投诉，要求退款。", False),
        ("请稍等，帮您核实一下。", False),
        ("", False),
    ],
)
def test_a_greeting_is_no_echo_of_the_prompt(text, echo):
    assert echoes_prompt(text) == echo
