"""Text of people in Markdown, shown as it is."""

_SPECIAL = r"\`*_{}[]()#+-.!|<>~$:"


def plain(text: str) -> str:
    """``text`` with everything escaped that Markdown would read.

    >>> plain("*a*")
    '\\\\*a\\\\*'
    """
    return "".join(f"\\{c}" if c in _SPECIAL else c for c in text).replace("\n", "  \n")
