"""``callqa``, the command line: thin commands over the rooms. Heavy imports happen inside the commands."""

import os
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from . import (
    cli_access,
    cli_audit,
    cli_backup,
    cli_batch,
    cli_calls,
    cli_capacity,
    cli_cases,
    cli_db,
    cli_digest,
    cli_evaluate,
    cli_models,
    cli_notify,
    cli_privacy,
    cli_rules,
    cli_users,
)
from .errors import CallqaError, StoreError, UsageError

TRY_LATER = 75
"""Exit code, as sysexits.h has it, when the same command may succeed later."""


def _exit_code(error: CallqaError) -> int:
    if isinstance(error, UsageError):
        return 2
    return TRY_LATER if isinstance(error, StoreError) and _passes(error) else 1


def _passes(error: StoreError) -> bool:
    from .store.trouble import is_passing

    return is_passing(error)


class Commands(TyperGroup):
    """Turns callqa's errors into one clear message and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        ctx.meta[cli_access.TYPED] = [*getattr(ctx, "_protected_args", ()), *ctx.args]
        try:
            return super().invoke(ctx)
        except CallqaError as error:
            typer.secho(f"callqa: {error}", fg="red", err=True)
            raise typer.Exit(_exit_code(error)) from error


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Listens to every call: transcribes recordings, separates agent and customer, flags what rules "
    "look for. All of it on this machine.",
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"callqa {version('callqa')}")
        raise typer.Exit


@app.callback()
def main(
    ctx: typer.Context,
    home: Annotated[
        Path | None, typer.Option(help="Folder of the database [CALLQA_HOME, ./callqa-data]")
    ] = None,
    database: Annotated[str | None, typer.Option(help="Database URL [CALLQA_DATABASE_URL]")] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    # Through the environment, so that the processes callqa starts know it too.
    if home is not None:
        os.environ["CALLQA_HOME"] = str(home)
    if database is not None:
        os.environ["CALLQA_DATABASE_URL"] = database
    if home or database:
        from .settings import get_settings

        get_settings.cache_clear()
    cli_access.check_command(ctx)


for _room in (cli_backup, cli_batch, cli_calls, cli_capacity, cli_cases, cli_digest):
    _room.add_to(app)
app.add_typer(cli_rules.app, name="rules")
app.add_typer(cli_models.app, name="models")
app.add_typer(cli_db.app, name="db")
app.add_typer(cli_evaluate.app, name="evaluate")
app.add_typer(cli_users.app, name="users")
app.add_typer(cli_audit.app, name="audit")
app.command()(cli_privacy.redact)
app.add_typer(cli_privacy.app, name="purge")
app.add_typer(cli_notify.app, name="notify")


if __name__ == "__main__":
    app()
