"""Puts into a home of sample calls what a week of people's work leaves there, for pictures of it.

The names are made up. What is there already is not made again.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from callqa.dashboard.editor_view import list_parts, list_text
from callqa.privacy.accounts import add_account, has_accounts
from callqa.privacy.roles import Role
from callqa.review.appeals import file_appeal, reject
from callqa.review.audits import start_audit
from callqa.review.coaching import coach
from callqa.review.evaluations import calibrate
from callqa.review.sampling import Plan, carry_out
from callqa.rulebooks.current import base_files
from callqa.rulebooks.drafts import begin_draft, open_draft, save_files
from callqa.rulebooks.publishing import publish, publish_files
from callqa.rulebooks.texts import to_yaml
from callqa.settings import Settings
from callqa.store.call import StoredCall, get_call
from callqa.store.calls import CallFilter, list_calls
from callqa.store.cases import cases
from callqa.store.database import Store, open_store
from callqa.store.day_figures import first_and_last_day
from callqa.store.digests import clips_of, curate_clip, get_digest
from callqa.store.listening import add_action, items_of_list, note_item
from callqa.store.miss_audits import audit_calls, note_heard
from callqa.store.quality import close_calibration, save_form, start_calibration
from callqa.store.verdicts import add_verdict
from callqa.voice.cases import NewCase, move, open_case
from callqa.voice.digest import draw_up
from callqa.voice.listening import draw_list

LEAD, REVIEWER, COMPLIANCE, ADMIN = "林岚", "周序", "何谨", "admin"
PASSWORD = "made up for pictures"
AGENT = "6037"
DRAFT = "十二月调整"
RULE = {
    "title": "把客户推给别人",
    "name": "deflecting",
    "version": 1,
    "status": "test",
    "level": "medium",
    "scope": {"speaker": "agent"},
    "detection": {
        "said": {"terms": ["找厂家", "投诉到哪", "自己想办法", "找物业", "没办法"]},
        "condition": "said",
    },
    "outcome": {"message": "坐席把客户推给别人", "points": -5},
    "tests": [
        {"name": "推给厂家", "turns": [{"agent": "您找厂家去"}], "expect": [{"turn": 0, "quote": "找厂家"}]},
        {"name": "客户自己说", "turns": [{"customer": "我去找厂家"}], "expect": []},
    ],
}
WORDS = ("逾期自己想办法", "找楼下物业去")
_CASES = (
    ("退款承诺到期仍未到账", "售后部", "何谨", 3, "working", ""),
    ("宽带报障转接三次无人接手", "网络部", "周序", 3, "waiting", ""),
    ("催收夜间致电", "催收部", "林岚", 4, "solved", "外呼时段改为 9:00–20:00，已抽听 20 通"),
    ("快递员要求私下付款", "派送部", "", 4, "open", ""),
    ("路灯报修无回访", "热线", "周序", 1, "open", ""),
    ("账单解释不清", "信用卡部", "", 2, "dropped", "与 3 月话术更新重复"),
)
_ITEMS = (
    {"key": "greeting", "title": "开场白规范", "points": 10},
    {"key": "listening", "title": "倾听与理解", "points": 40},
    {"key": "solving", "title": "解决问题", "points": 50},
)


def furnish(home: Path) -> None:
    store = open_store(f"sqlite:///{home.absolute() / 'callqa.db'}")
    settings = Settings(home=home.absolute())
    if not cases(store):
        rows = list_calls(store, CallFilter(), order="name", limit=100).rows
        calls = [get_call(store, row.id) for row in rows if row.status == "inspected"]
        _verdicts(store, calls)
        _publications(store, settings)
        _cases_of(store, calls)
        _appeals(store, calls)
        _quality(store, [call.row.id for call in calls])
        _listening(store)
        _digest(store)
    store.close()


def accounts(home: Path) -> None:
    """From then on the pages ask who one is."""
    store = open_store(f"sqlite:///{home.absolute() / 'callqa.db'}")
    if not has_accounts(store):
        add_account(store, ADMIN, Role.ADMIN, by="callqa", password=PASSWORD)
        add_account(store, LEAD, Role.LEAD, by=ADMIN, password=PASSWORD)
        add_account(store, REVIEWER, Role.REVIEWER, by=ADMIN, password=PASSWORD, teams=["售后二组", "报障组"])
        add_account(store, COMPLIANCE, Role.COMPLIANCE, by=ADMIN, password=PASSWORD)
        add_account(store, "贺一鸣", Role.AGENT, by=ADMIN, password=PASSWORD, agent=AGENT)
        add_account(store, "审计", Role.AUDITOR, by=ADMIN, password=PASSWORD, businesses=["bank"])
    store.close()


def _verdicts(store: Store, calls: Sequence[StoredCall]) -> None:
    """All but a third of the flags are judged."""
    for n, flag in enumerate(flag for call in calls for flag in call.flags):
        if n % 3 == 2:
            continue
        word = "false_alarm" if n % 7 == 3 else "unsure" if n % 11 == 4 else "confirmed"
        reason = {"false_alarm": "context", "unsure": "unclear"}.get(word, "")
        add_verdict(store, flag.id, word, reviewer=(REVIEWER, COMPLIANCE)[n % 2], reason=reason)  # type: ignore[arg-type]


def _publications(store: Store, settings: Settings) -> None:
    publish_files(store, settings, base_files(store, settings)[1], author=COMPLIANCE, note="首次发布")
    draft = begin_draft(store, settings, "推诿话术补充", author=COMPLIANCE)
    path = "lists/pushed_away.yaml"
    added = {path: to_yaml({"description": "推走客户的话", "terms": list(WORDS)})}
    superior = "lists/superior.yaml"
    about, terms = list_parts(draft.files[superior])
    added[superior] = list_text(draft.files[superior], about, [*terms[1:], "区域经理", "店长"])
    save_files(store, draft.name, added, revision=draft.revision, author=COMPLIANCE)
    now = open_draft(store, draft.name).revision
    publish(store, settings, draft.name, author=COMPLIANCE, note="增加推走客户的说法", revision=now)
    draft = begin_draft(store, settings, DRAFT, author=COMPLIANCE)
    rule = {"service/deflecting.yaml": to_yaml(RULE)}
    save_files(store, DRAFT, rule, revision=draft.revision, author=COMPLIANCE)


def _cases_of(store: Store, calls: Sequence[StoredCall]) -> None:
    flagged = [call for call in calls if call.flags]
    for (title, department, owner, severity, state, outcome), call in zip(_CASES, flagged, strict=False):
        new = NewCase(title, department, owner, None, severity)
        opened = {"recording_id": call.row.id, "flag_id": call.flags[0].id}
        made = open_case(store, new, who=LEAD, today=date.today(), **opened)  # type: ignore[arg-type]
        if state != "open":
            move(store, made, state, who=owner or LEAD, outcome=outcome)


def _appeals(store: Store, calls: Sequence[StoredCall]) -> None:
    own = [call for call in calls if call.row.agent and any(f.flag.points < 0 for f in call.flags)]
    reasons = ("我在复述客户的话", "当时已经登记过工单", "系统卡顿，不是故意不说话")
    for n, (call, reason) in enumerate(zip(own, reasons, strict=False)):
        flag = next(f for f in call.flags if f.flag.points < 0)
        made = file_appeal(store, call.row.id, agent=str(call.row.agent), reason=reason, flag_id=flag.id)
        if n == 1:
            reject(store, made, level=1, by=LEAD, text="录音里没有登记的话，扣分维持")
    call, heard = own[0], own[0].flags[0].flag
    end = min(max(heard.end, heard.start + 1), call.row.seconds or heard.end)
    coach(
        store, call.row.id, "先复述客户的问题再解释流程", by=LEAD, start=heard.start, end=end, rule=heard.rule
    )


def _quality(store: Store, calls: Sequence[int]) -> None:
    form = save_form(store, "通用评分表", _ITEMS, by=LEAD)
    session = start_calibration(store, "十一月校准", form, calls[:4], [LEAD, REVIEWER], by=LEAD)
    for who in (LEAD, REVIEWER):
        for n, call in enumerate(calls[:4]):
            solved = 0.5 if who == REVIEWER and n == 2 else float(n != 1)
            answers = {"greeting": 1.0, "listening": float(n != 3), "solving": solved}
            calibrate(store, session, call, answers, evaluator=who)
    close_calibration(store, session)
    carry_out(store, "每周随机抽检", Plan("random", 6, 7), CallFilter(), by=LEAD, reviewers=[REVIEWER])
    days = first_and_last_day(store)
    assert days is not None
    audit = start_audit(store, "service.shirking", *days, 8, by=LEAD)
    for drawn in audit_calls(store, audit)[:5]:
        note_heard(store, audit, drawn.recording_id, missed=False, by=REVIEWER)


def _listening(store: Store) -> None:
    due = date.today() + timedelta(days=5)
    prompt = "听客户为什么打第二次电话"
    made = draw_list(store, "十一月听音", CallFilter(), 5, listener="王总", by=LEAD, prompt=prompt, due=due)
    first, second, *_ = items_of_list(store, made)
    note_item(store, first.id, by="王总", note="客户已经说了三遍订单号，系统应当自动带出")
    note_item(store, second.id, by="王总", note="")
    add_action(store, first.id, 12.0, "订单号自动带出", by="王总", owner="产品部", due=due)


def _digest(store: Store) -> None:
    """Of the day with the most to hear."""
    days = first_and_last_day(store)
    assert days is not None
    for n in range((days[1] - days[0]).days + 1):
        made = draw_up(store, days[0] + timedelta(days=n))
        clips = clips_of(store, made)
        if clips:
            comment = "请售后与财务一起听"
            curate_clip(store, clips[0].id, state="pushed", comment=comment, by=LEAD)


def digest_day(store: Store) -> date:
    """The day whose digest has the most clips."""
    days = first_and_last_day(store)
    assert days is not None
    known = [days[0] + timedelta(days=n) for n in range((days[1] - days[0]).days + 1)]
    rows = {day: get_digest(store, day) for day in known}
    return max(known, key=lambda day: len(clips_of(store, row.id)) if (row := rows[day]) else 0)
