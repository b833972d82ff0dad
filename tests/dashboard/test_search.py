"""The search page: what it is given, what it makes of a search."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from streamlit.testing.v1 import AppTest

from callqa.dashboard.search_index import SearchIndex
from callqa.dashboard.search_view import all_places, draft_rule, marked_pieces, rows_of
from callqa.dashboard.texts import texts_in
from callqa.inspect.rulebook import read_rulebook
from callqa.inspect.testing import run_rule_tests
from callqa.review.corrections import correct_line
from callqa.review.query import parse_query
from callqa.review.search import Found, Matcher, search_page
from callqa.rulebooks.drafts import list_drafts
from callqa.settings import Settings, get_settings
from callqa.store.calls import CallFilter
from callqa.store.database import Store
from callqa.store.review_lists import lists
from callqa.tests.dashboard.page_run import run_page, shown
from callqa.tests.dashboard.sample_store import Filled

PAGE = "from callqa.dashboard.page_search import search_page\nsearch_page()"
ZH = texts_in("zh")


def run(**params: Any) -> AppTest:
    return run_page(PAGE, **params)


def hits(store: Store, query: str) -> list[Found]:
    return list(search_page(store, Matcher.of(parse_query(query)), CallFilter(), None, budget=9).found)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_without_a_search_the_page_says_what_can_be_typed(filled: Filled, lang: str) -> None:
    assert "NEAR/10" in run(lang=lang).markdown[0].value


def test_what_is_found_is_shown_with_its_words_marked(filled: Filled) -> None:
    data = shown(run(find="不归我管"))
    assert len(data["rows"]) == 5
    row = data["rows"][0]
    assert [text for text, marked in row["pieces"] if marked] == ["不归我管"]
    assert row["sound"].startswith("callqa/sound/")
    assert data["note"].startswith("共 5 处，5 通")


def test_numbers_that_were_spoken_are_hidden(filled: Filled) -> None:
    row = shown(run(find="我的电话"))["rows"][0]
    text = "".join(piece[0] for piece in row["pieces"])
    assert "[手机号]" in text
    assert "幺三八" not in text


def test_filters_live_in_the_address(filled: Filled) -> None:
    assert len(shown(run(find="不归我管", agent=["王芳"]))["rows"]) == 2
    assert shown(run(find="不归我管", until="2026-11-19"))["rows"] == []


def test_nothing_found_says_what_to_try(filled: Filled) -> None:
    assert "没有找到" in shown(run(find="不存在的词"))["empty"]


def test_a_query_that_cannot_be_read_says_why(filled: Filled) -> None:
    at = run(find="-退款")
    assert at.warning[0].value.startswith("看不懂")


def test_everything_found_becomes_a_list(filled: Filled) -> None:
    at = run(find="不归我管")
    next(t for t in at.text_input if t.label == "清单名称").set_value("推诿清单")
    next(b for b in at.button if b.label == "全部存入并开始复核").click()
    at.run()
    (row,) = lists(filled.store)
    assert (row.name, row.query, row.calls) == ("推诿清单", "不归我管", 5)


def test_a_line_is_cut_where_marks_begin_and_end(filled: Filled) -> None:
    one = hits(filled.store, "不归我管 厂家")[0]
    assert marked_pieces(one) == [
        ["这个", 0], ["不归我管", 1], ["，你自己去找", 0], ["厂家", 1], ["吧。", 0],
    ]  # fmt: skip


def test_rows_without_permission_to_hear_have_no_sound(filled: Filled) -> None:
    assert {row["sound"] for row in rows_of(hits(filled.store, "不归我管"), ZH, None)} == {None}


def test_every_call_is_kept_once_with_its_first_line(filled: Filled) -> None:
    told: list[tuple[int, int]] = []
    places = list(
        all_places(
            filled.store,
            parse_query("您好|再见"),
            CallFilter(),
            None,
            lambda calls, lines: told.append((calls, lines)),
        )
    )
    assert len(places) == 5
    assert {round(start, 1) for _, start in places} == {0.6}
    assert told[-1] == (5, 10)


@pytest.mark.parametrize(
    "query", ["不归我管", "不归我管 厂家", "~不归我管 role:agent", "buguiwoguan", "厂家 -投诉"]
)
def test_a_draft_rule_is_read_and_passes_its_own_tests(filled: Filled, query: str) -> None:
    path, text = draft_rule(parse_query(query), hits(filled.store, query), "推给厂家")
    rulebook = read_rulebook({path: text})
    results = run_rule_tests(rulebook)
    assert len(results) == 4
    assert all(result.passed for result in results)
    assert rulebook.rules[0].title == "推给厂家"


def test_a_rule_made_of_letters_names_the_words_that_were_heard(filled: Filled) -> None:
    query = "buguiwoguan"
    _, text = draft_rule(parse_query(query), hits(filled.store, query), "x")
    assert yaml.safe_load(text)["detection"]["term1"]["terms"] == ["不归我管"]


def test_lines_with_personal_data_become_no_tests(filled: Filled) -> None:
    _, text = draft_rule(parse_query("我的电话"), hits(filled.store, "我的电话"), "x")
    assert yaml.safe_load(text)["tests"] == []
    assert "幺三八" not in text


def test_a_draft_is_made_from_the_page(filled: Filled) -> None:
    at = run(find="不归我管")
    next(t for t in at.text_input if t.label == "规则名称").set_value("推给厂家")
    next(b for b in at.button if b.label == "生成草稿规则").click()
    at.run()
    (draft,) = list_drafts(filled.store)
    assert draft.name == "推给厂家"
    (path,) = draft.changes
    assert path.startswith("custom/search_")
    assert at.session_state["address_editor"] == {"draft": ["推给厂家"], "file": [path]}


@pytest.fixture
def index(filled: Filled) -> SearchIndex:
    made = SearchIndex(filled.store, get_settings())
    made.refresh(wait=True)
    return made


@pytest.mark.parametrize(
    "query", ["不归我管", "不归我管 厂家", "~不归我管", "buguiwoguan", "/不.我管/", "再见 -您好"]
)
def test_the_index_leaves_no_call_out(filled: Filled, index: SearchIndex, query: str) -> None:
    parsed = parse_query(query)
    matcher = Matcher.of(parsed)
    whole = search_page(filled.store, matcher, CallFilter(), None, limit=99, budget=9)
    quick = search_page(filled.store, matcher, CallFilter(), index.candidates(parsed), limit=99, budget=9)
    assert quick.found == whole.found
    assert len(whole.found) == 5


def test_the_index_names_few_calls(index: SearchIndex) -> None:
    assert index.candidates(parse_query("不存在的词")) == []


def test_until_there_is_an_index_any_call_may_do(filled: Filled, tmp_path: Path) -> None:
    made = SearchIndex(filled.store, Settings(home=tmp_path / "elsewhere"))
    made.refresh = lambda **_: None  # type: ignore[method-assign]
    assert made.candidates(parse_query("不归我管")) is None


def test_what_was_corrected_since_is_found_at_once(filled: Filled, index: SearchIndex) -> None:
    correct_line(filled.store, filled.calls[0], 2, (0, 2), "稀奇", seen=None, reviewer="a", action="x")
    assert index.candidates(parse_query("稀奇")) == [filled.calls[0]]
