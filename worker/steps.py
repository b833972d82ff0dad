"""The time each step of one attempt began and took."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from ..store.attempts import Step


@dataclass
class Steps:
    """Begun with the claim; ``taken`` holds what is over."""

    begun: float = field(default_factory=time.perf_counter)
    taken: list[Step] = field(default_factory=list)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.add(name, start, time.perf_counter() - start)

    def add(self, name: str, start: float, seconds: float) -> None:
        """``start`` by time.perf_counter; ``seconds`` may be the recording's share of a common step."""
        self.taken.append((name, round(start - self.begun, 3), round(seconds, 3)))

    @property
    def seconds(self) -> dict[str, float]:
        """By name; what was done twice counts twice."""
        total: dict[str, float] = {}
        for name, _, seconds in self.taken:
            total[name] = round(total.get(name, 0.0) + seconds, 3)
        return total
