"""Every figure leads to a list, and the list holds exactly what the figure counts."""

from collections.abc import Callable
from datetime import date, datetime

import pytest
from sqlalchemy import func, select, update

from callqa.dashboard import figure_links
from callqa.dashboard.day_view import call_filter, overview
from callqa.dashboard.figure_links import Figures, Linked
from callqa.dashboard.filters import from_params, to_params
from callqa.dashboard.page_causes import NO_TROUBLE
from callqa.dashboard.people_view import Kind, people, person
from callqa.review.audits import audit_state, start_audit
from callqa.review.sampling import Plan, carry_out
from callqa.store.call import get_call
from callqa.store.calls import CallFilter, _one_flag, list_calls, where
from callqa.store.database import Store
from callqa.store.day_figures import Period, first_and_last_day
from callqa.store.digests import get_digest
from callqa.store.heat import heat
from callqa.store.miss_audits import audit_calls, note_heard
from callqa.store.recordings import recording
from callqa.store.results import flag
from callqa.store.sampling import draws
from callqa.store.verdicts import add_verdict
from callqa.tests.dashboard.sample_store import Filled
from callqa.voice.causes import causes
from callqa.voice.digest import draw_up, list_of_rise

DAY = date(2026, 11, 20)


@pytest.fixture
def judged(filled: Filled) -> Filled:
    """Calls of two days; some flags confirmed, some false alarms, some unsure, most open."""
    with filled.store.write() as connection:
        early = recording.c.id.in_(filled.calls[1:3])
        at = datetime(2026, 11, 19, 14, 5)
        connection.execute(update(recording).where(early).values(day=at.date(), started_at=at))
    words = ("confirmed", "false_alarm", "unsure", "false_alarm")
    for place, call in enumerate(filled.calls[:8]):
        for n, one in enumerate(get_call(filled.store, call).flags[:3]):
            add_verdict(filled.store, one.id, words[(place + n) % 4], reviewer="li")  # type: ignore[arg-type]
    return filled


@pytest.fixture
def period(judged: Filled) -> Period:
    days = first_and_last_day(judged.store)
    assert days is not None
    return Period(*days)


def counted(store: Store, linked: Linked) -> float:
    """What the list holds, read through its address, as a browser would open it."""
    view = from_params(to_params(linked.view))
    assert view == linked.view, "the address does not tell the whole list"
    if linked.counts == "calls":
        return list_calls(store, view.filter).total
    if linked.counts == "seconds":
        query = select(func.coalesce(func.sum(recording.c.seconds), 0.0)).where(where(view.filter))
    else:
        query = select(func.count()).select_from(flag).join(recording, recording.c.id == flag.c.recording_id)
        query = query.where(where(view.filter), *_one_flag(view.filter))
    with store.read() as connection:
        return float(connection.execute(query).scalar_one())


def check(store: Store, figures: Figures, *, some: int) -> None:
    """``some`` figures at least are not nought: a test over nothing tells nothing."""
    wrong = {
        name: (linked.value, there)
        for name, linked in figures.items()
        if (there := counted(store, linked)) != pytest.approx(linked.value)
    }
    assert wrong == {}
    assert sum(bool(linked.value) for linked in figures.values()) >= some


def test_the_overview(judged: Filled, period: Period) -> None:
    day = overview(judged.store, period)
    check(judged.store, figure_links.of_overview(day), some=12)
    check(judged.store, figure_links.of_statuses(day), some=2)


def test_the_overview_of_one_team(judged: Filled, period: Period) -> None:
    team = people(judged.store, period, "team")[0].name
    narrow = Period(period.since, period.until, team=(team,))
    check(judged.store, figure_links.of_overview(overview(judged.store, narrow)), some=8)


