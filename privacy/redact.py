"""Personal numbers out of transcripts: replaced by what they were, wherever they were said."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from ..inspect.entities import PERSONAL, Entity, find_entities
from ..transcribe.types import Utterance

LABELS = {
    "mobile": "手机号", "landline": "电话号码", "id_card": "身份证号", "bank_card": "银行卡号",
    "email": "邮箱", "wechat": "微信号", "qq": "QQ号", "plate": "车牌号", "number": "号码",
}  # fmt: skip
MAX_GAP = 20.0
"""Seconds within which the same speaker's next utterance may go on with a number."""

_Mask = tuple[int, int, str]


def redact_text(text: str) -> str:
    """``text`` with personal numbers, mail and account names replaced by a label.

    >>> redact_text("电话幺三八零零零零幺幺幺幺，谢谢")
    '电话[手机号]，谢谢'
    """
    return _masked(text, [(e.start, e.end, _label(e)) for e in find_entities(text, PERSONAL)])


def redact_utterances(utterances: Sequence[Utterance]) -> tuple[str, ...]:
    """The redacted text of each utterance, in the order given.

    Numbers that a speaker spreads over several utterances are found as one, also when the other
    says something in between.
    """
    masks: dict[int, list[_Mask]] = defaultdict(list)
    for chain in _chains(utterances):
        joined = "\n".join(utterances[i].text for i in chain)
        for entity in find_entities(joined, PERSONAL):
            for place, mask in _split(entity, chain, utterances):
                masks[place].append(mask)
    return tuple(_masked(u.text, masks[i]) for i, u in enumerate(utterances))


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


def _split(entity: Entity, chain: list[int], utterances: Sequence[Utterance]) -> Iterator[tuple[int, _Mask]]:
    """The parts of an entity in each utterance; only the first part carries the label."""
    base = 0
    label = _label(entity)
    for place in chain:
        length = len(utterances[place].text)
        start, end = max(entity.start - base, 0), min(entity.end - base, length)
        if start < end:
            yield place, (start, end, label)
            label = "[…]"
        base += length + 1


def _label(entity: Entity) -> str:
    return f"[{LABELS[entity.kind]}]"


def _masked(text: str, masks: Sequence[_Mask]) -> str:
    parts, at = [], 0
    for start, end, label in sorted(masks):
        parts += [text[at:start], label]
        at = end
    return "".join([*parts, text[at:]])
