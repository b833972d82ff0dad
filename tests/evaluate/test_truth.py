import json

import pytest

from callqa.evaluate.truth import TruthError, read_truths

TURN = {"role": "agent", "start": 0, "end": 1, "text": "您好"}


def write(folder, name, content):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")


def test_truth_lies_beside_the_recordings_or_in_a_folder_of_its_own(tmp_path):
    write(tmp_path / "a", "x.json", {"turns": [TURN]})
    write(tmp_path / "b" / "truth", "y.json", {"turns": [TURN]})
    assert list(read_truths(tmp_path / "a")) == ["x"]
    assert list(read_truths(tmp_path / "b")) == ["y"]


def test_other_json_is_left_alone(tmp_path):
    write(tmp_path, "x.json", {"turns": [TURN]})
    write(tmp_path, "settings.json", {"a": 1})
    assert list(read_truths(tmp_path)) == ["x"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "Expecting"),
        ({"turns": [{"role": "agent", "start": 0}]}, "end is missing"),
        ({"turns": [{**TURN, "end": 0}]}, "before it begins"),
        ({"turns": [TURN], "expected": [{"check": "abuse", "turn": 1}]}, "only 1 turns"),
    ],
)
def test_every_bad_file_is_named_with_what_is_wrong(tmp_path, content, message):
    write(tmp_path, "bad.json", content)
    write(tmp_path, "worse.json", content)
    with pytest.raises(TruthError, match=message) as caught:
        read_truths(tmp_path)
    assert "bad.json" in str(caught.value)
    assert "worse.json" in str(caught.value)


def test_a_folder_without_truth_says_what_is_wanted(tmp_path):
    with pytest.raises(TruthError, match="truth files"):
        read_truths(tmp_path)
