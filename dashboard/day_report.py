"""The overview as a file."""

from .day_view import Overview, failure_rows
from .reports import Report, Sheet
from .rule_names import RuleNames
from .texts import Texts


def day_report(day: Overview, names: RuleNames, texts: Texts, about: str) -> Report:
    """The same figures and tables as on the screen."""
    return Report(
        texts("nav.overview"),
        about,
        _figures(day, texts),
        (
            _rules(day, names, texts),
            _teams(day, texts),
            _days(day, texts),
            _statuses(day, texts),
            _failures(day, texts),
        ),
    )


def _figures(day: Overview, texts: Texts) -> tuple[tuple[str, str], ...]:
    score = day.figures.mean_score
    return (
        (texts("day.calls"), f"{day.calls:,}"),
        (texts("day.hours"), f"{day.figures.seconds / 3600:,.1f}"),
        (texts("day.coverage"), f"{100 * day.accounted:.0f}%"),
        (texts("day.mean_score"), "–" if score is None else f"{score:.1f}"),
        (texts("day.flags"), f"{day.figures.flags:,}"),
        (texts("day.open"), f"{day.open_flags:,}"),
        (texts("day.confirmed_rate"), f"{100 * day.confirmed / day.judged:.0f}%" if day.judged else "–"),
    )


def _rules(day: Overview, names: RuleNames, texts: Texts) -> Sheet:
    heads = (texts("rules.title_column"), texts("rules.level"), texts("day.flags"))
    rows = tuple((names.title(rule), texts(f"level.{level.value}"), n) for rule, level, n in day.rules)
    return Sheet(texts("day.by_rule"), heads, rows, heads[2])


def _teams(day: Overview, texts: Texts) -> Sheet:
    share = texts("day.flagged_share")
    heads = (texts("list.team"), texts("day.calls"), share, texts("people.interval"), texts("day.mean_score"))
    rows = tuple(
        (
            line.team,
            line.figures.scored,
            f"{100 * (line.figures.flagged_share or 0):.1f}%",
            f"{100 * line.low:.1f}–{100 * line.high:.1f}%",
            rounded(line.figures.mean_score),
        )
        for line in day.teams
    )
    return Sheet(texts("day.by_team"), heads, rows, share)


def _days(day: Overview, texts: Texts) -> Sheet:
    heads = (
        texts("day.day"),
        texts("day.calls"),
        texts("day.hours"),
        texts("day.mean_score"),
        texts("day.flags"),
    )
    rows = tuple(
        (at, f.calls, round(f.seconds / 3600, 1), rounded(f.mean_score), f.flags) for at, f in day.days
    )
    return Sheet(texts("day.trend"), heads, rows, heads[4])


def _statuses(day: Overview, texts: Texts) -> Sheet:
    heads = (texts("column.status"), texts("day.count"))
    rows = tuple((texts(f"status.{s}"), n) for s, n in day.statuses.items() if n)
    return Sheet(texts("day.by_status"), heads, rows, heads[1])


def _failures(day: Overview, texts: Texts) -> Sheet:
    heads = tuple(
        texts(f"day.{name}") for name in ("kind", "count", "reason", "remedy", "details", "example")
    )
    return Sheet(texts("day.failures"), heads, tuple(failure_rows(day, texts)))


def rounded(value: float | None, digits: int = 1) -> float | None:
    return None if value is None else round(value, digits)
