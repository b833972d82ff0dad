from callqa.inspect.truth import transcript_from_truth

TRUTH = {
    "audio": {"seconds": 20.0},
    "turns": [
        {"role": "agent", "start": 0.5, "end": 2.0, "text": "您好。"},
        {"role": "customer", "start": 14.0, "end": 15.0, "text": "喂。"},
    ],
}


def test_turns_become_measured_utterances():
    transcript = transcript_from_truth(TRUTH)
    assert [(u.index, u.role, u.start, u.text) for u in transcript.utterances] == [
        (0, "agent", 0.5, "您好。"),
        (1, "customer", 14.0, "喂。"),
    ]
    assert transcript.duration == 20.0
    assert [(s.start, s.end) for s in transcript.measures.silences] == [(2.0, 14.0)]


def test_without_a_duration_the_last_word_ends_the_call():
    assert transcript_from_truth({"turns": TRUTH["turns"]}).duration == 15.0


def test_a_call_without_turns_has_no_length():
    assert transcript_from_truth({"turns": []}).duration == 0.0


def test_it_has_a_channel_for_each_side():
    assert transcript_from_truth(TRUTH).channels == 2
