"""The candidate index follows the database, whatever happens to either."""

from collections.abc import Callable
from pathlib import Path

import pytest

from callqa.inspect.rulebook import read_rulebook
from callqa.privacy.retention import erase
from callqa.rulebooks.backtest import backtest
from callqa.rulebooks.candidates import CandidateIndex
from callqa.rulebooks.need import ANY, Text, all_of, any_of
from callqa.rulebooks.packed_calls import Unpacker, pack_calls
from callqa.settings import Settings
from callqa.store import Store
from callqa.store.index_files import forget_indexed
from callqa.store.slim import SlimCall

Make = Callable[..., str]
Inspected = Callable[..., int]


@pytest.fixture
def book(make_rule: Make) -> dict[str, str]:
    return {"a/hello.yaml": make_rule("hello", "您好")}


@pytest.fixture
def index(store: Store, settings: Settings) -> CandidateIndex:
    return CandidateIndex.of(store, settings)


def holding(index: CandidateIndex, text: str, *, sound: bool = False) -> list[int]:
    index.sync()
    return index.candidates(Text(text, sound))


def test_new_calls_are_found(index: CandidateIndex, book: dict[str, str], inspected: Inspected) -> None:
    first = inspected("a.wav", [{"agent": "我要投诉"}], book)
    assert holding(index, "投诉") == [first]
    second = inspected("b.wav", [{"agent": "投诉电话"}], book)
    assert holding(index, "投诉") == [first, second]


def test_nothing_is_made_twice(index: CandidateIndex, book: dict[str, str], inspected: Inspected) -> None:
    inspected("a.wav", [{"agent": "投诉"}], book)
    assert [index.sync().made, index.sync().made] == [1, 0]
    assert CandidateIndex(index._store, index.folder).sync().made == 0


def test_a_transcript_that_is_made_anew_is_read_anew(
    index: CandidateIndex, book: dict[str, str], inspected: Inspected
) -> None:
    number = inspected("a.wav", [{"agent": "投诉"}], book)
    assert holding(index, "投诉") == [number]
    inspected("a.wav", [{"agent": "再见"}], book)
    assert (holding(index, "投诉"), holding(index, "再见")) == ([], [number])


def test_pairs_do_not_reach_over_utterances(
    index: CandidateIndex, book: dict[str, str], inspected: Inspected
) -> None:
    inspected("a.wav", [{"agent": "投"}, {"agent": "诉"}], book)
    assert holding(index, "投诉") == []
    assert holding(index, "诉") == [1]


@pytest.mark.parametrize(
    ("written", "sought"), [("頭訴", "投诉"), ("偷书", "投诉"), ("浪费", "兰费"), ("星期", "心期")]
)
def test_what_sounds_alike_is_found_by_sound(
    index: CandidateIndex, book: dict[str, str], inspected: Inspected, written: str, sought: str
) -> None:
    from callqa.inspect.fold import fold
    from callqa.rulebooks.needs import sounding

    inspected("a.wav", [{"agent": written}], book)
    assert holding(index, sounding(fold(sought)), sound=True) == [1]


@pytest.mark.parametrize("damage", ["empty", "cut", "turned", "gone", "other"])
def test_a_damaged_file_is_made_anew(
    store: Store, settings: Settings, book: dict[str, str], inspected: Inspected, damage: str
) -> None:
    number = inspected("a.wav", [{"agent": "投诉"}, {"customer": "好的好的"}], book)
    index = CandidateIndex.of(store, settings)
    assert holding(index, "投诉") == [number]
    (file,) = index.folder.glob("*.calls")
    content = file.read_bytes()
    broken = {"empty": b"", "cut": content[:-40], "turned": _turned(content), "other": b"callqa index\n" * 9}
    if damage == "gone":
        file.unlink()
    else:
        file.write_bytes(broken[damage])
    again = CandidateIndex.of(store, settings)
    assert again.sync().made == 1
    assert holding(again, "投诉") == [number]


def _turned(content: bytes) -> bytes:
    """One bit of the last list is another."""
    return content[:-9] + bytes([content[-9] ^ 4]) + content[-8:]


