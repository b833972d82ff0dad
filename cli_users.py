"""Accounts on the command line: made, changed, closed; tokens for programs."""

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from .cli_access import acting_name
from .cli_common import Json, load_settings, open_database, print_json
from .errors import UsageError

if TYPE_CHECKING:
    from .privacy.roles import Role
    from .store import Store

app = typer.Typer(no_args_is_help=True, help="Accounts: who may sign in, as what, for which calls.")

Name = Annotated[str, typer.Argument(help="The name to sign in with.")]
RoleWord = Annotated[str, typer.Option("--role", help="agent, reviewer, compliance, lead, admin or auditor.")]
Businesses = Annotated[list[str] | None, typer.Option("--business", help="Only calls of this business.")]
Teams = Annotated[list[str] | None, typer.Option("--team", help="Only calls of this team.")]
AgentName = Annotated[str | None, typer.Option("--agent", help="Only calls of this agent.")]


@app.command()
def add(
    name: Name,
    role: RoleWord = "reviewer",
    business: Businesses = None,
    team: Teams = None,
    agent: AgentName = None,
    oidc: Annotated[
        str | None, typer.Option(help="Mail address, or issuer|subject, at the identity provider.")
    ] = None,
) -> None:
    """Make an account; the first one must be an administrator. The password is asked for.

    Programs give it in CALLQA_NEW_PASSWORD. With --oidc and no password the account opens through the
    identity provider only.

    Example: callqa users add li --role reviewer --business loans
    """
    from .privacy.accounts import add_account

    password = new_password(optional=oidc is not None)
    made = add_account(
        _store(create=True),
        name,
        _role(role),
        by=acting_name(),
        password=password,
        oidc=oidc,
        businesses=business or (),
        teams=team or (),
        agent=agent,
    )
    typer.echo(f"account {made.name} made: {made.role}")


@app.command("list")
def list_(json: Json = False) -> None:
    """Show all accounts.

    Example: callqa users list
    """
    from dataclasses import asdict

    from .privacy.accounts import list_accounts

    rows = list_accounts(_store())
    if json:
        print_json([asdict(row) for row in rows])
        return
    for row in rows:
        reach = [*row.businesses, *row.teams, *([row.agent] if row.agent else [])]
        words = [row.role, ", ".join(reach) or "all calls", "disabled" if row.disabled else ""]
        typer.echo(f"{row.name:<20} " + "  ".join(word for word in words if word))
    if not rows:
        typer.echo("no accounts: callqa users add NAME --role admin makes the first", err=True)


@app.command()
def passwd(name: Name) -> None:
    """Give an account a new password; its sessions end, a lock too.

    Example: callqa users passwd li
    """
    from .privacy.accounts import get_account, set_password

    store = _store()
    get_account(store, name)
    set_password(store, name, new_password() or "", by=acting_name())
    typer.echo(f"{name} has a new password")


@app.command()
def disable(
    name: Name, enable: Annotated[bool, typer.Option("--enable", help="Open it again.")] = False
) -> None:
    """Close an account at once, wherever it is signed in; it is never deleted.

    Example: callqa users disable li
    """
    from .privacy.accounts import set_disabled

    set_disabled(_store(), name, not enable, by=acting_name())
    typer.echo(f"{name} is {'open' if enable else 'closed'}")


@app.command()
def scope(
    name: Name,
    role: Annotated[str | None, typer.Option("--role", help="Another role; default: as it is.")] = None,
    business: Businesses = None,
    team: Teams = None,
    agent: AgentName = None,
) -> None:
    """Set which calls an account reaches (all, without options), and its role.

    Example: callqa users scope li --business loans --team north
    """
    from .privacy.accounts import get_account, set_access

    store = _store()
    chosen = _role(role) if role else get_account(store, name).role
    set_access(
        store,
        name,
        by=acting_name(),
        role=chosen,
        businesses=business or (),
        teams=team or (),
        agent=agent,
    )
    typer.echo(f"{name}: {chosen}, {', '.join([*(business or ()), *(team or ())]) or agent or 'all calls'}")


@app.command()
def token(
    name: Name,
    days: Annotated[float, typer.Option(min=0.01, max=730, help="How long it holds.")] = 90,
    label: Annotated[str, typer.Option(help="What it is for.")] = "",
) -> None:
    """Make a token: a program that has it in CALLQA_TOKEN acts as this account. It is shown once.

    Example: callqa users token nightly --days 30 --label cron
    """
    from .privacy.sessions import make_token

    typer.echo(make_token(_store(), name, days, label, by=acting_name()))


def new_password(*, optional: bool = False) -> str | None:
    """From the environment, else asked for twice; None when it may be left out and is."""
    given = os.environ.get("CALLQA_NEW_PASSWORD")
    if given:
        return given
    if not sys.stdin.isatty():
        if optional:
            return None
        raise UsageError("no terminal to ask for a password at; set CALLQA_NEW_PASSWORD")
    return typer.prompt("Password", hide_input=True, confirmation_prompt=True, default="") or None


def _role(word: str) -> "Role":
    from .privacy.roles import Role

    try:
        return Role(word)
    except ValueError:
        raise UsageError(f"no such role: {word}; use one of {', '.join(Role)}") from None


def _store(*, create: bool = False) -> "Store":
    return open_database(load_settings(), create=create)
