"""Pages of the site that are drawn from the program and the repository, so that they cannot fall behind."""

import re
from pathlib import Path
from typing import Any

import typer
from mkdocs.structure.files import File, Files

from callqa.cli import app

ROOT = Path(__file__).parents[2]
_TO_DOCS = re.compile(r"\]\(docs/")
_ELSEWHERE = re.compile(r"\]\((?!https?:|#|docs/|README)([^)]+)\)")

_OUTSIDE = re.compile(r"\[([^]]+)\]\(\.\./([^)]+)\)")
_PAGES = {"README.md": "index.md", "README.zh-CN.md": "index.zh-CN.md", "CHANGELOG.md": "changes.md"}


def on_files(files: Files, config: Any) -> Files:
    files.append(File.generated(config, "cli.md", content=cli_reference()))
    files.append(File.generated(config, "index.md", content=readme("README.md")))
    files.append(File.generated(config, "index.zh-CN.md", content=readme("README.zh-CN.md")))
    files.append(File.generated(config, "settings.md", content=settings()))
    files.append(File.generated(config, "changes.md", content=readme("CHANGELOG.md")))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:
    """Links that lead out of docs/, which work where the files are read as they are."""
    for source, target in _PAGES.items():
        markdown = markdown.replace(f"](../{source})", f"]({target})")
    return _OUTSIDE.sub(lambda link: f"{link[1]} (`{link[2]}`)", markdown)


def readme(name: str) -> str:
    """The README as a page of the site: its links lead from docs/, and to files as plain names."""
    text = (ROOT / name).read_text("utf-8")
    text = _ELSEWHERE.sub(lambda link: f"](#)<!-- {link[1]} -->", text)
    text = re.sub(r"\[([^]]+)\]\(#\)<!-- .*? -->", r"`\1`", text)
    text = text.replace("](README.md)", "](index.md)").replace("](README.zh-CN.md)", "](index.zh-CN.md)")
    return _TO_DOCS.sub("](", text)


def settings() -> str:
    """The README's part about settings as a page of its own, so that a setting can be looked up."""
    part = readme("README.md").partition("\n## Settings\n")[2].partition("\n## ")[0]
    return f"# Settings\n{part}"


def cli_reference() -> str:
    """Every command with its options, from the command line itself."""
    parts = ["# Command line\n", "Drawn from the program; `callqa COMMAND --help` says the same.\n"]
    parts += [_command(name, command) for name, command in sorted(_commands(typer.main.get_command(app)))]
    return "\n".join(parts)


def _commands(group: Any, above: str = "callqa") -> list[tuple[str, Any]]:
    found = []
    for name, command in group.commands.items():
        full = f"{above} {name}"
        found += _commands(command, full) if hasattr(command, "commands") else [(full, command)]
    return found


def _command(name: str, command: Any) -> str:
    context = command.make_context(name, [], resilient_parsing=True)
    usage = " ".join(command.collect_usage_pieces(context))
    text, _, example = (command.help or "").partition("Example:")
    lines = [f"## {name}\n", f"{text.strip()}\n", f"```text\n{name} {usage}\n```\n"]
    lines += [f"```sh\n{line.strip()}\n```\n" for line in example.strip().splitlines() if line.strip()]
    rows = [record for option in command.params if (record := option.get_help_record(context))]
    if rows:
        lines += ["| option | meaning |", "| --- | --- |"]
        lines += [f"| `{_cell(left)}` | {_cell(right)} |" for left, right in rows]
    return "\n".join([*lines, ""])


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").replace("<", "&lt;").split())
