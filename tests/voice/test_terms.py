"""Terms of customers, counted by call and day."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from callqa.inspect.types import Inspection
from callqa.store import AudioFacts, NewFile, Result, Store, add_recordings, open_store, save_result
from callqa.store.terms import counted, term_counts
from callqa.transcribe.types import Measures, Role, Transcript, Utterance
from callqa.voice.rising import rising
from callqa.voice.terms import count_days, count_terms, counts_of, terms_of


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'callqa.db'}")
    yield opened
    opened.close()


class Talk:
    """Puts calls of one customer's line and one agent's line into a store."""

    def __init__(self, store: Store) -> None:
        self.store, self.count = store, 0

    def add(self, day: date, *customers: str) -> None:
        for text in customers:
            self.count += 1
            n, name = self.count, f"{self.count}.wav"
            data = {"started_at": f"{day.isoformat()}T10:00:00"}
            add_recordings(self.store, [NewFile(Path("/calls") / name, name, f"{n:064x}", 1, 1, data)])
            lines = (
                Utterance(0, 0.0, 5.0, "S0", Role.AGENT, "请问物流单号是多少"),
                Utterance(1, 5.0, 9.0, "S1", Role.CUSTOMER, text),
            )
            found = Inspection((), 100, "sha256:" + "0" * 64, ())
            transcript = Transcript(9.0, 2, "zh", lines, Measures())
            facts = AudioFacts("wav", "pcm", 8000, 2, 9.0)
            assert save_result(self.store, n, Result(facts, transcript, found, [line.text for line in lines]))


@pytest.fixture
def talk(store: Store) -> Talk:
    return Talk(store)


def test_content_words_and_pairs_of_them() -> None:
    found = set(terms_of("您好，我的快递包装破损了，什么时候退款"))
    assert {"快递", "包装", "破损", "退款", "包装破损"} <= found
    assert not {"您好", "我的", "什么时候", "了"} & found


def test_pairs_do_not_reach_over_other_words_or_marks() -> None:
    assert "快递退款" not in set(terms_of("快递，退款"))
    assert "快递退款" not in set(terms_of("快递的退款"))


def test_a_call_counts_once() -> None:
    calls = [(1, ["退款退款", "退款"]), (2, ["要退款"]), (3, ["破损"])]
    assert count_terms(calls) == {"退款": 2}


def test_only_customers_count(store: Store, talk: Talk) -> None:
    talk.add(date(2026, 3, 4), "快递破损", "快递破损")
    count_days(store, date(2026, 3, 1), date(2026, 3, 31))
    assert term_counts(store, [date(2026, 3, 4)])[date(2026, 3, 4)] == {"快递": 2, "破损": 2, "快递破损": 2}


def test_a_day_is_counted_again_only_when_it_changed(store: Store, talk: Talk) -> None:
    day = date(2026, 3, 4)
    told: list[date] = []
    talk.add(day, "快递破损")
    for _ in range(2):
        count_days(store, day, day, told.append)
    assert told == [day]
    talk.add(day, "快递破损")
    count_days(store, day, day, told.append)
    assert told == [day, day]
    assert counted(store, day, day)[day].calls == 2


def test_what_rises_is_found_in_the_store(store: Store, talk: Talk) -> None:
    for day in range(1, 11):
        talk.add(date(2026, 3, day), *["想问退款进度"] * 6, *["会员积分"] * 6)
    talk.add(date(2026, 3, 11), *["想问退款进度"] * 6, *["充电器漏电"] * 8)
    counts = counts_of(store, date(2026, 3, 11))
    assert counts is not None
    found = rising(counts)
    assert {rise.term for rise in found if rise.is_real} >= {"充电器", "漏电"}
    assert "退款" not in {rise.term for rise in found if rise.is_real}


def test_a_day_alone_says_nothing(store: Store, talk: Talk) -> None:
    talk.add(date(2026, 3, 4), "快递破损")
    assert counts_of(store, date(2026, 3, 4)) is None
    assert counts_of(store, date(2026, 3, 5)) is None
