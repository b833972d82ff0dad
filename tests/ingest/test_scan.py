import os
from pathlib import Path

import pytest

from callqa.errors import UsageError
from callqa.ingest.metadata import Metadata
from callqa.ingest.scan import Aside, Found, Why, scan


def make(folder, *names, content=b"x"):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def run(*paths, metadata=None):
    aside: list[Aside] = []
    found = list(scan(paths, metadata or Metadata(), aside.append))
    return found, aside


def names(found):
    return [item.name for item in found]


def test_a_folder_is_searched_through_and_sorted(tmp_path):
    make(tmp_path, "b.wav", "a.mp3", "2026/11/c.wav", "2026/10/d.wav")
    found, aside = run(tmp_path)
    assert names(found) == ["d.wav", "c.wav", "a.mp3", "b.wav"]
    assert aside == []


def test_what_is_found(tmp_path):
    make(tmp_path, "a.wav", content=b"12345")
    assert run(tmp_path)[0] == [Found(tmp_path / "a.wav", "a.wav", 5, {})]


def test_relative_paths_become_absolute(tmp_path, monkeypatch):
    make(tmp_path, "calls/a.wav")
    monkeypatch.chdir(tmp_path)
    assert run(Path("calls"))[0][0].path == tmp_path / "calls/a.wav"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("a.json", Why.DOCUMENT),
        ("calls.CSV", Why.DOCUMENT),
        ("README.md", Why.DOCUMENT),
        ("a.rttm", Why.DOCUMENT),
        ("a.TextGrid", Why.DOCUMENT),
        (".a.wav", Why.HIDDEN),
        ("Thumbs.db", Why.HIDDEN),
        ("~$a.wav", Why.HIDDEN),
        ("a.wav.part", Why.UNFINISHED),
    ],
)
def test_left_aside_in_folders(tmp_path, name, why):
    make(tmp_path, name, "ok.wav")
    found, aside = run(tmp_path)
    assert names(found) == ["ok.wav"]
    assert aside == [Aside(tmp_path / name, why)]


@pytest.mark.parametrize(
    "name", ["a", "a.wav.bak", "a.xyz", "json", "part.wav", "a.dat", "空.录音", "a.md.wav"]
)
def test_everything_else_is_taken(tmp_path, name):
    make(tmp_path, name)
    assert names(run(tmp_path)[0]) == [name]


def test_empty_files_are_taken(tmp_path):
    make(tmp_path, "a.wav", content=b"")
    assert run(tmp_path)[0][0].size == 0


def test_a_file_that_is_named_is_always_taken(tmp_path):
    make(tmp_path, ".hidden.md", "a.part")
    assert names(run(tmp_path / ".hidden.md", tmp_path / "a.part")[0]) == [".hidden.md", "a.part"]


def test_each_file_once(tmp_path):
    make(tmp_path, "a.wav", "b.wav")
    found, aside = run(tmp_path / "b.wav", tmp_path)
    assert names(found) == ["b.wav", "a.wav"]
    assert aside == [Aside(tmp_path / "b.wav", Why.DUPLICATE)]


def test_a_loop_of_links_ends(tmp_path):
    make(tmp_path, "calls/a.wav")
    (tmp_path / "calls/again").symlink_to(tmp_path / "calls", target_is_directory=True)
    found, aside = run(tmp_path)
    assert names(found) == ["a.wav"]
    assert [item.why for item in aside] == [Why.DUPLICATE]


def test_a_linked_folder_is_searched(tmp_path):
    make(tmp_path / "store", "a.wav")
    (tmp_path / "calls").mkdir()
    (tmp_path / "calls/link").symlink_to(tmp_path / "store", target_is_directory=True)
    assert names(run(tmp_path / "calls")[0]) == ["a.wav"]


def test_a_link_to_nothing_is_a_problem(tmp_path):
    (tmp_path / "a.wav").symlink_to(tmp_path / "gone.wav")
    found, aside = run(tmp_path)
    assert (found, aside[0].why, aside[0].is_problem) == ([], Why.MISSING, True)


def test_a_pipe_does_not_stop_the_scan(tmp_path):
    os.mkfifo(tmp_path / "a.wav")
    found, aside = run(tmp_path)
    assert (found, aside) == ([], [Aside(tmp_path / "a.wav", Why.SPECIAL)])


