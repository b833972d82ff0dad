"""Where personal data lies in a conversation: characters of each utterance, by kind."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from ..inspect.entities import PERSONAL, find_entities
from ..settings import get_settings
from ..transcribe.types import Utterance
from .addresses import addresses_in
from .kinds import chosen_kinds
from .names import ASKS_NAME, names_in
from .spoken import Run, corrects, counts_something, is_digit, is_public, run_of, runs_in

MAX_GAP = 20.0
"""Seconds within which the same speaker's next utterance may go on with a number."""
ANSWER_SECONDS = 20.0
"""Within so many seconds what was asked for is said."""
_NUMBER_WANTED = re.compile(
    r"身份证|证件号|卡号|账号|帐号|手机|电话|号码|联系方式|单号|订单|户号|保单|合同号|流水号|车架|验证码|密码|口令|微信|qq",
    re.IGNORECASE,
)
_CODE_WANTED = re.compile(r"验证码|密码|口令|动态码|校验码")
_ORDER = re.compile(r"单号|订单|运单|快递单|工单|户号|保单|合同|案件号|流水|编号|申请号|预约号")
_ORDER_CODE = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{1,4}[-\s]?[0-9]{6,20}(?![A-Za-z0-9])")
_TAIL = re.compile(r"(?:尾号|后[四4]位|末[四4]位|最后[四4]位)(?:就?是|为)?$")
_STAFF = re.compile(r"工号(?:就?是|为)?[：:]?$")
_LOOK_BACK = 14
"""Characters before a number in which the word for it is looked for."""

_Mark = tuple[int, int, str]
"""Start, end and kind."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Characters ``start`` to ``end`` of an utterance's text, one of KINDS.

    ``goes_on`` says that the thing began in an earlier utterance.
    """

    start: int
    end: int
    kind: str
    goes_on: bool = False


def spans_of(
    utterances: Sequence[Utterance], kinds: Collection[str] | None = None
) -> tuple[tuple[Span, ...], ...]:
    """The personal data in each utterance, in order and without overlaps; ``kinds`` as the settings say."""
    wanted = chosen_kinds(get_settings().redact) if kinds is None else frozenset(kinds)
    found: dict[int, list[Span]] = defaultdict(list)
    for chain in _chains(utterances):
        for place, span in _numbers(chain, utterances):
            found[place].append(span)
    _add_addresses(utterances, found)
    _add_names(utterances, found)
    return tuple(_tidy([s for s in found[i] if s.kind in wanted]) for i in range(len(utterances)))


def _chains(utterances: Sequence[Utterance]) -> Iterator[list[int]]:
    """Places of utterances of one speaker that follow closely on one another."""
    chains: dict[tuple[str, str], list[int]] = {}
    for i in sorted(range(len(utterances)), key=lambda i: utterances[i].start):
        key = (utterances[i].speaker, utterances[i].role)
        chain = chains.get(key)
        if chain and utterances[i].start - utterances[chain[-1]].end > MAX_GAP:
            yield chain
            chain = None
        if chain:
            chain.append(i)
        else:
            chains[key] = [i]
    yield from chains.values()


def _numbers(chain: list[int], utterances: Sequence[Utterance]) -> Iterator[tuple[int, Span]]:
    joined = "\n".join(utterances[i].text.replace("\n", " ") for i in chain)
    asked = _Asked(chain, utterances)
    runs = list(runs_in(joined))
    marks = _exact(joined)
    pieces = [piece for run in runs for piece in _pieces(joined, run, marks)]
    marks += [(p.start, p.end, p.kind) for p in pieces if _is_personal(joined, p, asked)]
    marks += [(m.start(), m.end(), "order") for m in _ORDER_CODE.finditer(joined)]
    marks = [_as_order(joined, mark, asked) for mark in marks if not _is_staffs(joined, mark)]
    marks += list(_corrected(joined, runs, marks))
    for start, end, kind in marks:
        yield from _split(start, end, kind, chain, utterances)


def _exact(joined: str) -> list[_Mark]:
    """What is written as digits without a slip: in one line, else over several.

    Lines come first, since a digit that begins the next sentence would spoil a number that is whole.
    """
    marks: list[_Mark] = []
    base = 0
    for line in joined.split("\n"):
        marks += [(base + e.start, base + e.end, e.kind) for e in find_entities(line, PERSONAL)]
        base += len(line) + 1
    whole = [mark for mark in marks if mark[2] != "number"]
    for e in find_entities(joined, PERSONAL):
        if "\n" in joined[e.start : e.end] and not _overlapping(e.start, e.end, whole):
            marks.append((e.start, e.end, e.kind))
    return marks


def _pieces(text: str, run: Run, marks: Sequence[_Mark]) -> Iterator[Run]:
    """What of a run lies outside the exact numbers, as far as it is more than a word that sounds like one."""
    near = sorted(mark for mark in _overlapping(run.start, run.end, marks))
    whole = [mark for mark in near if mark[2] != "number"]
    edges = [run.start, *(edge for start, end, _ in whole for edge in (start, end)), run.end]
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        inside = _overlapping(start, end, near)
        new = [
            i for i in range(start, end) if is_digit(text[i]) and not any(a <= i < b for a, b, _ in inside)
        ]
        if len(new) >= 3:
            yield run_of(text, start, end)


