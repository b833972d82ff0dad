"""A store limited to some calls: nothing else is there, whatever is asked, by whomever it was written."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from callqa.errors import StoreError, UsageError
from callqa.store import (
    CallFilter,
    Scope,
    Store,
    add_verdict,
    audio_path,
    facet,
    get_call,
    get_peaks,
    iter_calls,
    list_calls,
    neighbours,
    rule_counts,
    search,
    status_counts,
    verdict_history,
)
from callqa.store.day_figures import Period, call_figures, flag_figures
from callqa.store.recordings import recording
from callqa.store.results import flag
from callqa.store.review_queries import flags_of, flags_on, place
from callqa.store.scope import ABOUT_NO_CALL, link_of
from callqa.store.tables import Table

Inspected = Callable[..., int]


@pytest.fixture
def two(store: Store, inspected: Inspected, build: Any) -> tuple[int, int]:
    """One call of the loan business by 王芳, one of insurance by 李强; a flag on each."""
    mine = inspected("a.wav", build.flag(), lines=("您好 贷款",), business="贷款", team="一组", agent="王芳")
    other = inspected("b.wav", build.flag(), lines=("您好 保险",), business="保险", team="二组", agent="李强")
    return mine, other


@pytest.mark.parametrize(
    "scope",
    [Scope(businesses=("贷款",)), Scope(teams=("一组",)), Scope(agents=("王芳",)),
     Scope(businesses=("贷款", "保险"), teams=("一组",))],
)  # fmt: skip
def test_lists_hold_only_what_lies_in_scope(store: Store, two: tuple[int, int], scope: Scope) -> None:
    page = list_calls(store.within(scope))
    assert ([row.id for row in page.rows], page.total) == ([two[0]], 1)


def test_scopes_that_exclude_each_other_show_nothing(store: Store, two: tuple[int, int]) -> None:
    assert list_calls(store.within(Scope(businesses=("贷款",), teams=("二组",)))).total == 0


def test_a_call_outside_is_not_found_by_its_number(store: Store, two: tuple[int, int]) -> None:
    limited = store.within(Scope(businesses=("贷款",)))
    assert get_call(limited, two[0]).row.id == two[0]
    with pytest.raises(UsageError, match="no recording has the number"):
        get_call(limited, two[1])


def test_a_filter_for_what_lies_outside_finds_nothing(store: Store, two: tuple[int, int]) -> None:
    limited = store.within(Scope(businesses=("贷款",)))
    assert list_calls(limited, CallFilter(business=("保险",))).total == 0


def test_no_reading_function_tells_of_what_lies_outside(store: Store, two: tuple[int, int]) -> None:
    mine, other = two
    limited = store.within(Scope(agents=("王芳",)))
    assert [c.row.id for c in iter_calls(limited)] == [mine]
    assert [h.recording_id for h in search(limited, "您好")] == [mine]
    assert facet(limited, "business") == {"贷款": 1}
    assert status_counts(limited)["inspected"] == 1
    assert rule_counts(limited) == {"service.abuse": 1}
    assert flag_figures(limited, Period(), "rule") == [], "sums that tell no agent are nobody's"
    assert list(call_figures(limited, Period(), "team")) == [("一组",)]
    assert neighbours(limited, mine) == (None, None)
    assert place(limited, other) == (None, 1)
    assert flags_of(limited, [mine, other])[other] == []
    assert flags_on(limited, other) == []
    assert get_peaks(limited, other) is None
    assert audio_path(limited, other) is None
    assert verdict_history(limited, other) == ()


def test_a_flag_outside_cannot_be_judged(store: Store, two: tuple[int, int]) -> None:
    number = get_call(store, two[1]).flags[0].id
    with pytest.raises(UsageError, match="no flag has the number"):
        add_verdict(store.within(Scope(businesses=("贷款",))), number, "confirmed", reviewer="a")
    assert add_verdict(store.within(Scope(businesses=("保险",))), number, "confirmed", reviewer="a")


def test_changes_reach_nothing_outside(store: Store, two: tuple[int, int]) -> None:
    with store.within(Scope(businesses=("贷款",))).write() as connection:
        assert connection.execute(recording.update().values(language="xx")).rowcount == 1
        assert connection.execute(flag.delete()).rowcount == 1
    assert get_call(store, two[1]).flags


def test_text_that_cannot_be_limited_is_refused(store: Store, two: tuple[int, int]) -> None:
    with (
        pytest.raises(StoreError, match="cannot be limited"),
        store.within(Scope(teams=("一组",))).read() as connection,
    ):
        connection.execute(text("SELECT name FROM recording"))


def test_without_limits_everything_is_there(store: Store, two: tuple[int, int]) -> None:
    assert list_calls(store.within(Scope())).total == 2


def test_every_table_about_calls_can_be_limited() -> None:
    """A new table needs recording_id, sha256, business, or a line in ABOUT_NO_CALL that was thought about."""
    unlinked = {name for name, table in Table.metadata.tables.items() if link_of(table) is None}
    assert unlinked - ABOUT_NO_CALL == set()


@pytest.mark.parametrize(
    ("value", "expected"),
    [(("贷款", "一组", "王芳"), True), (("贷款", "二组", "王芳"), False), ((None,) * 3, False)],
)
def test_holds_says_whether_a_call_lies_within(value: Any, expected: bool) -> None:
    assert Scope(businesses=("贷款",), teams=("一组",)).holds(*value) is expected