def test_sidecars_are_no_problem(tmp_path):
    make(tmp_path, "a.json")
    assert not run(tmp_path)[1][0].is_problem


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_closed_folder_is_a_problem(tmp_path):
    make(tmp_path, "closed/a.wav")
    (tmp_path / "closed").chmod(0)
    try:
        assert [item.why for item in run(tmp_path)[1]] == [Why.UNREADABLE]
    finally:
        (tmp_path / "closed").chmod(0o700)


def test_a_path_that_is_not_there(tmp_path):
    with pytest.raises(UsageError, match="no such file or folder"):
        scan([tmp_path / "gone"], Metadata())


def test_a_csv_manifest_gives_files_and_metadata(tmp_path):
    make(tmp_path, "day/a.wav", "b.wav")
    (tmp_path / "calls.csv").write_text("录音文件,工号,满意度\nday/a.wav,8023,5\nb.wav,8024,\n", "gb18030")
    found, _ = run(tmp_path / "calls.csv")
    assert [(item.path, item.metadata) for item in found] == [
        (tmp_path / "day/a.wav", {"agent": "8023", "满意度": "5"}),
        (tmp_path / "b.wav", {"agent": "8024"}),
    ]


def test_a_list_of_lines(tmp_path):
    make(tmp_path, "a b.wav", "c.wav")
    (tmp_path / "list.txt").write_text(f"# today\n\na b.wav\n{tmp_path}/c.wav\n")
    assert names(run(tmp_path / "list.txt")[0]) == ["a b.wav", "c.wav"]


def test_a_jsonl_manifest(tmp_path):
    make(tmp_path, "a.wav")
    (tmp_path / "calls.jsonl").write_text('{"file": "a.wav", "team": "售后", "vip": true, "note": null}\n')
    assert run(tmp_path / "calls.jsonl")[0][0].metadata == {"team": "售后", "vip": "true"}


def test_a_listed_recording_that_is_missing_is_accounted_for(tmp_path):
    make(tmp_path, "a.wav")
    (tmp_path / "list.txt").write_text("a.wav\ngone.wav\n")
    found, aside = run(tmp_path / "list.txt")
    assert names(found) == ["a.wav"]
    assert aside == [Aside(tmp_path / "gone.wav", Why.MISSING, f"listed at {tmp_path}/list.txt:2")]


def test_a_text_that_is_no_list_says_so(tmp_path):
    (tmp_path / "notes.txt").write_text("客户来电反映滚筒洗衣机脱水异响，要求退货。" * 50)
    with pytest.raises(UsageError, match="none of the 1 recordings"):
        run(tmp_path / "notes.txt")


def test_links_in_a_circle_are_a_problem_and_no_end(tmp_path):
    (tmp_path / "a.wav").symlink_to(tmp_path / "a.wav")
    found, aside = run(tmp_path)
    assert (found, [item.is_problem for item in aside]) == ([], [True])


def test_the_longest_name_there_can_be(tmp_path):
    make(tmp_path, "a" * 251 + ".wav")
    metadata = Metadata()
    assert len(run(tmp_path, metadata=metadata)[0]) == 1
    assert metadata.problems == []


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("m.txt", "x.wav\ny.wav\n", "none of the 2 recordings"),
        ("m.txt", "# nothing\n", "lists no recording"),
        ("m.csv", "agent,team\n1,2\n", "m.csv:2: no recording is named"),
        ("m.csv", "file,start\na.wav,gestern\n", "m.csv:2: 'gestern' is no date"),
        ("m.jsonl", '{"file": "a.wav"}\n{"file":', "m.jsonl:2: not JSON"),
    ],
)
def test_what_is_wrong_with_a_manifest(tmp_path, name, text, message):
    (tmp_path / name).write_text(text)
    with pytest.raises(UsageError, match=message):
        run(tmp_path / name)


def test_metadata_is_attached(tmp_path):
    make(tmp_path, "20261121090501_8023_138.wav")
    metadata = Metadata.load(filename_pattern="{start:%Y%m%d%H%M%S}_{agent}_{customer}")
    assert run(tmp_path, metadata=metadata)[0][0].metadata == {
        "started_at": "2026-11-21T09:05:01",
        "agent": "8023",
        "customer": "138",
    }


def test_the_scan_is_lazy(tmp_path):
    make(tmp_path, *(f"{n:03}.wav" for n in range(100)))
    asked = []

    class Asked(Metadata):
        def of(self, recording):
            asked.append(recording)
            return super().of(recording)

    next(scan([tmp_path], Asked()))
    assert len(asked) == 1
