"""``callqa rules``: drafts, publication, history, differences, backtest, import."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from enum import StrEnum
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .cli_common import (
    Business,
    Json,
    Since,
    Team,
    Until,
    call_filter,
    counted,
    load_settings,
    open_database,
    print_json,
)
from .errors import UsageError

if TYPE_CHECKING:
    from .inspect.rulebook import Rulebook
    from .rulebooks.publishing import Published
    from .settings import Settings
    from .store import Store

Author = Annotated[str | None, typer.Option(help="Who does it; default: the user of this machine.")]
Note = Annotated[str, typer.Option(help="What for, in a sentence that others read later.")]
FirstDay = typer.Option(formats=["%Y-%m-%d"], help="First day whose calls it counts for.")
LastDay = typer.Option(formats=["%Y-%m-%d"], help="Last day whose calls it counts for.")
Named = "a draft, a version's number, a folder, a stored hash, current or shipped"


class Language(StrEnum):
    ZH = "zh"
    EN = "en"


class Source(StrEnum):
    FOLDER = "folder"
    SCA = "sca"


class Form(StrEnum):
    TEXT = "text"
    JSON = "json"


def history(json: Json = False) -> None:
    """Show every published version of the rulebook, newest first.

    Example: callqa rules history
    """
    from dataclasses import asdict

    from .rulebooks.current import version_on
    from .store.publications import publications

    versions = publications(open_database(load_settings()))
    today = version_on(versions, date.today())
    if json:
        print_json([{**asdict(v), "counts_today": v is today} for v in versions])
        return
    for v in versions:
        since, until = v.effective_from or "…", v.effective_until or "…"
        mark = "*" if v is today else " "
        when = f"{v.published_at:%Y-%m-%d %H:%M}  {since} – {until}"
        typer.echo(f"{mark}{v.number:>4}  {when}  {v.hash[7:19]}  {v.author}  {v.note}")
    typer.echo(
        f"{len(versions)} versions; * counts for calls of today" if versions else "nothing published yet"
    )


def drafts(
    discard: Annotated[str | None, typer.Option(help="Throw this draft away.")] = None,
    rebase: Annotated[str | None, typer.Option(help="Put this draft on top of the newest version.")] = None,
    author: Author = None,
    json: Json = False,
) -> None:
    """Show the drafts of the rulebook and what each of them changes.

    Example: callqa rules drafts
    """
    from .rulebooks.drafts import discard_draft, list_drafts, open_draft
    from .rulebooks.publishing import rebase as put_on_top

    settings = load_settings()
    store = open_database(settings)
    if discard:
        discard_draft(store, discard, revision=open_draft(store, discard).revision)
    if rebase:
        revision = open_draft(store, rebase).revision
        put_on_top(store, settings, rebase, revision=revision, author=_author(author))
    found = list_drafts(store)
    if json:
        names = ("name", "author", "base", "note", "revision", "created_at", "updated_at", "updated_by")
        print_json([{n: getattr(d, n) for n in names} | {"changes": list(d.changes)} for d in found])
        return
    for d in found:
        base = "the shipped rulebook" if d.base is None else f"version {d.base}"
        typer.echo(f"{d.name}  by {d.updated_by} on {d.updated_at:%Y-%m-%d %H:%M}, from {base}")
        for path, content in sorted(d.changes.items()):
            typer.echo(f"    {path}{'' if content is not None else ' (taken out)'}")
    if not found:
        typer.echo("no drafts")


def import_rules(
    path: Annotated[Path, typer.Argument(help="A rulebook folder, or with --from sca a JSON file.")],
    source: Annotated[Source, typer.Option("--from", help="What it is.")] = Source.FOLDER,
    draft: Annotated[str | None, typer.Option(help="Put it into this draft; a new one is made.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write YAML files into this folder instead.")] = None,
    author: Author = None,
) -> None:
    """Bring rules in: a folder of YAML files (as from git), or rules of Alibaba Cloud SCA.

    Example: callqa rules import my-rules/ --draft from-git
    """
    files = _imported(path, source)
    if out is not None:
        _write(files, out)
    elif draft is None:
        raise UsageError("say where it goes: --draft NAME, or --out FOLDER")
    else:
        _into_draft(files, draft, _author(author), whole=source is Source.FOLDER)


def publish(
    what: Annotated[str, typer.Argument(help="A draft, or a rulebook folder.")],
    note: Note = "",
    effective_from: Annotated[datetime | None, FirstDay] = None,
    effective_until: Annotated[datetime | None, LastDay] = None,
    author: Author = None,
    json: Json = False,
) -> None:
    """Make a draft or a folder count; refused unless lint and all tests pass.

    Without --effective-from it counts for calls of every day from now on.

    Example: callqa rules publish from-git --note "new script" --effective-from 2026-12-01
    """
    from .rulebooks.publishing import publish as publish_draft
    from .rulebooks.publishing import publish_files
    from .rulebooks.texts import read_folder

    settings = load_settings()
    store = open_database(settings, create=True)
    by, begin, end = _author(author), _date(effective_from), _date(effective_until)
    if Path(what).is_dir():
        files = read_folder(Path(what))
        done = publish_files(
            store, settings, files, author=by, note=note, effective_from=begin, effective_until=end
        )
    else:
        done = publish_draft(
            store, settings, what, author=by, note=note, effective_from=begin, effective_until=end
        )
    _tell(done, json)


def rollback(
    number: Annotated[int, typer.Argument(help="The version to go back to.")],
    note: Note = "",
    author: Author = None,
    json: Json = False,
) -> None:
    """Publish what an older version says once more, under a new number.

    Example: callqa rules rollback 4 --note "version 5 raised too much"
    """
    from .rulebooks.publishing import rollback as go_back

    settings = load_settings()
    _tell(go_back(open_database(settings), settings, number, author=_author(author), note=note), json)


def diff(
    after: Annotated[str, typer.Argument(help=f"What is new: {Named}.")],
    before: Annotated[str, typer.Argument(help="Against what.")] = "current",
    language: Annotated[Language, typer.Option(help="Chinese or English.")] = Language.ZH,
    json: Json = False,
) -> None:
    """Tell in words what is different between two rulebooks.

    Example: callqa rules diff from-git --language en
    """
    from dataclasses import asdict

    from .rulebooks.diff import diff as compare
    from .rulebooks.diff_words import as_text, in_words

    settings = load_settings()
    store = open_database(settings, create=True)
    changed = compare(_named(store, settings, before), _named(store, settings, after))
    sections = in_words(changed, language.value)
    if json:
        print_json([asdict(c) | {"lines": s.lines} for c, s in zip(changed, sections, strict=True)])
        return
    typer.echo(as_text(sections) if sections else "no difference")


def backtest(
    draft: Annotated[str, typer.Argument(help=f"What is to be tried: {Named}.")],
    against: Annotated[str, typer.Option(help="What it is compared with.")] = "current",
    since: Since = None,
    until: Until = None,
    business: Business = None,
    team: Team = None,
    rule: Annotated[list[str] | None, typer.Option(help="Only this rule; may be repeated.")] = None,
    samples: Annotated[int, typer.Option(min=0, help="Flags to hear, of each kind and rule.")] = 10,
    scan: Annotated[bool, typer.Option(help="Read every call instead of asking the index (slow).")] = False,
    format: Annotated[Form, typer.Option(help="text or json.")] = Form.TEXT,
) -> None:
    """Try a changed rulebook on the stored calls: what it would flag more, less and as before.

    Example: callqa rules backtest from-git --since 2026-11-01 --rule complaint_threat
    """
    from .rulebooks.backtest import backtest as try_out
    from .rulebooks.backtest_text import as_text

    settings = load_settings()
    store = open_database(settings)
    chosen = call_filter(since=since, until=until, business=business, team=team)
    before, after = _named(store, settings, against), _named(store, settings, draft)
    names = [_rule_id(name, before, after) for name in rule or ()]
    with _at_work() as tick:
        told = try_out(
            store, settings, before, after, chosen, rules=names, scan=scan, samples=samples, tick=tick
        )
    if format is Form.JSON:
        print_json(told.to_json())
    else:
        typer.echo(as_text(told))


def add_to(app: typer.Typer) -> None:
    for command in (history, drafts, publish, rollback, diff, backtest):
        app.command()(command)
    app.command("import")(import_rules)


@contextmanager
def _at_work() -> Iterator[Callable[[], None]]:
    """A line on the terminal that shows it goes on: the first time an index of all calls is made."""
    from rich.console import Console

    console, steps = Console(stderr=True), count(1)
    with console.status("reading the stored calls …") as status:
        yield lambda: status.update(f"reading the stored calls … {next(steps)}")


def _named(store: "Store", settings: "Settings", name: str) -> "Rulebook":
    """A rulebook by name; a draft as it would be published, or else as it stands."""
    from .inspect.rulebook import read_rulebook
    from .rulebooks.current import named_rulebook
    from .rulebooks.drafts import list_drafts
    from .rulebooks.publishing import Outdated, prepare

    draft = next((d for d in list_drafts(store) if d.name == name), None)
    if draft is None:
        return named_rulebook(store, settings, name)
    try:
        return prepare(store, settings, draft).rulebook
    except Outdated:
        return read_rulebook(draft.files)


def _rule_id(name: str, *rulebooks: "Rulebook") -> str:
    for rulebook in rulebooks:
        for rule in rulebook.rules:
            if name in (rule.id, rule.name):
                return rule.id
    raise UsageError(f"no rule is called {name}; see callqa rules list")


def _imported(path: Path, source: Source) -> dict[str, str]:
    if source is Source.FOLDER:
        from .rulebooks.texts import read_folder

        if not path.is_dir():
            raise UsageError(f"{path}: there is no such folder")
        return read_folder(path)
    from .rulebooks.sca import import_file

    imported = import_file(path)
    for line in imported.report:
        typer.echo(line, err=True)
    return dict(imported.files)


def _write(files: dict[str, str], out: Path) -> None:
    for path, content in files.items():
        (out / path).parent.mkdir(parents=True, exist_ok=True)
        (out / path).write_text(content, encoding="utf-8")
    typer.echo(f"{len(files)} files written to {out}")


def _into_draft(files: dict[str, str], name: str, author: str, *, whole: bool) -> None:
    """``whole``: the draft becomes exactly these files; else they are added to it."""
    from .rulebooks.drafts import begin_draft, list_drafts, save_files

    settings = load_settings()
    store = open_database(settings, create=True)
    known = next((d for d in list_drafts(store) if d.name == name), None)
    draft = known or begin_draft(store, settings, name, author=author)
    gone = {p: None for p in draft.files if p not in files} if whole else {}
    saved = save_files(store, name, {**files, **gone}, revision=draft.revision, author=author)
    typer.echo(f"draft {name}: {counted(len(saved.changes), 'file')} changed")


def _tell(done: "Published", json: bool) -> None:
    from dataclasses import asdict

    version = done.version
    if json:
        print_json({**asdict(version), "bumped": dict(done.bumped), "notes": done.notes})
        return
    days = f" for calls from {version.effective_from}" if version.effective_from else ""
    days += f" until {version.effective_until}" if version.effective_until else ""
    typer.echo(f"published as version {version.number}{days} ({version.hash[7:19]})")
    for rule, number in done.bumped.items():
        typer.echo(f"{rule} finds something else than before: it is now v{number}")
    for note in done.notes:
        typer.echo(f"note: {note}", err=True)


def _author(given: str | None) -> str:
    import getpass

    return given or getpass.getuser()


def _date(moment: datetime | None) -> date | None:
    return moment.date() if moment else None
