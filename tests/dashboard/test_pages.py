"""Every page runs and shows what is in the store."""

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from callqa.store.call import get_call
from callqa.store.database import Store
from callqa.store.verdicts import add_verdict
from callqa.tests.dashboard.page_run import run_page, shown
from callqa.tests.dashboard.sample_store import Filled

PAGES = {
    "day": "from callqa.dashboard.page_day import day_page\nday_page()",
    "calls": "from callqa.dashboard.page_calls import calls_page\ncalls_page()",
    "review": "from callqa.dashboard.page_review import review_page\nreview_page()",
    "rules": "from callqa.dashboard.page_rules import rules_page\nrules_page()",
    "agents": "from callqa.dashboard.page_agents import agents_page\nagents_page()",
    "teams": "from callqa.dashboard.page_agents import teams_page\nteams_page()",
    "editor": "from callqa.dashboard.page_editor import editor_page\neditor_page()",
    "history": "from callqa.dashboard.page_history import history_page\nhistory_page()",
    "batch": "from callqa.dashboard.page_batch import batch_page\nbatch_page()",
}


def run(which: str, /, **params: str | list[str]) -> AppTest:
    return run_page(PAGES[which], **params)


def names(at: AppTest) -> list[str]:
    return [row["name"] for row in shown(at)["rows"]]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_runs_on_an_empty_store(empty_store: Store, page: str, lang: str) -> None:
    run(page, lang=lang)


@pytest.mark.parametrize("page", PAGES)
def test_every_page_runs_on_a_filled_store_in_english(filled: Filled, page: str) -> None:
    run(page, lang="en")


def test_the_app_itself_opens_on_the_overview(filled: Filled) -> None:
    at = AppTest.from_file("../../dashboard/app.py", default_timeout=30).run()
    assert not at.exception
    assert [m.label for m in at.metric][:2] == ["通话", "录音小时"]


def test_the_overview_counts_calls_flags_and_failures(filled: Filled) -> None:
    at = run("day")
    figures = {m.label: m.value for m in at.metric}
    assert figures["通话"] == "7"
    assert figures["命中"] == figures["待复核"] == "12"
    failures = at.dataframe[0].value
    assert list(failures["原因"]) == ["录音损坏，无法解码", "permission denied"]
    assert list(failures["处理办法"]) == ["从录音系统重新取一份，再运行 callqa retry", "allow reading it"]
    assert list(failures["说明"]) == ["the header is broken", ""]


def test_the_overview_of_days_without_calls_says_so(filled: Filled) -> None:
    at = run("day", since="2020-01-01", until="2020-01-02")
    assert at.info[0].value == "这段时间没有录音。"


def test_the_list_shows_the_worst_call_first_and_everything_else_too(filled: Filled) -> None:
    found = names(run("calls"))
    assert found[:4] == ["call-000.wav", "call-002.wav", "call-001.wav", "call-003.wav"]
    assert set(found[4:]) == {"call-004.wav", "坏文件.wav", "排队.wav"}


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"status": "failed"}, ["坏文件.wav"]),
        ({"rule": "sales.overpromise"}, ["call-000.wav", "call-002.wav"]),
        ({"agent": ["王芳"]}, ["call-000.wav", "call-003.wav"]),
        ({"agent": ["王芳", "赵敏"]}, ["call-000.wav", "call-002.wav", "call-003.wav"]),
        ({"q": "call-003"}, ["call-003.wav"]),
        ({"max_score": "85"}, ["call-000.wav", "call-002.wav"]),
        ({"verdict": "judged"}, []),
        ({"order": "name", "verdict": "open", "since": "2026-11-20"}, [f"call-00{n}.wav" for n in range(4)]),
        ({"until": "2026-11-19"}, []),
    ],
)
def test_filters_live_in_the_address(filled: Filled, params: dict[str, Any], expected: list[str]) -> None:
    assert names(run("calls", **params)) == expected


