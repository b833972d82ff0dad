"""An evaluation: every labelled call scored, and the figures of all of them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ..transcribe.types import Role
from .confusion import Confusion, characters_heard, most_common, words_heard
from .heard import Heard
from .judged import Judged, Share, judge
from .redacted import Leak, leaks
from .speech import ROLES, diarization_errors, role_seconds, said_by, text_errors
from .truth import Truth

Figures = Mapping[str, float | None]
PERFECT = "perfect transcripts"
"""The source of an evaluation whose words are the true ones."""


@dataclass(frozen=True)
class CallScore:
    """One call: how it was heard and how its flags were judged."""

    truth: Truth
    call: Heard
    counts: Counter[str]
    judged: Judged
    leaks: tuple[Leak, ...]

    @property
    def badness(self) -> float:
        """Which calls to hear first: wrong and missed flags, then words that were not understood."""
        flags = len(self.judged.missed) + len(self.judged.wrong) + 2 * len(self.judged.forbidden)
        return flags + 10 * (rate(self.counts, "edits", "characters") or 0.0) + 3 * len(self.leaks)


@dataclass(frozen=True, slots=True)
class RuleScore:
    """One rule on all calls; ``forbidden`` counts flags where the truth says that there is nothing."""

    check: str
    recall: Share
    precision: Share
    forbidden: int


@dataclass(frozen=True)
class Evaluation:
    """All scored calls. ``missing`` are labelled calls of which nothing was heard."""

    calls: tuple[CallScore, ...]
    missing: tuple[str, ...]
    source: str
    """Where the results come from: the rulebook's hash, a file, models."""

    @cached_property
    def groups(self) -> dict[str, tuple[CallScore, ...]]:
        """All calls, two-channel and mono ones; only groups with calls in them."""
        groups = {
            "all": self.calls,
            "two channels": tuple(c for c in self.calls if c.call.channels > 1),
            "mono": tuple(c for c in self.calls if c.call.channels == 1),
        }
        if self.source.startswith(PERFECT):
            groups = {"all": self.calls}
        return {name: calls for name, calls in groups.items() if calls}

    @cached_property
    def rules(self) -> tuple[RuleScore, ...]:
        """Every check that was expected or raised, in order of its name."""
        tally: dict[str, Counter[str]] = {}
        for call in self.calls:
            if call.truth.expected is not None:
                _tally(call.judged, tally)
        return tuple(
            RuleScore(
                check,
                Share(n["found"], n["found"] + n["missed"]),
                Share(n["right"], n["right"] + n["wrong"]),
                n["forbidden"],
            )
            for check, n in sorted(tally.items())
        )

    @cached_property
    def styles(self) -> dict[str, Share]:
        """Recall by how things are said, where the truth tells."""
        found = Counter(e.style for c in self.calls for e in c.judged.found if e.style)
        missed = Counter(e.style for c in self.calls for e in c.judged.missed if e.style)
        return {style: Share(found[style], found[style] + missed[style]) for style in sorted(found | missed)}

    @property
    def leaks(self) -> tuple[Leak, ...]:
        return tuple(leak for call in self.calls for leak in call.leaks)

    def worst(self, limit: int) -> list[CallScore]:
        """The calls with most to hear, worst first; calls without an error are left out."""
        ordered = sorted(self.calls, key=lambda c: (-c.badness, c.truth.name))
        return [call for call in ordered[:limit] if call.badness > 0]

    def confusions(self, limit: int) -> tuple[list[Confusion], list[Confusion]]:
        """The most frequent confusions of characters and of words."""
        characters: Counter[tuple[str, str]] = Counter()
        words: Counter[tuple[str, str]] = Counter()
        for call in self.calls:
            for role in ROLES:
                said, heard = said_by(call.truth.turns, role), said_by(call.call.utterances, role)
                if said and heard:
                    characters += characters_heard(said, heard)
                    words += words_heard(said, heard)
        return most_common(characters, limit), most_common(words, limit)


def evaluate(truths: Mapping[str, Truth], calls: Iterable[Heard], source: str) -> Evaluation:
    """Score every call that is named like a truth (see ``heard.matched``)."""
    real = not source.startswith(PERFECT)
    ordered = sorted(calls, key=lambda c: c.name)
    scored = tuple(score_call(truths[call.name], call, heard=real) for call in ordered)
    known = {call.call.name for call in scored}
    return Evaluation(scored, tuple(name for name in truths if name not in known), source)


def score_call(truth: Truth, call: Heard, *, heard: bool = True) -> CallScore:
    """``heard`` is False for perfect transcripts, of which only flags and redaction say anything."""
    counts: Counter[str] = Counter({"calls": 1})
    if heard and truth.has_text:
        counts.update(text_errors(truth.turns, call.utterances))
    if heard:
        counts.update(diarization_errors(truth.turns, call.utterances))
    if heard and truth.has_roles:
        counts.update(role_seconds(truth.turns, call.utterances))
    judged = judge(truth, call.flags)
    if truth.expected is not None:
        counts.update(found=len(judged.found), expected=len(judged.found) + len(judged.missed))
        counts.update(right=len(judged.right), raised=len(judged.right) + len(judged.wrong))
        counts.update(forbidden=len(judged.forbidden))
    checked, left = leaks(truth, call)
    counts.update(personal=checked)
    return CallScore(truth, call, counts, judged, left)


def figures(calls: Sequence[CallScore]) -> dict[str, float | None]:
    """The figures of a group of calls; None for what its truth does not say."""
    total: Counter[str] = Counter()
    for call in calls:
        total.update(call.counts)
    return {
        "calls": total["calls"],
        "CER": rate(total, "edits", "characters"),
        "CER by role": _by_role(total),
        "CER agent": rate(total, f"edits {Role.AGENT}", f"characters {Role.AGENT}"),
        "CER customer": rate(total, f"edits {Role.CUSTOMER}", f"characters {Role.CUSTOMER}"),
        "DER": rate(total, "wrong", "speech"),
        "role accuracy": rate(total, "right role", "judged"),
        "flag recall": rate(total, "found", "expected"),
        "flag precision": rate(total, "right", "raised"),
        "hard negatives raised": total["forbidden"],
        "personal data left": sum(len(call.leaks) for call in calls),
        "personal data checked": total["personal"],
    }


def rate(counts: Mapping[str, float], part: str, whole: str) -> float | None:
    """A share to four places; None when there is nothing to share."""
    return round(counts[part] / counts[whole], 4) if counts.get(whole) else None


def _by_role(total: Mapping[str, float]) -> float | None:
    edits = sum(total.get(f"edits {role}", 0) for role in ROLES)
    characters = sum(total.get(f"characters {role}", 0) for role in ROLES)
    return round(edits / characters, 4) if characters else None


def _tally(judged: Judged, tally: dict[str, Counter[str]]) -> None:
    for kind, checks in (
        ("found", [e.check.rpartition(".")[2] for e in judged.found]),
        ("missed", [e.check.rpartition(".")[2] for e in judged.missed]),
        ("right", [f.rule.rpartition(".")[2] for f in judged.right]),
        ("wrong", [f.rule.rpartition(".")[2] for f in judged.wrong]),
        ("forbidden", [f.rule.rpartition(".")[2] for f in judged.forbidden]),
    ):
        for check in checks:
            tally.setdefault(check, Counter())[kind] += 1
