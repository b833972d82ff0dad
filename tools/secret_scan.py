"""Looks for secrets in what git keeps: keys, tokens, passwords. No network; exit code 1 when any is found.

    python tools/secret_scan.py            # every file git knows
    python tools/secret_scan.py FILE …

A line that must stay ends with ``secret-scan: allow``.
"""

import math
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

PATTERNS = {
    "private key": re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY"),
    "AWS key": re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    "GitHub token": re.compile(r"\bgh[pousr]_[A-Za-z0-9]{36}"),
    "Hugging Face token": re.compile(r"\bhf_[A-Za-z0-9]{30,}"),
    "Slack token": re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{10,}"),
    "Google key": re.compile(r"\bAIza[A-Za-z0-9_-]{35}"),
    "JSON web token": re.compile(r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"),
    "password in a URL": re.compile(
        r"\b[a-z][a-z0-9+]*://[^\s:/@]+:(?!\*|\.\.\.|\{|<|PASSWORD|password|secret)[^\s:/@]{6,}@"
    ),
}
ASSIGNED = re.compile(
    r"""(?i)\b(?:password|passwd|secret|token|api_?key)\w*["']?\s*[:=]\s*["']([A-Za-z0-9+/_=-]{20,})["']"""
)
ALLOWED = "secret-scan: allow"
ENTROPY = 4.2
"""Bits a character; words and examples stay below."""
_BINARY = frozenset((".png", ".wav", ".db", ".woff2", ".ico", ".lock", ".min.js"))


def findings(path: Path) -> Iterator[str]:
    """``file:line: what`` for everything that looks like a secret; the secret itself is not shown."""
    try:
        text = path.read_text("utf-8")
    except (UnicodeDecodeError, OSError):
        return
    for number, line in enumerate(text.splitlines(), 1):
        if ALLOWED in line:
            continue
        for what, pattern in PATTERNS.items():
            if pattern.search(line):
                yield f"{path}:{number}: {what}"
        for match in ASSIGNED.finditer(line):
            if entropy(match[1]) > ENTROPY:
                yield f"{path}:{number}: a value that looks like a secret"


def entropy(text: str) -> float:
    """Bits a character of the text by itself.

    >>> entropy("aaaa")
    0.0
    """
    shares = [text.count(char) / len(text) for char in set(text)]
    return -sum(share * math.log2(share) for share in shares) + 0.0


def known_files() -> list[Path]:
    listing = subprocess.run(["git", "ls-files", "-z"], capture_output=True, text=True, check=True)
    return [Path(name) for name in listing.stdout.split("\0") if name and Path(name).suffix not in _BINARY]


def main(names: list[str]) -> int:
    found = [one for path in (map(Path, names) if names else known_files()) for one in findings(path)]
    print(*found, sep="\n") if found else print("no secrets found")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