def test_an_address_that_makes_no_sense_shows_everything(filled: Filled) -> None:
    odd = {
        "status": "nonsense",
        "severity": "purple",
        "since": "yesterday",
        "page": "-3",
        "max_score": "many",
    }
    assert len(names(run("calls", **odd))) == 7


def test_choosing_a_filter_puts_it_into_the_address(filled: Filled) -> None:
    at = run("calls")
    at.selectbox(key="list_verdict").select("open").run()
    assert at.query_params["verdict"] == "open"
    assert len(names(at)) == 4


def test_clearing_filters_empties_the_address(filled: Filled) -> None:
    at = run("calls", status="failed", q="坏")
    next(b for b in at.button if b.label == "清除筛选").click().run()
    assert "status" not in at.query_params
    assert len(names(at)) == 7


def test_an_empty_list_says_what_to_do(filled: Filled, home: Any) -> None:
    assert "放宽筛选条件" in shown(run("calls", q="does-not-exist"))["empty"]


def test_an_empty_store_says_how_to_fill_it(empty_store: Store) -> None:
    assert "callqa run" in shown(run("calls"))["empty"]


def test_customers_are_masked_in_the_list_and_on_the_call_page(filled: Filled) -> None:
    texts = [
        run("calls").get("bidi_component")[0].proto.json,
        run("review").get("bidi_component")[0].proto.json,
    ]
    for text in texts:
        assert "138****5600" in text
        assert "13812345600" not in text


def test_review_without_a_call_opens_the_worst_open_one(filled: Filled) -> None:
    at = run("review")
    assert shown(at)["call"]["id"] == filled.calls[0]
    assert at.query_params["call"] == str(filled.calls[0])
    assert at.query_params["verdict"] == "open"


def test_review_shows_flags_in_the_order_of_the_call(filled: Filled) -> None:
    data = shown(run("review", call=str(filled.calls[0])))
    starts = [flag["start"] for flag in data["flags"]]
    assert starts == sorted(starts)
    assert [flag["n"] for flag in data["flags"]] == [1, 2, 3, 4]


def test_review_says_when_nothing_is_left(filled: Filled) -> None:
    for call in filled.calls:
        for stored in get_call(filled.store, call).flags:
            add_verdict(filled.store, stored.id, "confirmed", reviewer="a")
    assert run("review").subheader[0].value == "没有待复核的通话了。"


@pytest.mark.parametrize("call", ["999999", "9999999999999999999999", "-1", "1 OR 1=1", "../secret"])
def test_a_call_that_does_not_exist_breaks_nothing(filled: Filled, call: str) -> None:
    run("review", call=call)


def test_a_failed_call_shows_reason_and_remedy(filled: Filled) -> None:
    data = shown(run("review", call=str(filled.failed)))
    assert data["call"]["notice"] == (
        "失败：录音损坏，无法解码\n从录音系统重新取一份，再运行 callqa retry\nthe header is broken"
    )
    assert data["flags"] == []


def test_the_queue_follows_the_filter_in_the_address(filled: Filled) -> None:
    queue = shown(run("review", call=str(filled.calls[1]), rule="sales.overpromise"))["queue"]
    assert (queue["position"], queue["total"]) == (2, 2)
    assert (queue["previous"], queue["next"]) == (filled.calls[0], None)


def test_pages_never_hand_out_the_path_of_a_recording(filled: Filled) -> None:
    for page in ("calls", "review"):
        assert str(filled.sound) not in run(page).get("bidi_component")[0].proto.json


def test_numbers_that_were_spoken_are_not_handed_out(filled: Filled) -> None:
    data = shown(run("review", call=str(filled.calls[0])))
    said = "".join(piece[0] for piece in data["utterances"][5]["pieces"])
    assert said == "好吧，我的电话是[手机号]。"
    assert "幺二三四五六七八" not in json.dumps(data, ensure_ascii=False)
