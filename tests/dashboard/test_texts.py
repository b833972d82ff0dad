"""Both languages are complete, and no text is asked for that is not there."""

import re
import string
from pathlib import Path

import pytest

from callqa.dashboard import texts as module
from callqa.dashboard.texts import LANGUAGES, Texts, catalogue, texts_in
from callqa.inspect.rule import Status
from callqa.inspect.types import Level
from callqa.store.calls import STATUSES
from callqa.store.verdicts import VERDICTS
from callqa.transcribe.types import Doubt, Role

ROOM = Path(module.__file__).parent
FAMILIES = {
    "status": STATUSES,
    "level": tuple(Level),
    "role": (*Role, "all", "any"),
    "doubt": tuple(Doubt),
    "life": tuple(Status),
    "verdict": (*VERDICTS, "none"),
}


@pytest.mark.parametrize("key", sorted(catalogue()))
def test_a_text_has_both_languages(key: str) -> None:
    both = catalogue()[key]
    assert set(both) == set(LANGUAGES)
    assert all(isinstance(text, str) and text.strip() for text in both.values())


@pytest.mark.parametrize("key", sorted(catalogue()))
def test_both_languages_take_the_same_values(key: str) -> None:
    zh, en = (fields(text) for text in catalogue()[key].values())
    assert zh == en


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_chinese_is_chinese_and_english_has_none() -> None:
    chinese = re.compile(r"[\u4e00-\u9fff]")
    without = {key for key, both in catalogue().items() if not chinese.search(both["zh"])}
    mixed = {key for key, both in catalogue().items() if chinese.search(both["en"])}
    assert without == {"colon"}
    assert mixed == {"side.language"}


def test_every_text_that_the_code_asks_for_exists() -> None:
    asked: set[str] = set()
    for path in ROOM.glob("*.py"):
        asked.update(re.findall(r"texts\(\s*\"([\w.]+)\"", path.read_text("utf-8")))
    assert len(asked) > 40
    assert asked - set(catalogue()) == set()


def test_every_text_that_the_browser_asks_for_exists() -> None:
    asked: set[str] = set()
    scripts = ("review", "bars", "verdicts", "flags", "transcript", "claim", "dialogs", "editing")
    for name in (f"{script}.js" for script in scripts):
        asked.update(re.findall(r"texts\.(\w+)", (ROOM / "assets" / name).read_text("utf-8")))
    assert len(asked) > 20
    assert asked - set(texts_in("zh").group("desk")) == {"key_list", "reasons"}


@pytest.mark.parametrize(("family", "members"), FAMILIES.items())
def test_every_value_of_the_store_has_a_name(family: str, members: tuple[str, ...]) -> None:
    assert {f"{family}.{member}" for member in members} <= set(catalogue())


def test_an_unknown_language_is_chinese() -> None:
    assert Texts("fr")("nav.calls") == "通话"


def test_placeholders_are_filled() -> None:
    assert texts_in("en")("list.range", first=1, last=50, total=231) == "1–50 of 231"


def test_a_missing_text_is_an_error() -> None:
    with pytest.raises(KeyError):
        texts_in("zh")("no.such.text")