def test_a_damaged_call_is_made_anew(
    store: Store, settings: Settings, book: dict[str, str], inspected: Inspected
) -> None:
    inspected("a.wav", [{"agent": "投诉"}], book)
    CandidateIndex.of(store, settings).sync()
    index = CandidateIndex.of(store, settings)
    index.sync()
    shard = index._shards[0]
    broken = shard._arrays["blobs"].copy()
    broken[4:12] ^= 255
    shard._arrays["blobs"] = broken
    assert [call.texts for call in index.calls([1])] == [("投诉",)]


def test_many_files_are_one_index(
    store: Store, tmp_path: Path, book: dict[str, str], inspected: Inspected
) -> None:
    numbers = [inspected(f"{n}.wav", [{"agent": "投诉" if n % 2 else "再见"}], book) for n in range(9)]
    index = CandidateIndex(store, tmp_path / "small", span=4)
    assert index.sync().files == 3
    assert index.candidates(Text("投诉", False)) == numbers[1::2]
    assert index.candidates(ANY) == numbers
    assert [call.recording_id for call in index.calls(numbers[3:6])] == numbers[3:6]


@pytest.mark.parametrize(
    ("need", "found"),
    [
        (Text("投诉", False), True),
        (Text("诉投", False), False),
        (all_of([Text("投诉", False), Text("你们", False)]), True),
        (all_of([Text("投诉", False), Text("他们", False)]), False),
        (any_of([Text("他们", False), Text("你们", False)]), True),
        (any_of([]), False),
        (all_of([]), True),
    ],
)
def test_needs(
    index: CandidateIndex, book: dict[str, str], inspected: Inspected, need: object, found: bool
) -> None:
    inspected("a.wav", [{"agent": "我要投诉你们"}], book)
    index.sync()
    assert bool(index.candidates(need)) is found  # type: ignore[arg-type]


def test_an_erased_call_is_nowhere_on_disk(
    store: Store,
    settings: Settings,
    book: dict[str, str],
    inspected: Inspected,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CALLQA_HOME", str(settings.home))
    number = inspected("a.wav", [{"agent": "投诉"}], book)
    kept = inspected("b.wav", [{"agent": "投诉"}], book)
    index = CandidateIndex.of(store, settings)
    assert holding(index, "投诉") == [number, kept]
    erase(store, settings.home, who="li", reason="gone", ids=[number], vacuum=False)
    assert list(index.folder.glob("*")) == []
    assert holding(CandidateIndex.of(store, settings), "投诉") == [kept]


def test_forgetting_leaves_the_files_of_others(tmp_path: Path) -> None:
    folder = tmp_path / "index" / "ab"
    folder.mkdir(parents=True)
    for name in ("00000000-10.calls", "00000001-10.calls", "x.part"):
        (folder / name).write_text("")
    assert forget_indexed(tmp_path, [12]) == 2
    assert [f.name for f in folder.iterdir()] == ["00000000-10.calls"]
    assert forget_indexed(tmp_path) == 1


@pytest.mark.parametrize(
    "times", [((0.0, 1.2), (1.0, 2.345)), ((0.1, 1 / 3), (0.2, 2 / 3)), ((), ()), ((5.0, 1.0), (6.0, 1.5))]
)
def test_packing_loses_nothing(times: tuple[tuple[float, ...], tuple[float, ...]]) -> None:
    starts, ends = times
    many = len(starts)
    roles = ("agent", "customer")[:many]
    call = SlimCall(7, 12.3456789, tuple(range(many)), starts, ends, roles, ("您好", 'a"\n𠮷')[:many])
    odd = SlimCall(8, 1.0, tuple(range(3, 3 + many)), starts, ends, roles, ("", "b")[:many])
    for calls in ([call], [call, odd] * 100):
        dictionary, blobs = pack_calls(calls)
        assert [Unpacker(dictionary).call(blob) for blob in blobs] == calls


def test_a_backtest_sees_what_came_after_the_last_one(
    store: Store, settings: Settings, book: dict[str, str], make_rule: Make, inspected: Inspected
) -> None:
    before = read_rulebook(book)
    after = read_rulebook({"a/hello.yaml": make_rule("hello", "您好", "早上好", version=2)})
    inspected("a.wav", [{"agent": "早上好"}], book)
    assert backtest(store, settings, before, after).counts.flags_gained == 1
    inspected("b.wav", [{"agent": "早上好"}], book)
    assert backtest(store, settings, before, after).counts.flags_gained == 2
