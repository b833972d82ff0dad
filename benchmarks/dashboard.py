"""How fast the dashboard answers over a big store: every page with its filters, p50 and p95.

    python benchmarks/dashboard.py                       # 200,000 calls, 15 million utterances
    python benchmarks/dashboard.py --calls 2000 --runs 5

The store (3.5 GB at full size) is made in the cache folder (``--folder``) and used again while size and
tables stay the same. What
is timed is the server's whole answer: the page's script from the first query to the last element, in this
process (Streamlit's AppTest), with addresses drawn by chance from what is in the store. The browser's
drawing is not in it. Limits are those of the project: 1 s a page or filter, 0.5 s a call, 0.3 s the next.
"""

import argparse
import hashlib
import json
import logging
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import platformdirs

from callqa.benchmarks.big_store import BUSINESSES, DAYS, LAST_DAY, TEAMS, make

Address = dict[str, Any]
_STORE_CODE = Path(__file__).parents[1] / "store"
DRAFT = "十二月调整"
_SCRIPT = "from callqa.dashboard.{module} import {name}_page\n{name}_page()"


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of click: which page, with an address drawn by chance; ``limit`` in seconds."""

    name: str
    page: str
    address: Callable[[random.Random], Address]
    limit: float = 1.0


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds; ``cpu`` is of this process, a run."""

    name: str
    runs: int
    p50: float
    p95: float
    most: float
    cpu: float
    limit: float

    @property
    def holds(self) -> bool:
        return self.p95 <= self.limit


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--calls", type=int, default=200_000)
    parser.add_argument("--lines", type=int, default=75, help="utterances a call")
    parser.add_argument("--runs", type=int, default=20, help="how often each case is timed")
    parser.add_argument("--folder", type=Path, default=Path(platformdirs.user_cache_path("callqa")) / "bench")
    parser.add_argument("--only", default="", help="cases whose name has this")
    parser.add_argument("--json", type=Path, help="write the figures there too")
    arguments = parser.parse_args()
    home = store_home(arguments.folder, arguments.calls, arguments.lines)
    os.environ["CALLQA_HOME"] = str(home)
    timings = []
    print(f"{'':42}{'p50':>8}{'p95':>8}{'max':>8}{'CPU':>8}{'limit':>8}")
    if any(case.page == "search" and arguments.only in case.name for case in cases(arguments.calls)):
        make_index()
    make_draft()
    for case in cases(arguments.calls):
        if arguments.only in case.name:
            timings.append(timed(case, arguments.runs))
            print(line(timings[-1]), flush=True)
    if arguments.json:
        rows = [asdict(t) | {"holds": t.holds} for t in timings]
        about = {"calls": arguments.calls, "lines": arguments.lines, "cores": os.cpu_count()}
        arguments.json.write_text(json.dumps(about | {"timings": rows}, indent=1) + "\n", encoding="utf-8")
    sys.exit(0 if all(t.holds for t in timings) else 1)


def store_home(folder: Path, calls: int, lines: int) -> Path:
    """The data folder of a store of that size; made when there is none for the tables as they are now."""
    home = folder / f"calls-{calls}-{lines}-{_tables()}"
    file = home / "callqa.db"
    if not file.exists():
        home.mkdir(parents=True, exist_ok=True)
        begun = time.monotonic()
        print(f"making a store of {calls:,} calls in {home}", file=sys.stderr)
        make(file, calls, lines)
        size = file.stat().st_size / 1e9
        print(f"made in {time.monotonic() - begun:.0f} s, {size:.1f} GB", file=sys.stderr)
    return home


def cases(calls: int) -> Iterator[Case]:
    """Every page, and every filter that a page has."""
    yield from _day_pages()
    yield from _list_page()

    def anyone(chance: random.Random) -> Address:
        return {"call": str(_call(chance, calls))}

    yield Case("call", "review", anyone, 0.5)
    yield Case("call in a list of open ones", "review", lambda c: anyone(c) | {"verdict": "open"}, 0.5)
    yield Case("call in a list of one rule", "review", lambda c: anyone(c) | {"rule": _rule(c)}, 0.5)
    yield Case("next call", "review", lambda c: {"verdict": "open"}, 0.3)
    yield from _search_page()
    yield Case("rules", "rules", lambda c: {})
    yield Case("one rule", "rules", lambda c: {"one": _rule(c)})
    yield from _editor_page()
    yield Case("history", "history", lambda c: {})
    yield Case("batch", "batch", lambda c: {})
    yield from _voice_and_quality_pages()
    for page in ("users", "audit"):
        yield Case(page, page, lambda c: {})


