"""Two reviewers never hold the same call."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from callqa.errors import UsageError
from callqa.store import CallFilter, Store, add_verdict, get_call
from callqa.store.assignments import assign, assigned_to, known_reviewers, open_by_reviewer, unassign
from callqa.store.calls import NOBODY, list_calls
from callqa.store.claim_queue import claim_beside, free_neighbours, progress
from callqa.store.claims import (
    LEASE_SECONDS,
    HeldByOther,
    claim_call,
    holder,
    release,
    renew_claim,
)

EVERYTHING = CallFilter()


@pytest.fixture
def calls(inspected: Callable[..., int], build: object) -> list[int]:
    """Three calls in the order of the queue, each with an open flag."""
    flag = build.flag  # type: ignore[attr-defined]
    return [
        inspected(f"{name}.wav", flag(), score=score) for name, score in (("a", 10), ("b", 20), ("c", 30))
    ]


def ids(store: Store, filter: CallFilter) -> list[int]:
    return [row.id for row in list_calls(store, filter).rows]


def test_the_first_who_claims_has_the_call(store: Store, calls: list[int]) -> None:
    assert claim_call(store, calls[0], "王芳", "tab1").reviewer == "王芳"
    assert claim_call(store, calls[0], "李强", "tab2").reviewer == "王芳"


def test_of_many_who_claim_at_once_one_has_it(store: Store, calls: list[int]) -> None:
    with ThreadPoolExecutor(6) as pool:
        won = list(pool.map(lambda n: claim_call(store, calls[0], f"r{n}", f"tab{n}").reviewer, range(6)))
    assert len(set(won)) == 1


def test_a_claim_runs_out(store: Store, calls: list[int]) -> None:
    claim_call(store, calls[0], "王芳", "tab1", now=1000.0)
    late = 1000.0 + LEASE_SECONDS
    assert claim_call(store, calls[0], "李强", "tab2", now=late - 1).reviewer == "王芳"
    assert claim_call(store, calls[0], "李强", "tab2", now=late).reviewer == "李强"


def test_a_claim_that_is_renewed_does_not_run_out(store: Store, calls: list[int]) -> None:
    claim_call(store, calls[0], "王芳", "tab1", now=1000.0)
    assert renew_claim(store, calls[0], "王芳", "tab1", now=1100.0)
    assert claim_call(store, calls[0], "李强", "tab2", now=1100.0 + LEASE_SECONDS - 1).reviewer == "王芳"


def test_a_lost_claim_cannot_be_renewed(store: Store, calls: list[int]) -> None:
    claim_call(store, calls[0], "王芳", "tab1", now=1000.0)
    claim_call(store, calls[0], "李强", "tab2", now=1000.0 + LEASE_SECONDS)
    assert not renew_claim(store, calls[0], "王芳", "tab1")


def test_a_released_call_is_free(store: Store, calls: list[int]) -> None:
    claim_call(store, calls[0], "王芳", "tab1")
    release(store, calls[0], "tab1")
    assert holder(store, calls[0]) is None
    assert not renew_claim(store, calls[0], "王芳", "tab1")


def test_only_its_own_page_releases_a_claim(store: Store, calls: list[int]) -> None:
    claim_call(store, calls[0], "王芳", "tab1")
    release(store, calls[0], "tab2")
    claim = holder(store, calls[0])
    assert claim is not None
    assert claim.reviewer == "王芳"


def test_a_page_holds_one_call_at_a_time(store: Store, calls: list[int]) -> None:
    claim_call(store, calls[0], "王芳", "tab1")
    claim_call(store, calls[1], "王芳", "tab1")
    assert holder(store, calls[0]) is None


def test_two_pages_of_one_reviewer_share_a_call(store: Store, calls: list[int]) -> None:
    claim_call(store, calls[0], "王芳", "tab1")
    assert claim_call(store, calls[0], "王芳", "tab2").reviewer == "王芳"


def test_a_lead_takes_a_call_over(store: Store, calls: list[int]) -> None:
    claim_call(store, calls[0], "王芳", "tab1")
    assert claim_call(store, calls[0], "组长", "tab2", take_over=True).reviewer == "组长"
    assert not renew_claim(store, calls[0], "王芳", "tab1")


def test_the_next_call_is_one_that_nobody_else_has(store: Store, calls: list[int]) -> None:
    first, second, third = calls
    claim_call(store, second, "李强", "tab2")
    assert claim_beside(store, first, "王芳", "tab1", EVERYTHING) == third
    assert free_neighbours(store, third, "王芳", EVERYTHING) == (first, None)


def test_going_on_gives_the_call_before_back(store: Store, calls: list[int]) -> None:
    claim_call(store, calls[0], "王芳", "tab1")
    claim_beside(store, calls[0], "王芳", "tab1", EVERYTHING)
    assert holder(store, calls[0]) is None


def test_at_the_end_nothing_is_claimed_and_nothing_given_back(store: Store, calls: list[int]) -> None:
    claim_call(store, calls[2], "王芳", "tab1")
    assert claim_beside(store, calls[2], "王芳", "tab1", EVERYTHING) is None
    assert holder(store, calls[2]) is not None
    assert claim_beside(store, calls[2], "王芳", "tab1", EVERYTHING, forward=False) == calls[1]


def test_reviewers_who_begin_at_once_get_different_calls(store: Store, calls: list[int]) -> None:
    def begin(n: int) -> int | None:
        return claim_beside(store, None, f"r{n}", f"tab{n}", CallFilter(verdict="open"))

    with ThreadPoolExecutor(4) as pool:
        got = list(pool.map(begin, range(4)))
    assert sorted(n for n in got if n) == sorted(calls)
    assert got.count(None) == 1


def test_progress_counts_what_is_judged_of_what_has_flags(
    store: Store, calls: list[int], inspected: Callable[..., int]
) -> None:
    inspected("clean.wav")
    add_verdict(store, get_call(store, calls[0]).flags[0].id, "confirmed", reviewer="a")
    assert progress(store, CallFilter(verdict="open")) == (1, 3)
    assert progress(store, CallFilter(name="b.wav")) == (0, 1)


def test_a_verdict_on_a_call_that_another_has_is_refused(store: Store, calls: list[int]) -> None:
    claim_call(store, calls[0], "王芳", "tab1")
    flag = get_call(store, calls[0]).flags[0].id
    with pytest.raises(HeldByOther, match="王芳"):
        add_verdict(store, flag, "confirmed", reviewer="李强", expected={None})
    add_verdict(store, flag, "confirmed", reviewer="王芳", expected={None})


def test_the_queue_goes_by_severity_then_trust_then_score(
    store: Store, inspected: Callable[..., int], build: object
) -> None:
    from callqa.inspect.types import Level

    flag = build.flag  # type: ignore[attr-defined]
    doubtful = replace(flag(), doubtful=True)
    made = {
        "mild": inspected("mild.wav", flag(severity=Level.LOW), score=5),
        "doubtful": inspected("doubtful.wav", doubtful, score=10),
        "trusted": inspected("trusted.wav", flag(), score=60),
        "worse score": inspected("worse.wav", flag(), score=40),
        "critical": inspected("critical.wav", replace(doubtful, severity=Level.CRITICAL), score=90),
        "clean": inspected("clean.wav", score=100),
    }
    order = ["critical", "worse score", "trusted", "doubtful", "mild", "clean"]
    assert ids(store, EVERYTHING) == [made[name] for name in order]


def test_calls_are_shared_out_in_turn(store: Store, calls: list[int]) -> None:
    assert assign(store, EVERYTHING, ["王芳", "李强", "王芳"], by="组长") == {"王芳": 2, "李强": 1}
    assert assigned_to(store, calls) == {calls[0]: "王芳", calls[1]: "李强", calls[2]: "王芳"}
    assert ids(store, CallFilter(assigned=("王芳",))) == [calls[0], calls[2]]


def test_only_so_many_are_shared_out_and_the_others_are_nobodys(store: Store, calls: list[int]) -> None:
    assign(store, EVERYTHING, ["王芳"], by="组长", limit=1)
    assert ids(store, CallFilter(assigned=(NOBODY,))) == calls[1:]
    assert ids(store, CallFilter(assigned=(NOBODY, "王芳"))) == calls


def test_an_assigned_call_can_change_hands_and_be_taken_back(store: Store, calls: list[int]) -> None:
    assign(store, EVERYTHING, ["王芳"], by="组长")
    assign(store, CallFilter(name="a.wav"), ["李强"], by="组长")
    assert assigned_to(store, calls)[calls[0]] == "李强"
    assert unassign(store, CallFilter(assigned=("王芳",))) == 2
    assert ids(store, CallFilter(assigned=(NOBODY,))) == calls[1:]


def test_the_open_calls_of_each_reviewer_are_counted(store: Store, calls: list[int]) -> None:
    assign(store, EVERYTHING, ["王芳"], by="组长")
    add_verdict(store, get_call(store, calls[0]).flags[0].id, "unsure", reviewer="王芳")
    assert open_by_reviewer(store) == {"王芳": (2, 3)}
    assert known_reviewers(store) == ["王芳"]


@pytest.mark.parametrize("people", [[], [" "]])
def test_sharing_out_needs_somebody(store: Store, calls: list[int], people: list[str]) -> None:
    with pytest.raises(UsageError):
        assign(store, EVERYTHING, people, by="组长")