@pytest.mark.parametrize("kind", ["agent", "team"])
def test_agents_and_teams(judged: Filled, period: Period, kind: Kind) -> None:
    for line in people(judged.store, period, kind):
        view = person(judged.store, period, kind, line.name)
        linked = figure_links.of_person(kind, period, view)
        assert linked["calls"].value == line.figures.scored
        check(judged.store, linked, some=2)


@pytest.mark.parametrize("narrow", [False, True])
def test_causes_departments_and_the_heat_map(judged: Filled, period: Period, narrow: bool) -> None:
    team = people(judged.store, period, "team")[0].name
    shown = Period(period.since, period.until, team=(team,)) if narrow else period
    assert shown.since is not None
    assert shown.until is not None
    departments = {"service.shirking": "客服部"}
    found = causes(judged.store, shown.since, shown.until, departments, team=shown.team, leave_out=NO_TROUBLE)
    check(judged.store, figure_links.of_causes(found, shown), some=4)
    rules = [cause.rule for cause in found.causes]
    cells = heat(judged.store, call_filter(shown), rules)
    check(judged.store, figure_links.of_heat(cells, shown, rules), some=2)


def test_causes_beside_the_period_before(judged: Filled, period: Period) -> None:
    last = Period(DAY, DAY)
    found = causes(judged.store, DAY, DAY, {})
    linked = figure_links.of_causes(found, last)
    check(judged.store, {n: one for n, one in linked.items() if n.startswith("before.")}, some=1)


def test_the_digest(judged: Filled, period: Period) -> None:
    draw_up(judged.store, DAY)
    row = get_digest(judged.store, DAY)
    assert row is not None
    check(judged.store, figure_links.of_digest(DAY, row.content), some=2)


def test_a_rise_of_the_digest_opens_its_calls_as_one_list(judged: Filled, period: Period) -> None:
    from dataclasses import replace

    draw_up(judged.store, DAY)
    row = get_digest(judged.store, DAY)
    assert row is not None
    calls = list(judged.calls[:3])
    rise = {"term": "洗衣机", "calls": 3, "examples": calls[:1], "recordings": calls}
    row = replace(row, content={**row.content, "rises": [rise]})
    made = list_of_rise(judged.store, row, 0, by="lead")
    assert list_of_rise(judged.store, row, 0, by="lead") == made
    assert {one.id for one in list_calls(judged.store, CallFilter(list=made)).rows} == set(calls)


def test_samples_and_audits(judged: Filled, period: Period) -> None:
    store = judged.store
    assert period.since is not None
    assert period.until is not None
    plan = Plan("random", 3, 1, shortest=0.0)
    carry_out(store, "抽样", plan, call_filter(period), by="lead", reviewers=[])
    (draw,) = draws(store)
    assert list_calls(store, CallFilter(list=draw.list_id)).total == draw.drawn == 3
    audit = start_audit(store, "risk.media_threat", period.since, period.until, 3, by="lead")
    note_heard(store, audit, audit_calls(store, audit)[0].recording_id, missed=False, by="li")
    check(store, figure_links.of_audit(audit_state(store, audit)), some=1)


@pytest.mark.parametrize(
    ("change", "fits"),
    [
        (lambda f: f, True),
        (lambda f: CallFilter(rule=f.rule, verdict="false_alarm"), False),
        (lambda f: CallFilter(rule=f.rule, level="low"), False),  # type: ignore[arg-type]
    ],
)
def test_one_flag_must_be_all_that_is_asked(
    filled: Filled, change: Callable[[CallFilter], CallFilter], fits: bool
) -> None:
    """A call with a confirmed flag of one rule and a false alarm of another is in neither's other list."""
    call = filled.calls[0]
    one, other = get_call(filled.store, call).flags[:2]
    add_verdict(filled.store, one.id, "confirmed", reviewer="li")
    add_verdict(filled.store, other.id, "false_alarm", reviewer="li")
    chosen = change(CallFilter(rule=(one.flag.rule,), verdict="confirmed"))
    assert (call in {row.id for row in list_calls(filled.store, chosen, limit=500).rows}) is fits
