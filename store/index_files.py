"""Where the candidate index of backtests lies, and how what it holds of a recording is removed at once."""

from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

FOLDER = "index"
SUFFIX = ".calls"


def index_file(folder: Path, part: int, span: int) -> Path:
    """The file of the recordings numbered from ``part * span`` to below ``(part + 1) * span``."""
    return folder / f"{part:08d}-{span}{SUFFIX}"


def forget_indexed(home: Path, numbers: Collection[int] | None = None) -> int:
    """Remove every index file that holds one of these recordings (all, without numbers); returns how many.

    The index is a copy that the next backtest makes anew from what the database holds then. Call it after
    erasing, so that no erased text stays on disk until somebody asks for a backtest.
    """
    gone = 0
    for file in sorted((home / FOLDER).glob("*/*")):
        if numbers is None or _may_hold(file, numbers):
            with suppress(FileNotFoundError):
                file.unlink()
                gone += 1
    return gone


def _may_hold(file: Path, numbers: Collection[int]) -> bool:
    """Files that are not whole, or not to be understood, may hold anything."""
    part, _, span = file.stem.partition("-")
    if file.suffix != SUFFIX or not (part.isdecimal() and span.isdecimal() and int(span)):
        return True
    return any(number // int(span) == int(part) for number in numbers)