def _day_pages() -> Iterator[Case]:
    for days in (1, 7, 30):
        yield Case(f"overview, {days} days", "day", lambda c, days=days: _days(c, days))  # type: ignore[misc]
    yield Case("overview of a business", "day", lambda c: _days(c, 30) | {"business": c.choice(BUSINESSES)})
    yield Case("overview of a team", "day", lambda c: _days(c, 30) | {"team": _team(c)})
    for page in ("agents", "teams"):
        for days in (7, 30):
            yield Case(f"{page}, {days} days", page, lambda c, days=days: _days(c, days))  # type: ignore[misc]
    yield Case("agents of a team", "agents", lambda c: _days(c, 30) | {"team": _team(c)})
    yield Case("one agent", "agents", lambda c: _days(c, 30) | {"who": c.choice(_agents())})
    yield Case("one team", "teams", lambda c: _days(c, 30) | {"who": _team(c)})


def _list_page() -> Iterator[Case]:
    filters: dict[str, Callable[[random.Random], Address]] = {
        "all": lambda c: {},
        "to review": lambda c: {"verdict": "open"},
        "reviewed": lambda c: {"verdict": "judged"},
        "with false alarms": lambda c: {"verdict": "false_alarm"},
        "severity": lambda c: {"severity": c.choice(("critical", "high", "medium"))},
        "rule": lambda c: {"rule": _rule(c)},
        "rule and severity": lambda c: {"rule": _rule(c), "severity": "high"},
        "business": lambda c: {"business": c.choice(BUSINESSES)},
        "team": lambda c: {"team": _team(c)},
        "agent": lambda c: {"agent": c.choice(_agents())},
        "score": lambda c: {"max_score": str(c.randrange(40, 100))},
        "days": lambda c: _days(c, c.choice((1, 7))),
        "status": lambda c: {"status": c.choice(("failed", "queued", "inspected"))},
        "doubtful": lambda c: {"doubtful": "1"},
        "name": lambda c: {"q": f"{c.randrange(200000):07}"},
        "team, rule and days": lambda c: {"team": _team(c), "rule": _rule(c)} | _days(c, 7),
        "open of a business, days": lambda c: (
            {"verdict": "open", "business": c.choice(BUSINESSES)} | _days(c, 7)
        ),
        "a late page": lambda c: {"page": str(c.randrange(50, 500))},
        "newest": lambda c: {"order": "newest"},
        "lowest score": lambda c: {"order": "score", "verdict": "open"},
        "by name": lambda c: {"order": "name"},
    }
    for name, address in filters.items():
        yield Case(f"list: {name}", "calls", address)


def _editor_page() -> Iterator[Case]:
    def rule(chance: random.Random) -> Address:
        return {"draft": DRAFT, "file": _rule(chance).replace(".", "/") + ".yaml"}

    yield Case("editor: a rule", "editor", rule)
    yield Case("editor: a rule as YAML", "editor", lambda c: rule(c) | {"mode": "yaml"})
    yield Case("editor: a list", "editor", lambda c: {"draft": DRAFT, "file": f"lists/{c.choice(_lists())}"})
    for step in ("changes", "backtest", "publish"):
        yield Case(f"editor: {step}", "editor", lambda c, step=step: {"draft": DRAFT, "step": step})  # type: ignore[misc]


def _voice_and_quality_pages() -> Iterator[Case]:
    for days in (7, 30):
        yield Case(f"causes, {days} days", "causes", lambda c, days=days: _days(c, days))  # type: ignore[misc]
    yield Case("digest", "digest", lambda c: {"day": _days(c, 1)["since"]})
    for page in ("cases", "listening", "appeals"):
        yield Case(page, page, lambda c: {})
    for tab in ("samples", "forms", "calibration", "misses"):
        yield Case(f"quality: {tab}", "quality", lambda c, tab=tab: {"tab": tab})  # type: ignore[misc]


def _search_page() -> Iterator[Case]:
    queries: dict[str, tuple[str, ...]] = {
        "a word": ("退款", "投诉", "工号", "验证码", "快递"),
        "two words": ("退款 投诉", "客服 电话", "订单 地址"),
        "a phrase": ("不归我管", "我要投诉", "稍等一下"),
        "pinyin": ("tuikuan", "~投诉", "kefu"),
        "near": ("退款 NEAR/10 投诉", "您好 NEAR/5 工号", "退款 BEFORE/30s 投诉"),
        "without": ("退款 -运费", "投诉 -客户"),
        "what nobody says": ("量子纠缠",),
    }
    for name, choices in queries.items():
        yield Case(
            f"search: {name}",
            "search",
            lambda c, choices=choices: {"find": f"{c.choice(choices)} -{c.randrange(10**9)}"},  # type: ignore[misc]
        )


