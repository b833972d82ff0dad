"""Pages of the quality loop: samples, scorecards, calibration, misses, appeals."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from callqa.dashboard import session
from callqa.privacy.roles import Person, Role
from callqa.review.audits import audit_state, start_audit
from callqa.review.evaluations import calibrate
from callqa.store.appeals import appeal_history, appeals
from callqa.store.call import get_call
from callqa.store.calls import CallFilter, list_calls
from callqa.store.database import Store
from callqa.store.day_figures import first_and_last_day
from callqa.store.miss_audits import audits
from callqa.store.quality import evaluations, forms, save_form, start_calibration
from callqa.store.sampling import draws
from callqa.tests.dashboard.page_run import press, run_page
from callqa.tests.dashboard.sample_store import Filled

ITEMS = [{"key": "polite", "title": "礼貌", "points": 50}, {"key": "solve", "title": "解决", "points": 50}]
PAGES = {
    "quality": "from callqa.dashboard.page_quality import quality_page\nquality_page()",
    "appeals": "from callqa.dashboard.page_appeals import appeals_page\nappeals_page()",
}
TABS = ("samples", "forms", "calibration", "misses")


def run(which: str, /, **params: str) -> AppTest:
    return run_page(PAGES[which], **params)


@pytest.fixture
def sits(monkeypatch: pytest.MonkeyPatch) -> Callable[[Person], None]:
    """Lets somebody else sit at the page."""
    return lambda person: monkeypatch.setattr(session, "person", lambda: person)


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_tabs_run_on_an_empty_store(empty_store: Store, tab: str, lang: str) -> None:
    run("quality", tab=tab, lang=lang)


@pytest.mark.parametrize("tab", TABS)
def test_tabs_run_on_a_filled_store(filled: Filled, tab: str) -> None:
    run("quality", tab=tab, lang="en")


def test_a_sample_is_drawn(filled: Filled) -> None:
    at = run("quality", tab="samples")
    next(t for t in at.text_input if t.label == "名称").set_value("周抽检")
    next(n for n in at.number_input if n.label == "数量").set_value(2)
    next(b for b in at.button if b.label == "抽取").click()
    at.run()
    found = draws(filled.store)
    if found:
        assert (found[0].name, found[0].drawn <= 2) == ("周抽检", True)
    else:  # the calls of the sample store are shorter than what is worth hearing
        assert "no call fits" in at.error[0].value


def test_a_form_is_saved_and_filled_in(filled: Filled) -> None:
    at = run("quality", tab="forms")
    press(at, "存为新版本")
    (form,) = forms(filled.store)
    assert [item["key"] for item in form.items] == ["greeting", "listening", "solving", "abuse"]
    at = run("quality", tab="forms", call="1")
    next(r for r in at.radio if r.label.startswith("解决问题")).set_value("half")
    press(at, "提交")
    (done,) = evaluations(filled.store, recording_ids=[1])
    assert done.answers["solving"] == 0.5
    assert done.form_id == form.id


def test_a_calibration_is_blind_until_everybody_is_through(
    filled: Filled, sits: Callable[[Person], None]
) -> None:
    form = save_form(filled.store, "通用", ITEMS, by="lead")
    number = start_calibration(filled.store, "三月", form, [1, 2], ["x", "y"], by="lead")
    for call in (1, 2):
        calibrate(filled.store, number, call, {"polite": 1, "solve": 0}, evaluator="x")
    sits(Person("y", Role.REVIEWER))
    at = run("quality", tab="calibration")
    assert not at.metric
    press(at, "提交")
    press(at, "提交")
    assert {m.label for m in at.metric} >= {"一致性 Krippendorff α", "最低两两 Cohen κ"}


def test_an_audit_is_heard_and_estimates(filled: Filled) -> None:
    days = first_and_last_day(filled.store)
    assert days is not None
    number = start_audit(filled.store, "service.missing_closing", *days, 2, by="lead")
    at = run("quality", tab="misses")
    waiting = audit_state(filled.store, number).waiting
    press(at, "没有违规")
    state = audit_state(filled.store, audits(filled.store)[0].id)
    assert (state.waiting, state.estimate.heard) == (waiting - 1, 1)


def test_an_agent_appeals_and_a_lead_decides(filled: Filled, sits: Callable[[Person], None]) -> None:
    rows = list_calls(filled.store, CallFilter(status=("inspected",))).rows
    row = next(r for r in rows if r.agent and r.flag_count)
    agent = str(row.agent)
    sits(Person("me", Role.AGENT, agent=agent))
    at = run("appeals")
    flag = get_call(filled.store, row.id).flags[0]
    at.text_area(key=f"reason_{flag.id}").set_value("我在复述客户的话")
    at.button(key=f"send_{flag.id}").click().run()
    (one,) = appeals(filled.store)
    assert (one.agent, one.state, one.original_score) == (agent, "open", row.score)
    sits(Person("lead", Role.LEAD))
    at = run("appeals")
    next(t for t in at.text_input if t.label == "处理意见").set_value("属实是复述")
    press(at, "成立")
    assert [step.kind for step in appeal_history(filled.store, one.id)] == ["filed", "granted"]
    assert get_call(filled.store, row.id).flags[0].verdict == "false_alarm"
    assert get_call(filled.store, row.id).row.score == row.score


def test_an_agent_decides_nothing(filled: Filled, sits: Callable[[Person], None]) -> None:
    sits(Person("me", Role.AGENT, agent="nobody"))
    at = run("appeals")
    assert "成立" not in {b.label for b in at.button}
