"""Agents and teams as a file."""

from collections.abc import Sequence

from .day_report import rounded
from .people_view import MEASURES, Kind, PersonLine, PersonView, measure_of, measure_rows
from .reports import Report, Sheet
from .rule_names import RuleNames
from .texts import Texts


def people_report(lines: Sequence[PersonLine], kind: Kind, texts: Texts, about: str) -> Report:
    """The comparison, with all measures."""
    share = texts("day.flagged_share")
    heads = (
        texts(f"people.{kind}"),
        *([texts("people.team")] if kind == "agent" else []),
        *(texts("people.calls"), texts("people.score"), share, texts("people.interval")),
        texts("people.standing"),
        *(texts(f"people.{name}") for name in MEASURES),
    )
    rows = tuple(
        (
            line.name,
            *([line.team] if kind == "agent" else []),
            line.figures.scored,
            rounded(line.figures.mean_score),
            f"{100 * (line.figures.flagged_share or 0):.1f}%",
            span(line.share_interval, 100),
            texts(f"people.standing.{line.standing}"),
            *(measure_of(line.figures, name) for name in MEASURES),
        )
        for line in lines
    )
    return Report(texts(f"nav.{kind}s"), about, (), (Sheet(texts("people.funnel"), heads, rows, share),))


def person_report(view: PersonView, names: RuleNames, texts: Texts, about: str) -> Report:
    """One agent or team: figures, trend, measures, rules, calls."""
    line = PersonLine(view.name, "", view.figures, "usual", ())
    score, share = view.figures.mean_score, view.figures.flagged_share
    figures = (
        (texts("people.calls"), f"{view.figures.scored:,}"),
        (texts("people.score"), "–" if score is None else f"{score:.1f}（{span(line.score_interval, 1)}）"),
        (
            texts("day.flagged_share"),
            "–" if share is None else f"{100 * share:.1f}%（{span(line.share_interval, 100)}）",
        ),
        (texts("people.flags"), f"{view.figures.flags:,}"),
    )
    measures = (texts("people.measure"), texts("people.mine"), texts("people.everyone"))
    rules = (texts("rules.title_column"), texts("rules.level"), texts("day.flags"))
    found = tuple((names.title(rule), texts(f"level.{level.value}"), n) for rule, level, n in view.rules)
    return Report(
        view.name,
        about,
        figures,
        (
            Sheet(texts("people.measures"), measures, tuple(measure_rows(view, texts))),
            Sheet(texts("people.rules"), rules, found, rules[2]),
            _trend(view, texts),
            _calls(view, names, texts),
        ),
    )


def span(interval: tuple[float, float] | None, times: int) -> str:
    """An interval as text, its ends ``times`` as large; a dash when there is none."""
    if interval is None:
        return "–"
    unit = "%" if times == 100 else ""
    return f"{times * interval[0]:.1f}–{times * interval[1]:.1f}{unit}"


def _trend(view: PersonView, texts: Texts) -> Sheet:
    heads = (texts("day.day"), texts("people.calls"), texts("people.score"), texts("day.flags"))
    rows = tuple((day, f.scored, rounded(f.mean_score), f.flags) for day, f in view.days)
    return Sheet(texts("people.trend"), heads, rows, heads[2])


def _calls(view: PersonView, names: RuleNames, texts: Texts) -> Sheet:
    heads = tuple(texts(f"column.{name}") for name in ("name", "started", "score", "flags"))
    rows = tuple(
        (
            call.name,
            call.started_at or call.day,
            call.score,
            names.title(call.rule) if call.rule else texts("people.good"),
        )
        for call in (*view.coach, *view.good)
    )
    return Sheet(texts("people.coach"), heads, rows)