def make_index() -> None:
    """What the dashboard makes in the background: the candidate index that a search uses."""
    from callqa.dashboard.search_index import SearchIndex
    from callqa.settings import get_settings
    from callqa.store.database import open_store

    store, begun = open_store(get_settings().resolved_database_url), time.process_time()
    SearchIndex(store, get_settings()).refresh(wait=True)
    print(f"search index at hand after {time.process_time() - begun:.0f} s of processor time", flush=True)
    store.close()


def make_draft() -> None:
    """What the editor opens; made once."""
    from callqa.rulebooks.drafts import begin_draft, list_drafts
    from callqa.settings import get_settings
    from callqa.store.database import open_store

    store = open_store(get_settings().resolved_database_url)
    if DRAFT not in {draft.name for draft in list_drafts(store)}:
        begin_draft(store, get_settings(), DRAFT, author="benchmark")
    store.close()


def timed(case: Case, runs: int) -> Timing:
    """Time ``runs`` answers after one that warms up."""
    from streamlit.testing.v1 import AppTest

    logging.getLogger("streamlit").setLevel(logging.ERROR)  # it wonders where its server is
    chance = random.Random(7)
    module = {"teams": "page_agents"}.get(case.page, f"page_{case.page}")
    at = AppTest.from_string(_SCRIPT.format(module=module, name=case.page), default_timeout=120)
    walls, cpus = [], []
    for run in range(runs + 1):
        if case.name != "next call" or not run:
            _go(at, case.address(chance))
        else:
            _next(at)
        wall, cpu = time.perf_counter(), time.process_time()
        at.run()
        if at.exception:
            raise RuntimeError(f"{case.name}: {at.exception[0].message}")
        if run:
            walls.append(time.perf_counter() - wall)
            cpus.append(time.process_time() - cpu)
    walls.sort()
    p95 = walls[min(len(walls) - 1, round(0.95 * (len(walls) - 1)))]
    return Timing(
        case.name, runs, statistics.median(walls), p95, walls[-1], statistics.mean(cpus), case.limit
    )


def line(t: Timing) -> str:
    figures = "".join(f"{1000 * value:8.0f}" for value in (t.p50, t.p95, t.most, t.cpu, t.limit))
    return f"{t.name:42}{figures}  ms{'' if t.holds else '   TOO SLOW'}"


def _go(at: Any, address: Address) -> None:
    for name in list(at.query_params):
        del at.query_params[name]
    for name, value in address.items():
        at.query_params[name] = value


def _next(at: Any) -> None:
    """What the key N does: the call after this one in the same list."""
    data = json.loads(at.get("bidi_component")[0].proto.json)
    at.query_params["call"] = str(data["queue"]["next"])


def _days(chance: random.Random, length: int) -> Address:
    last = LAST_DAY - timedelta(days=chance.randrange(max(1, DAYS - length)))
    return {"since": str(last - timedelta(days=length - 1)), "until": str(last)}


def _team(chance: random.Random) -> str:
    return f"{chance.randrange(TEAMS) + 1}组"


def _call(chance: random.Random, calls: int) -> int:
    """One with a waveform, which every hundredth has."""
    return 100 * chance.randrange(1, max(2, calls // 100))


def _rule(chance: random.Random) -> str:
    from callqa.inspect.rulebook import load_rulebook

    if not _RULES:
        _RULES.extend(rule.id for rule in load_rulebook(Path(__file__).parents[1] / "rules").rules)
    return chance.choice(_RULES)


def _lists() -> list[str]:
    return sorted(path.name for path in (Path(__file__).parents[1] / "rules" / "lists").glob("*.yaml"))


def _agents() -> list[str]:
    from callqa.settings import get_settings
    from callqa.store.database import open_store
    from callqa.store.day_figures import known_values

    if not _AGENTS:
        store = open_store(get_settings().resolved_database_url)
        _AGENTS.extend(known_values(store, "agent"))
        store.close()
    return _AGENTS


_RULES: list[str] = []
_AGENTS: list[str] = []


def _tables() -> str:
    """Changes whenever tables, migrations or what fills them do."""
    digest = hashlib.sha256()
    files = [*_STORE_CODE.glob("*tables.py"), *_STORE_CODE.glob("migrations/versions/*.py")]
    for path in sorted([*files, Path(__file__).with_name("big_store.py")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:10]


if __name__ == "__main__":
    main()
