"""A search finds what a rule would find, page by page, whatever the index knows."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import pytest

from callqa.errors import UsageError
from callqa.inspect.types import Inspection
from callqa.review.query import parse_query
from callqa.review.search import Found, Matcher, search_page
from callqa.store.calls import CallFilter
from callqa.store.database import Store, open_store
from callqa.store.recordings import NewFile, add_recordings
from callqa.store.results import AudioFacts, Result, save_result
from callqa.transcribe.types import Measures, Role, Transcript, Utterance

Said = Sequence[tuple[str, str]]
ALL = CallFilter()


def add_call(store: Store, folder: Path, name: str, said: Said, pause: float = 1.0, **data: str) -> int:
    """A call whose lines last two seconds each; gives its number."""
    sha256 = f"{name:>064}".encode().hex()[-64:]
    add_recordings(store, [NewFile(folder / name, name, sha256, 1, 0, data)])
    with store.read() as connection:
        number = int(connection.exec_driver_sql("SELECT max(id) FROM recording").scalar_one())
    lines = tuple(
        Utterance(i, i * (2 + pause), i * (2 + pause) + 2, f"S{i % 2}", Role(role), text)
        for i, (role, text) in enumerate(said)
    )
    transcript = Transcript(len(said) * (2 + pause), 2, "zh", lines, Measures())
    audio = AudioFacts("wav", "pcm", 8000, 2, transcript.duration)
    redacted = [text.replace("13800138000", "[手机号]") for _, text in said]
    save_result(store, number, Result(audio, transcript, Inspection((), 100, "sha256:x", ()), redacted))
    return number


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'callqa.db'}")
    yield opened
    opened.close()


def found(
    store: Store, query: str, filter: CallFilter = ALL, candidates: Sequence[int] | None = None
) -> list[Found]:
    matcher = Matcher.of(parse_query(query))
    hits: list[Found] = []
    below = None
    while True:
        page = search_page(store, matcher, filter, candidates, below=below, limit=2)
        hits += page.found
        below = page.below
        if below is None:
            return hits


TURNS = (
    ("agent", "您好，请问要退款吗"),
    ("customer", "我要退钱，还要投诉你们"),
    ("agent", "退款的运费您自己出"),
    ("customer", "服务，态度太差了。"),
    ("agent", "那我给您推宽一点时间"),
    ("customer", "我的电话是13800138000，ＶＩＰ客户"),
)


@pytest.mark.parametrize(
    ("query", "lines"),
    [
        ("退款", [0, 2]),
        ("退款 运费", [2]),
        ("退款 -运费", [0]),
        ("退款|退钱", [0, 1, 2]),
        ("退款|退钱 role:customer", [1]),
        ("退款 role:客户", []),
        ('"服务态度"', [3]),
        ("服务 态度", [3]),
        ("“态度 服务”", []),
        ("~退款", [0, 2, 4]),
        ("tuikuan", [0, 2, 4]),
        ("tui'kuan -时间", [0, 2]),
        ("拼音:退款", [0, 2, 4]),
        ("vip", [5]),
        ("13800138000", [5]),
        ("/退[款钱]/", [0, 1, 2]),
        ("/退.{0,2}运/", [2]),
        ("退钱 NEAR/2 投诉", [1]),
        ("退钱 NEAR/1 投诉", []),
        ("退款 NEAR/1u 投诉", [0, 2]),
        ("退款 BEFORE/1u 投诉", [0]),
        ("退款 AFTER/1u 投诉", [2]),
        ("退款 NEAR/3s 投诉", [0, 2]),
        ("退款 NEAR/0s 投诉", []),
        ("退款 NEAR/call 电话", [0, 2]),
        ("退款 NOT NEAR/call 电话", []),
        ("退款 NOT NEAR/call 维修", [0, 2]),
        ("退款 NOT 运费", [0]),
        ("不存在的词", []),
    ],
)
def test_what_a_query_finds(store: Store, tmp_path: Path, query: str, lines: list[int]) -> None:
    add_call(store, tmp_path, "a.wav", TURNS)
    assert [hit.position for hit in found(store, query)] == lines


def test_a_rules_detection_can_be_searched_for(store: Store, tmp_path: Path) -> None:
    add_call(store, tmp_path, "a.wav", TURNS)
    query = """
detection:
  refund: {terms: [退款], speaker: agent}
  fee: {terms: [运费], near: {anchor: refund, within: utterance}}
  condition: refund and not fee
