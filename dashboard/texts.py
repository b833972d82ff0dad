"""All texts a person reads, in Chinese and English, from the YAML files in ``texts_files``, a file a page."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

LANGUAGES = ("zh", "en")
_FOLDER = Path(__file__).with_name("texts_files")


class Texts:
    """The texts of one language; ``texts("list.count", n=3)`` fills the placeholders."""

    def __init__(self, language: str) -> None:
        self.language = language if language in LANGUAGES else LANGUAGES[0]
        self._texts = {key: both[self.language] for key, both in catalogue().items()}

    def __call__(self, key: str, **values: object) -> str:
        text = self._texts[key]
        return text.format(**values) if values else text

    def get(self, key: str, default: str) -> str:
        """The text, or ``default`` for words that come from data."""
        return self._texts.get(key, default)

    def group(self, prefix: str) -> dict[str, str]:
        """All texts under ``prefix.``, keyed by the rest of their name."""
        start = f"{prefix}."
        return {key.removeprefix(start): text for key, text in self._texts.items() if key.startswith(start)}


@cache
def catalogue() -> Mapping[str, Mapping[str, str]]:
    """Key to language to text."""
    found: dict[str, dict[str, str]] = {}
    for file in sorted(_FOLDER.glob("*.yaml")):
        found |= yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    return found


@cache
def texts_in(language: str) -> Texts:
    return Texts(language)
