"""Terms and expressions in other texts than utterances: clause by clause, or a whole range as one text."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate

from .document import Document
from .hits import Hit
from .rule import Keywords, Patterns
from .scan import Plan, Scan
from .words import cuts_word


def find_in_clauses(
    finder: Patterns, plan: Plan, doc: Document, scan: Scan, lines: Sequence[int]
) -> Iterator[Hit]:
    """Matches of expressions that take each clause for a text of its own (``^`` and ``$`` are its ends)."""
    for line in lines:
        for start, end in doc.clauses(line):
            for first, last, exact in scan.in_text(plan.expressions, doc.text[start:end]):
                yield Hit(line, start + first, start + last, "regex" if exact else str(finder.precision))


def find_merged(
    finder: Keywords | Patterns, plan: Plan, doc: Document, scan: Scan, lines: Sequence[int]
) -> Iterator[Hit]:
    """Hits in all of ``lines`` joined to one text; one may reach over several utterances."""
    merged = _Merged(doc, lines)
    if isinstance(finder, Patterns):
        for first, last, exact in scan.in_text(plan.expressions, merged.text):
            yield merged.hit(first, last, "regex" if exact else str(finder.precision))
        return
    for number, first, last, exact in scan.terms_in(plan, merged.text):
        term = scan.term(number)
        if not (term.boundary and cuts_word(merged.text, first, last)):
            yield merged.hit(first, last, "exact" if exact else str(term.precision), term.text)


class _Merged:
    """Lines joined without anything between them, with the way back."""

    def __init__(self, doc: Document, lines: Sequence[int]) -> None:
        self._doc = doc
        self._lines = lines
        self.text = "".join(doc.lines[line] for line in lines)
        self._ends = list(accumulate(len(doc.lines[line]) for line in lines))

    def hit(self, first: int, last: int, match: str, about: str = "") -> Hit:
        return Hit(self._line(first), self._place(first), self._place(last - 1) + 1, match, about)

    def _line(self, at: int) -> int:
        return self._lines[bisect_right(self._ends, at)]

    def _place(self, at: int) -> int:
        line = bisect_right(self._ends, at)
        return self._doc.starts[self._lines[line]] + at - (self._ends[line - 1] if line else 0)
