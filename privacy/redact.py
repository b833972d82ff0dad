"""Personal data out of transcripts: replaced by what it was, wherever it was said."""

from collections.abc import Collection, Sequence

from ..transcribe.types import Role, Utterance
from .kinds import LABELS
from .spans import Span, spans_of


def redact_text(text: str, kinds: Collection[str] | None = None) -> str:
    """``text`` with personal data replaced by a label; ``kinds`` as the settings say.

    >>> redact_text("电话幺三八零零零零幺幺幺幺，谢谢")
    '电话[手机号]，谢谢'
    """
    return redact_utterances([Utterance(0, 0.0, 0.0, "", Role.UNKNOWN, text, 1.0)], kinds)[0]


def redact_utterances(
    utterances: Sequence[Utterance], kinds: Collection[str] | None = None
) -> tuple[str, ...]:
    """The redacted text of each utterance, in the order given.

    Numbers that a speaker spreads over several utterances are found as one, also when the other
    says something in between.
    """
    return tuple(
        masked(u.text, spans) for u, spans in zip(utterances, spans_of(utterances, kinds), strict=True)
    )


def masked(text: str, spans: Sequence[Span]) -> str:
    """``text`` with a label in place of each span; of something that goes on only the first is named."""
    parts, at = [], 0
    for span in spans:
        parts += [text[at : span.start], "[…]" if span.goes_on else f"[{LABELS[span.kind]}]"]
        at = span.end
    return "".join([*parts, text[at:]])
