"""Pages of the customers' voice: digest and cases."""

from datetime import date, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from callqa.dashboard.plain import plain
from callqa.errors import UsageError
from callqa.store.call import get_call
from callqa.store.cases import calls_of_case, case_history, cases, get_case
from callqa.store.database import Store
from callqa.store.day_figures import first_and_last_day
from callqa.store.digests import clips_of, digest_days, get_digest
from callqa.store.listening import actions, items_of_list
from callqa.store.scope import Scope
from callqa.tests.dashboard.page_run import press, run_page
from callqa.tests.dashboard.sample_store import Filled
from callqa.voice.cases import NewCase, open_case
from callqa.voice.digest import draw_up
from callqa.voice.edition import publish
from callqa.voice.listening import curate

PAGES = {
    "digest": "from callqa.dashboard.page_digest import digest_page\ndigest_page()",
    "causes": "from callqa.dashboard.page_causes import causes_page\ncauses_page()",
    "listening": "from callqa.dashboard.page_listening import listening_page\nlistening_page()",
    "cases": "from callqa.dashboard.page_cases import cases_page\ncases_page()",
}


def run(which: str, /, **params: str) -> AppTest:
    return run_page(PAGES[which], **params)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_pages_run_on_an_empty_store(empty_store: Store, page: str, lang: str) -> None:
    run(page, lang=lang)


@pytest.mark.parametrize("page", PAGES)
def test_pages_run_on_a_filled_store_in_english(filled: Filled, page: str) -> None:
    run(page, lang="en")


def test_a_manager_hears_a_list_and_asks_for_something(filled: Filled) -> None:
    made = curate(filled.store, "三月", [(1, 5.0), (2, 0.0)], listener="王总", by="lead")
    at = run("listening")
    first = items_of_list(filled.store, made)[0]
    at.text_input(key=f"note_{first.id}").set_value("很好")
    at.button(key=f"heard_{first.id}").click().run()
    assert items_of_list(filled.store, made)[0].note == "很好"
    at.text_input(key=f"todo_{first.id}").set_value("改话术")
    at.button(key=f"add_{first.id}").click().run()
    (action,) = actions(filled.store, list_id=made)
    at.text_input(key=f"outcome_{action.id}").set_value("已改")
    at.button(key=f"done_{action.id}").click().run()
    assert not at.exception
    assert actions(filled.store, list_id=made)[0].outcome == "已改"


def test_a_further_call_is_added_to_a_case(filled: Filled) -> None:
    case = open_case(filled.store, NewCase("退款慢"), who="lead", today=date.today())
    at = run("cases", case=str(case))
    at.number_input(key="case_link").set_value(filled.calls[1])
    at.run()
    press(at, "加入")
    assert [call.recording_id for call in calls_of_case(filled.store, case)] == [filled.calls[1]]


def test_causes_are_ranked(filled: Filled) -> None:
    at = run("causes")
    assert any("每百通" in one.value for one in at.markdown)


@pytest.fixture
def day(filled: Filled) -> date:
    days = first_and_last_day(filled.store)
    assert days is not None
    return days[1]


def test_a_digest_is_made_curated_and_published(filled: Filled, day: date) -> None:
    at = run("digest", day=day.isoformat())
    press(at, "生成")
    row = get_digest(filled.store, day)
    assert row is not None
    assert row.state == "draft"
    press(at, "发布")
    assert digest_days(filled.store) == [(day, "published")]
    assert next(b for b in at.button if b.label == "发布").disabled
    assert len(clips_of(filled.store, row.id)) >= 0


def test_who_reaches_some_calls_only_is_told_why_there_is_no_digest(
    filled: Filled, monkeypatch: pytest.MonkeyPatch, day: date
) -> None:
    from callqa.dashboard import session

    limited = filled.store.within(Scope(teams=("一组",)))
    monkeypatch.setattr(session, "store", lambda: limited)
    at = run("digest", day=day.isoformat())
    assert "只能看到其中一部分" in at.info[0].value
    assert not at.button
    with pytest.raises(UsageError, match="reaches some of them only"):
        draw_up(limited, day)
    with pytest.raises(UsageError, match="reaches some of them only"):
        publish(limited, day, by="lead")
    assert digest_days(filled.store) == []


def test_a_case_is_opened_from_a_flag_handed_over_and_solved(filled: Filled) -> None:
    call, flag = next((one, f.id) for one in range(1, 50) for f in get_call(filled.store, one).flags)
    at = run("cases", call=str(call), flag=str(flag), title="话术不当")
    press(at, "立案")
    (case,) = cases(filled.store)
    assert (case.recording_id, case.title, case.deadline) == (
        call,
        "话术不当",
        date.today() + timedelta(days=3),
    )
    press(at, "着手")
    next(t for t in at.text_area if t.label == "结果").set_value("已培训")
    press(at, "解决")
    assert get_case(filled.store, case.id).outcome == "已培训"
    assert [event.kind for event in case_history(filled.store, case.id)] == ["opened", "moved", "moved"]


def test_closing_without_an_outcome_says_what_is_missing(filled: Filled) -> None:
    made = open_case(filled.store, NewCase("包装"), who="x", today=date.today())
    at = run("cases", case=str(made))
    press(at, "解决", refused=True)
    assert "outcome" in at.error[0].value
    assert get_case(filled.store, made).state == "open"


def test_overdue_cases_are_escalated_when_the_board_is_looked_at(filled: Filled) -> None:
    late = date.today() - timedelta(days=20)
    made = open_case(filled.store, NewCase("包装"), who="x", today=late)
    run("cases")
    assert get_case(filled.store, made).escalated > 0


@pytest.mark.parametrize("asked", ["99", "abc", ""])
def test_a_case_that_is_not_there(filled: Filled, asked: str) -> None:
    run("cases", case=asked)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("*a*", r"\*a\*"),
        ("<b>", r"\<b\>"),
        ("[x](y)", r"\[x\]\(y\)"),
        (":red[x]", r"\:red\[x\]"),
        ("退款", "退款"),
    ],
)
def test_what_people_write_is_no_markup(text: str, expected: str) -> None:
    assert plain(text) == expected
