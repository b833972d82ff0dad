"""``callqa backup`` and ``callqa restore``: the whole database in one file."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .cli_common import Json, load_settings, print_json
from .errors import StoreError

if TYPE_CHECKING:
    from .store.backup import Manifest


def backup(
    out: Annotated[Path | None, typer.Argument(help="The new file; default: callqa-DATE.backup.")] = None,
    check: Annotated[bool, typer.Option(help="Only check the file that is there.")] = False,
    json: Json = False,
) -> None:
    """Write the whole database to one file, while callqa goes on. Recordings themselves are not in it.

    Example: callqa backup callqa-monday.backup
    """
    from datetime import date

    from .store.backup import backup, read_manifest
    from .store.database import is_there

    file = out or Path(f"callqa-{date.today():%Y%m%d}.backup")
    if check:
        return _tell(read_manifest(file), f"{file} is whole", json)
    url = load_settings().resolved_database_url
    if not is_there(url):
        raise StoreError(f"there is no database at {url}; --home or CALLQA_HOME says where it is")
    return _tell(backup(url, file), f"wrote {file} ({file.stat().st_size / 1e6:.1f} MB)", json)


def restore(
    archive: Annotated[Path, typer.Argument(help="A file that callqa backup wrote.")],
    json: Json = False,
) -> None:
    """Put a backup where no database is yet (see --home); one of an older callqa is migrated.

    Example: callqa restore callqa-monday.backup
    """
    from .store.backup import restore

    url = load_settings().resolved_database_url
    _tell(restore(archive, url), "restored; callqa status shows what is there", json)


def _tell(manifest: "Manifest", message: str, json: bool) -> None:
    if json:
        from dataclasses import asdict

        return print_json(asdict(manifest))
    rows = ", ".join(f"{count} {name}s" for name, count in manifest.rows.items())
    typer.echo(f"{message}: {rows}, made {manifest.made_at}, checksum right")
    return None


def add_to(app: typer.Typer) -> None:
    for command in (backup, restore):
        app.command()(command)
