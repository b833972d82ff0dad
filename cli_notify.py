"""Announcements to other systems on the command line."""

from typing import Annotated

import typer

from .cli_common import Json, load_settings, open_database, print_json

app = typer.Typer(no_args_is_help=True, help="Webhooks and mail: what other systems are told.")


@app.command()
def deliver(
    retry: Annotated[bool, typer.Option("--retry", help="Also what was given up.")] = False,
) -> None:
    """Pass overdue cases upwards and deliver what waits; workers and the dashboard do so while they run.

    Example: callqa notify deliver
    """
    from .store.announcements import retry_given_up
    from .voice.duties import deliver as deliver_now
    from .voice.duties import escalate

    store = open_database(load_settings())
    if retry:
        typer.echo(f"{retry_given_up(store)} put back")
    if passed := escalate(store):
        typer.echo(f"{passed} overdue cases passed upwards")
    done = deliver_now(store)
    typer.echo(f"{done.delivered} delivered, {done.failed} to be tried again, {done.given_up} given up")


@app.command()
def status(json: Json = False) -> None:
    """What waits, was delivered or given up, by receiver.

    Example: callqa notify status
    """
    from .store.announcements import outbox_counts

    counts = outbox_counts(open_database(load_settings()))
    if json:
        print_json([{"receiver": e, "state": s, "count": n} for (e, s), n in sorted(counts.items())])
        return
    for (endpoint, state), count in sorted(counts.items()):
        typer.echo(f"{count:>7}  {endpoint} {state}")
    if not counts:
        typer.echo("nothing was announced; CALLQA_NOTIFY names the file of receivers", err=True)
