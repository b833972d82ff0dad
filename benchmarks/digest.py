"""Does the digest find planted rises, and stay quiet on a flat month? Generated months, real counting.

    python benchmarks/digest.py --seeds 20 [--beside calls/truth]

makes months of 20,000 calls of made-up customers' sentences, plants rises on the last day, counts terms and
channels as the digest does, and prints where the planted ones came in and how many channels raised an
alarm. With --beside, labelled calls (a folder of truth files) are mixed in: one call in ten is one of them.
"""

import argparse
import json
import platform
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import rjieba

from callqa.evaluate.truth import read_truths
from callqa.voice.rising import Counts, rising
from callqa.voice.terms import terms_of

DAYS = 28
CHANNELS = {
    "delivery": ("快递", "包裹", "物流", "派送", "签收", "驿站", "运单", "中转", "延误", "快递员"),
    "refund": ("退款", "退货", "到账", "原路返回", "运费", "仅退款", "审核", "退回", "售后", "换货"),
    "billing": ("话费", "扣费", "账单", "套餐", "流量", "月租", "滞纳金", "发票", "多扣", "余额"),
    "quality": ("质量", "异响", "漏水", "开不了机", "屏幕", "掉漆", "色差", "做工", "零件", "保修"),
    "attitude": ("态度", "语气", "挂断", "敷衍", "骂人", "推来推去", "没人管", "排队", "等待", "转接"),
    "fraud": ("验证码", "转账", "被骗", "冻结", "盗刷", "陌生链接", "报警", "冒充", "贷款", "征信"),
}
PLANTED = ("充电器漏电", "门锁失灵", "会员自动续费", "优惠券消失", "快递柜超时收费")
TALK = (
    "你好我想问一下",
    "就是那个",
    "我跟你说",
    "麻烦你帮我查一下",
    "已经好几天了",
    "到底什么时候能解决",
    "我真的很着急",
)


def month(
    seed: int, calls: int, rise: bool, beside: Sequence[str] = ()
) -> tuple[list[list[str]], list[list[str]]]:
    """Texts by day, the last day being today, and the channel of each call."""
    rng = np.random.default_rng(seed)
    names, shares = list(CHANNELS), rng.dirichlet(np.full(len(CHANNELS), 20.0))
    texts: list[list[str]] = []
    channels: list[list[str]] = []
    for day in range(DAYS + 1):
        picked = rng.choice(len(names), size=int(rng.normal(calls / (DAYS + 1), 20)), p=shares)
        said = [_call(rng, names[i], day == DAYS and rise) for i in picked]
        if beside:
            said = [str(rng.choice(beside)) if rng.random() < 0.1 else text for text in said]
        texts.append(said)
        channels.append([names[i] for i in picked])
    return texts, channels


def _call(rng: np.random.Generator, channel: str, today: bool) -> str:
    words = rng.choice(CHANNELS[channel], size=3, replace=False)
    parts = [f"{rng.choice(TALK)}，{word}的问题" for word in words]
    chance = 0.03 if today else 0.006
    parts += [f"还有{phrase}" for phrase in PLANTED if rng.random() < chance]
    return "，".join(parts)


def counts_of(days: list[list[set[str]]]) -> Counts:
    terms = sorted(set().union(*(call for day in days for call in day)))
    place = {term: i for i, term in enumerate(terms)}
    table = np.zeros((len(days), len(terms)), dtype=np.int64)
    for row, day in enumerate(days):
        for call in day:
            table[row, [place[term] for term in call]] += 1
    sizes = np.array([len(day) for day in days])
    return Counts(terms, table[-1], int(sizes[-1]), table[:-1], sizes[:-1])


def one(seed: int, calls: int, beside: Sequence[str] = ()) -> dict[str, Any]:
    texts, _ = month(seed, calls, rise=True, beside=beside)
    found = [rise.term for rise in rising(counts_of([[set(terms_of(t)) for t in day] for day in texts]))[:30]]
    places = {phrase: _place(found, phrase) for phrase in PLANTED}
    _, flat = month(seed + 10_000, calls, rise=False)
    alarms = [rise.term for rise in rising(counts_of([[{c} for c in day] for day in flat])) if rise.is_alarm]
    return {"seed": seed, "calls": sum(map(len, texts)), "places": places, "alarms": alarms}


def _place(found: list[str], phrase: str) -> int | None:
    """Among the stories found, terms of one planted phrase being one story, where this one came in."""
    stories: list[str] = []
    for term in found:
        story = next((one for one in PLANTED if _belongs(term, one)), term)
        if story not in stories:
            stories.append(story)
    return stories.index(phrase) + 1 if phrase in stories else None


def _belongs(term: str, phrase: str) -> bool:
    return term in phrase or any(token in term for token in rjieba.cut(phrase) if len(token) > 1)


def customers(folder: Path) -> list[str]:
    """What the customer of each labelled call says."""
    truths = read_truths(folder).values()
    return ["，".join(turn.text for turn in truth.turns if turn.role == "customer") for truth in truths]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--calls", type=int, default=20_000)
    parser.add_argument("--beside", type=Path, help="Folder of truth files whose customers are mixed in.")
    parser.add_argument("--out", type=Path, help="Write JSON here.")
    args = parser.parse_args()
    beside = customers(args.beside) if args.beside else []
    started, rows = time.process_time(), []
    for seed in range(args.seeds):
        row = one(seed, args.calls, beside)
        rows.append(row)
        places = list(row["places"].values())
        print(f"seed {seed}: {row['calls']} calls, planted at {places}, alarms {row['alarms']}")
    worst = max((place or 99) for row in rows for place in row["places"].values())
    alarms = sum(bool(row["alarms"]) for row in rows)
    seconds = time.process_time() - started
    print(f"worst place of a planted rise: {worst}; flat months with an alarm: {alarms} of {len(rows)}")
    print(f"{seconds:.0f} CPU-seconds, Python {platform.python_version()} on {platform.machine()}")
    if args.out:
        result = {"rows": rows, "worst": worst, "alarms": alarms, "cpu_seconds": seconds}
        args.out.write_text(json.dumps(result, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
