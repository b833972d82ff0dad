"""``callqa cases`` and ``callqa report``: problems on their way, and a period in figures."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .cli_common import Json, load_settings, open_database, print_json
from .errors import UsageError

if TYPE_CHECKING:
    from .store.cases import CaseRow

app = typer.Typer(help="Problems followed to their end.", no_args_is_help=True)
Number = Annotated[int, typer.Argument(help="The number of the case.")]
Who = Annotated[str, typer.Option(help="Who does this; it stays in the history.")]


@app.command("list")
def list_cases(
    department: Annotated[str | None, typer.Option(help="Only this department.")] = None,
    owner: Annotated[str | None, typer.Option(help="Only this owner.")] = None,
    overdue: Annotated[bool, typer.Option(help="Only those past their deadline.")] = False,
    closed: Annotated[bool, typer.Option(help="Closed ones, too.")] = False,
    json: Json = False,
) -> None:
    """Cases, the nearest deadline first; overdue ones are escalated.

    Example: callqa cases list --overdue
    """
    from dataclasses import asdict

    from .store.cases import OPEN_STATES, cases
    from .voice.cases import escalate_overdue

    store = open_database(load_settings())
    escalate_overdue(store, date.today())
    found = cases(
        store, states=() if closed else OPEN_STATES, department=department, owner=owner,
        overdue_on=date.today() if overdue else None,
    )  # fmt: skip
    if json:
        return print_json([asdict(case) for case in found])
    for case in found:
        typer.echo(_line(case))
    typer.echo(f"{len(found)} cases")
    return None


@app.command()
def show(number: Number) -> None:
    """One case with its calls and its history.

    Example: callqa cases show 12
    """
    from .privacy.masking import mask_phones
    from .store.cases import calls_of_case, case_history, get_case

    store = open_database(load_settings())
    case = get_case(store, number)
    typer.echo(_line(case))
    if case.quote:
        typer.echo(f"  call {case.recording_id} at {case.start or 0:.0f} s: {case.quote}")
    for call in calls_of_case(store, number):
        typer.echo(f"  call {call.recording_id} {call.day} {mask_phones(call.name)} {call.why}")
    for event in case_history(store, number):
        told = ", ".join(f"{name} {a} -> {b}" for name, (a, b) in event.detail.get("changes", {}).items())
        said = " ".join(filter(None, (told, str(event.detail.get("note", "")))))
        typer.echo(f"  {event.at:%Y-%m-%d %H:%M} {event.who} {event.kind} {said}".rstrip())


@app.command("open")
def open_one(
    title: Annotated[str, typer.Argument(help="What the problem is.")],
    call: Annotated[int | None, typer.Option(help="The call it was heard in, by number.")] = None,
    department: Annotated[str, typer.Option(help="Who answers for it.")] = "",
    owner: Annotated[str, typer.Option(help="Who follows it.")] = "",
    severity: Annotated[str, typer.Option(help="informational, low, medium, high or critical.")] = "medium",
    deadline: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Default: by severity, 1 to 30 days.")
    ] = None,
    who: Who = "callqa",
) -> None:
    """Open a case.

    Example: callqa cases open 包装破损 --call 12 --department 物流部 --severity high
    """
    from .inspect.types import Level
    from .store.results import LEVELS
    from .voice.cases import NewCase, open_case

    if severity not in [level.value for level in Level]:
        raise UsageError(f"no such severity: {severity}")
    new = NewCase(
        title, department, owner, deadline.date() if deadline else None, LEVELS.index(Level(severity))
    )
    made = open_case(open_database(load_settings()), new, who=who, today=date.today(), recording_id=call)
    typer.echo(f"opened case {made}")


@app.command("link")
def link(
    number: Number,
    call: Annotated[int, typer.Argument(help="The number of the call.")],
    why: Annotated[str, typer.Option(help="Why it belongs to the case.")] = "",
    who: Who = "callqa",
) -> None:
    """Add a further call to a case.

    Example: callqa cases link 12 345 --why 同一批次
    """
    from .voice.cases import add_call

    add_call(open_database(load_settings()), number, call, who=who, why=why)
    typer.echo(f"call {call} belongs to case {number}")


@app.command("move")
def move_one(
    number: Number,
    state: Annotated[str, typer.Argument(help="open, working, waiting, solved or dropped.")],
    outcome: Annotated[str, typer.Option(help="What came of it; needed to solve or drop.")] = "",
    who: Who = "callqa",
) -> None:
    """Bring a case into another state.

    Example: callqa cases move 12 solved --outcome 已更换包装
    """
    from .voice.cases import MOVES, move

    if state not in MOVES:
        raise UsageError(f"no such state: {state}; use one of {', '.join(MOVES)}")
    move(open_database(load_settings()), number, state, who=who, outcome=outcome)
    typer.echo(f"case {number} is {state}")


def report(
    out: Annotated[Path, typer.Argument(help="The file: .xlsx, .csv or .pdf.")],
    day: Annotated[
        datetime | None,
        typer.Option("--date", formats=["%Y-%m-%d"], help="Its last day; default: yesterday."),
    ] = None,
    days: Annotated[int, typer.Option(min=1, help="How many days: 1, 7, 30 …")] = 1,
    business: Annotated[list[str] | None, typer.Option(help="Only calls of this business.")] = None,
    team: Annotated[list[str] | None, typer.Option(help="Only calls of this team.")] = None,
    language: Annotated[str, typer.Option(help="zh or en.")] = "zh",
) -> None:
    """A day, week or month in figures, as the overview shows it.

    Example: callqa report week.pdf --date 2026-11-21 --days 7
    """
    from .dashboard.day_report import day_report
    from .dashboard.day_view import overview
    from .dashboard.report_pdf import to_pdf
    from .dashboard.reports import to_csv, to_xlsx
    from .dashboard.rule_names import names_for
    from .dashboard.texts import LANGUAGES, texts_in
    from .store.day_figures import Period

    kinds = {".xlsx": to_xlsx, ".csv": to_csv, ".pdf": to_pdf}
    if out.suffix not in kinds:
        raise UsageError(f"a report is written as {', '.join(kinds)}, not {out.suffix or 'without a suffix'}")
    if language not in LANGUAGES:
        raise UsageError(f"a report is written in {' or '.join(LANGUAGES)}, not {language}")
    store = open_database(load_settings())
    last = day.date() if day else date.today() - timedelta(days=1)
    period = Period(last - timedelta(days=days - 1), last, tuple(business or ()), tuple(team or ()))
    texts = texts_in(language)
    span = " · ".join(
        (texts("day.about", since=period.since, until=period.until), *period.business, *period.team)
    )
    made = day_report(overview(store, period), names_for(store), texts, span)
    out.write_bytes(kinds[out.suffix](made))
    typer.echo(f"wrote {out} ({period.since} to {period.until})")


def _line(case: "CaseRow") -> str:
    late = "  OVERDUE" if case.is_overdue(date.today()) else ""
    who = " / ".join(filter(None, (case.department, case.owner))) or "nobody"
    return f"{case.id:>5}  {case.state:<8} {case.deadline or '          '}  {who}  {case.title}{late}"


def add_to(app_: typer.Typer) -> None:
    app_.add_typer(app, name="cases")
    app_.command()(report)