def _overlapping(start: int, end: int, marks: Sequence[_Mark]) -> list[_Mark]:
    return [mark for mark in marks if mark[0] < end and start < mark[1]]


class _Asked:
    """What the other side had asked for just before a place of a chain."""

    def __init__(self, chain: list[int], utterances: Sequence[Utterance]) -> None:
        self._chain, self._utterances = chain, utterances

    def before(self, text: str, at: int) -> str:
        """The words that lead up to a place: the same line's, and the other side's last lines."""
        line_start = text.rfind("\n", 0, at) + 1
        place = self._chain[text.count("\n", 0, at)]
        return _questions(self._utterances, place) + "\n" + text[line_start:at][-30:]


def _questions(utterances: Sequence[Utterance], place: int) -> str:
    """What others said in the seconds before an utterance began."""
    here = utterances[place]
    return "\n".join(
        u.text
        for u in utterances[max(0, place - 4) : place]
        if (u.speaker, u.role) != (here.speaker, here.role) and here.start - u.end < ANSWER_SECONDS
    )


def _is_personal(text: str, run: Run, asked: _Asked) -> bool:
    lead = text[max(0, run.start - _LOOK_BACK) : run.start]
    tail = _TAIL.search(lead) is not None and run.count <= 5
    if tail or _STAFF.search(lead) or is_public(run.digits) or counts_something(text, run):
        return False
    if run.strong >= 5 and run.count >= 7:
        return True
    before = asked.before(text, run.start)
    if _CODE_WANTED.search(before) and run.strong >= 4:
        return True
    return bool(_NUMBER_WANTED.search(before)) and run.strong >= 3 and run.count >= 5


def _is_staffs(text: str, mark: _Mark) -> bool:
    start, _, kind = mark
    return kind == "number" and _STAFF.search(text[max(0, start - _LOOK_BACK) : start]) is not None


def _as_order(text: str, mark: _Mark, asked: _Asked) -> _Mark:
    """A number that is nothing else is an order's where that was the word for it."""
    start, end, kind = mark
    if kind == "number" and _ORDER.search(text[max(0, start - _LOOK_BACK) : start]):
        return start, end, "order"
    if kind == "number" and _ORDER.search(asked.before(text, start)):
        return start, end, "order"
    return mark


def _corrected(text: str, runs: Sequence[Run], marks: Sequence[_Mark]) -> Iterator[_Mark]:
    """Pieces of a number that were said, taken back and said again, or came before a slip."""
    for run in runs:
        if _overlapping(run.start, run.end, marks):
            continue
        for start, end, kind in marks:
            between = text[run.end : start] if run.end <= start else text[end : run.start]
            if len(between) <= 12 and corrects(between) and not counts_something(text, run):
                yield run.start, run.end, kind
                break


def _split(
    start: int, end: int, kind: str, chain: list[int], utterances: Sequence[Utterance]
) -> Iterator[tuple[int, Span]]:
    """The parts of something in each utterance."""
    base, goes_on = 0, False
    for place in chain:
        length = len(utterances[place].text)
        first, last = max(start - base, 0), min(end - base, length)
        if first < last:
            yield place, Span(first, last, kind, goes_on)
            goes_on = True
        base += length + 1


def _add_addresses(utterances: Sequence[Utterance], found: dict[int, list[Span]]) -> None:
    for place, u in enumerate(utterances):
        found[place] += [Span(start, end, "address") for start, end in addresses_in(u.text)]


def _add_names(utterances: Sequence[Utterance], found: dict[int, list[Span]]) -> None:
    """Names where something says that they are, then the same ones wherever they are said."""
    known: set[str] = set()
    for place, u in enumerate(utterances):
        asked = ASKS_NAME.search(_questions(utterances, place)) is not None
        for start, end in names_in(u.text, asked, {s.start for s in found[place]}):
            found[place].append(Span(start, end, "name"))
            known.add(u.text[start:end])
    again = re.compile(
        "|".join(map(re.escape, sorted((n for n in known if len(n) > 2), key=len, reverse=True)))
    )
    if again.pattern:
        for place, u in enumerate(utterances):
            found[place] += [Span(*m.span(), "name") for m in again.finditer(u.text)]


def _tidy(spans: list[Span]) -> tuple[Span, ...]:
    """In order; what overlaps becomes one, of the kind of the longer."""
    kept: list[Span] = []
    for span in sorted(spans):
        last = kept[-1] if kept else None
        if last is None or span.start >= last.end:
            kept.append(span)
            continue
        longer = max(last, span, key=lambda s: s.end - s.start)
        kept[-1] = Span(last.start, max(last.end, span.end), longer.kind, last.goes_on)
    return tuple(kept)