"""
    assert [hit.position for hit in found(store, query)] == [0]


def test_the_words_that_made_it_are_marked(store: Store, tmp_path: Path) -> None:
    add_call(store, tmp_path, "a.wav", TURNS)
    (hit,) = found(store, "退款 运费")
    assert [hit.text[a:b] for a, b in hit.marks] == ["退款", "运费"]


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("", "what to look for"),
        ("-退款", "at least one term"),
        ("退款 NEAR/5", "missing at the end"),
        ("NEAR/5 退款", "needs a term before"),
        ("退款 NOT", "missing at the end"),
        ("，。", "nothing that can be looked for"),
        ("|", "nothing to look for"),
        ("/退(/", "退"),
        ("role:boss 退款", "boss"),
        ("detection: [", "not valid YAML"),
        ("detection: {a: {terms: [x]}, condition: b}", "b"),
        ("退" * 5000, "at most"),
    ],
)
def test_what_cannot_be_read_says_why(query: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        parse_query(query)


@pytest.mark.parametrize("word", ["vip", "wan", "app", "x", "hello"])
def test_letters_that_spell_no_two_syllables_are_letters(word: str) -> None:
    assert parse_query(word).data["detection"]["term1"] == {"terms": [word]}


def test_pages_follow_one_another_without_gap_or_repetition(store: Store, tmp_path: Path) -> None:
    numbers = [
        add_call(store, tmp_path, f"{n}.wav", [("agent", "退款"), ("customer", "退款")][: 1 + n % 2])
        for n in range(9)
    ]
    hits = [(hit.recording_id, hit.position) for hit in found(store, "退款")]
    assert hits == sorted(set(hits), key=lambda hit: (-hit[0], hit[1]))
    assert {number for number, _ in hits} == set(numbers)


def test_only_candidates_are_read_and_the_engine_decides(store: Store, tmp_path: Path) -> None:
    a, b, c = (
        add_call(store, tmp_path, f"{n}.wav", [("agent", text)])
        for n, text in enumerate(("退款", "投诉", "退款"))
    )
    assert [hit.recording_id for hit in found(store, "退款", candidates=[a, b])] == [a]
    assert [hit.recording_id for hit in found(store, "退款", candidates=[a, b, c])] == [c, a]
    assert found(store, "退款", candidates=[]) == []


def test_filters_narrow_a_search(store: Store, tmp_path: Path) -> None:
    for n, team in enumerate(("一组", "二组")):
        add_call(
            store, tmp_path, f"{n}.wav", [("agent", "退款")], team=team, started_at=f"2026-11-2{n}T09:00:00"
        )
    assert [hit.team for hit in found(store, "退款", CallFilter(team=("二组",)))] == ["二组"]
    assert [hit.team for hit in found(store, "退款", CallFilter(until=date(2026, 11, 20)))] == ["一组"]


def test_a_search_stops_when_its_time_is_up_and_goes_on_from_there(store: Store, tmp_path: Path) -> None:
    numbers = [add_call(store, tmp_path, f"{n}.wav", [("agent", "您好")]) for n in range(5)]
    matcher = Matcher.of(parse_query("退款"))
    page = search_page(store, matcher, ALL, None, budget=0.0)
    assert (page.found, page.below, page.searched) == ((), numbers[-1], 1)
    rest = search_page(store, matcher, ALL, None, below=page.below)
    assert (rest.below, rest.searched) == (None, 4)


def test_a_silence_can_be_searched_for(store: Store, tmp_path: Path) -> None:
    from callqa.transcribe.measures import measure

    add_call(store, tmp_path, "a.wav", [("agent", "请稍等"), ("agent", "好了")], pause=9.0)
    lines = (
        Utterance(0, 0.0, 2.0, "S0", Role.AGENT, "请稍等"),
        Utterance(1, 11.0, 13.0, "S0", Role.AGENT, "好了"),
    )
    transcript = Transcript(13.0, 2, "zh", lines, measure(lines, 13.0))
    audio = AudioFacts("wav", "pcm", 8000, 2, 13.0)
    save_result(store, 1, Result(audio, transcript, Inspection((), 100, "x", ()), ["请稍等", "好了"]))
    hits = found(store, "detection: {a: {silence: {longer: 5 s}}, condition: a}")
    assert [(hit.position, round(hit.start), round(hit.end)) for hit in hits] == [(0, 2, 11)]
