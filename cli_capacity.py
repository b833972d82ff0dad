"""``callqa capacity``: how many cores, GPUs and how much disk a day of calls needs, from measured rates."""

from typing import TYPE_CHECKING, Annotated

import typer

from .cli_common import Json, Since, load_settings, print_json
from .errors import UsageError

if TYPE_CHECKING:
    from .settings import Settings
    from .worker.capacity import Bytes, Capacity, Disk, Machines, Speed


def capacity(
    hours: Annotated[float, typer.Option(help="Hours of sound a day.")] = 30_000,
    night: Annotated[float, typer.Option(help="Hours in which they shall be done.")] = 8,
    days: Annotated[int, typer.Option(help="Days that results are kept.")] = 365,
    reserve: Annotated[float, typer.Option(help="Share added for repeats and slow nights.")] = 0.25,
    speed: Annotated[
        float | None, typer.Option(help="Times real time of one worker, instead of what was measured here.")
    ] = None,
    device: Annotated[str, typer.Option(help="With --speed: cpu or cuda.")] = "cpu",
    cores: Annotated[float | None, typer.Option(help="Cores that one worker on the CPU takes.")] = None,
    workers_a_gpu: Annotated[int, typer.Option(min=1, help="Workers that share a GPU.")] = 1,
    database_mb: Annotated[
        float | None, typer.Option(help="MB of database for an hour of sound, instead of what was measured.")
    ] = None,
    recordings_mb: Annotated[
        float | None, typer.Option(help="MB of recordings for an hour of sound, likewise.")
    ] = None,
    since: Since = None,
    json: Json = False,
) -> None:
    """Cores or GPUs, and disk, for a day of calls; from what the calls in this database took (or --speed).

    Without a measurement there is no figure: run some calls first, best a thousand of your own, on the
    machine you mean to use.

    Example: callqa capacity --hours 30000 --night 8
    """
    from .worker.capacity import Want
    from .worker.capacity import capacity as reckon

    want, settings = Want(hours, night, days, reserve), load_settings()
    if device not in ("cpu", "cuda"):
        raise UsageError(f"no such device: {device}; use cpu or cuda")
    speeds, per_hour, notes = _measured(settings, since.date() if since else None, cores)
    if speed is not None:
        from .worker.capacity import Speed

        speeds = [Speed(speed, device, cores, "--speed")]
    if not speeds:
        raise UsageError(
            "nothing was measured: this database has no calls that were transcribed here. Run some of yours "
            "(callqa run recordings/), or say how fast a worker is (--speed; benchmarks/gpu.py measures it)"
        )
    found = reckon(
        want, speeds, _given(per_hour, database_mb, recordings_mb), workers_a_gpu=workers_a_gpu, notes=notes
    )
    if json:
        from dataclasses import asdict

        print_json(asdict(found))
    else:
        _show(found)


def _measured(
    settings: "Settings", since: object, cores: float | None
) -> "tuple[list[Speed], Bytes, list[str]]":
    import os

    from .store import is_there, open_store
    from .store.rates import host_rates, stored
    from .worker.capacity import Bytes, bytes_of, cautions, folder_bytes, speeds_of
    from .worker.identity import host_name

    url = settings.resolved_database_url
    if not is_there(url):
        return [], Bytes(), []
    store = open_store(url)
    try:
        rates, lying = host_rates(store, since), stored(store)  # type: ignore[arg-type]
    finally:
        store.close()
    speeds = speeds_of(rates, host_name(), os.cpu_count() or 1, cores)
    return speeds, bytes_of(lying, folder_bytes(settings.home / "index")), cautions(rates, lying)


def _given(measured: "Bytes", database_mb: float | None, recordings_mb: float | None) -> "Bytes":
    from dataclasses import replace

    changes = {"database": database_mb, "recordings": recordings_mb}
    return replace(measured, **{name: mb * 1e6 for name, mb in changes.items() if mb is not None})


def _show(found: "Capacity") -> None:
    want = found.want
    typer.echo(
        f"{want.hours:,.0f} hours of sound a day in {want.night:g} hours, {want.reserve:.0%} in reserve"
    )
    for machines in found.machines:
        _show_machines(machines)
    _show_disk(found.disk, want.days)
    for note in found.notes:
        typer.echo(f"note: {note}", err=True)


def _show_machines(machines: "Machines") -> None:
    speed = machines.speed
    typer.echo(f"\n{speed.device}: one worker does {speed.times:.2f} times real time ({speed.source})")
    typer.echo(f"  worker hours a day   {machines.worker_hours:>12,.0f}")
    typer.echo(f"  workers              {machines.workers:>12,}")
    if machines.gpus is not None:
        typer.echo(f"  GPUs                 {machines.gpus:>12,}")
    elif machines.cores is not None:
        typer.echo(f"  cores                {machines.cores:>12,}  ({speed.cores:g} a worker)")
    else:
        typer.echo("  cores                     unknown  (--cores says how many a worker takes)")


def _show_disk(disk: "Disk", days: int) -> None:
    from .dashboard.sound import CACHE_BYTES

    rows = (
        (f"database, {days} days", disk.database, "TB", 1e12),
        ("search index for backtests", disk.index, "TB", 1e12),
        ("recordings, a day", disk.recordings_a_day, "GB", 1e9),
        ("read during the night", disk.read_a_second, "MB/s", 1e6),
    )
    typer.echo("\ndisk")
    for name, value, unit, size in rows:
        shown = "not measured" if value is None else f"{value / size:,.3f} {unit}"
        typer.echo(f"  {name:<28}{shown:>18}")
    typer.echo(f"  {'cache of sound for the page':<28}{f'{CACHE_BYTES / 1e9:,.1f} GB':>18}  at most")


def add_to(app: typer.Typer) -> None:
    app.command()(capacity)
