"""The rules on text as a recogniser writes it: some characters replaced by others that sound alike."""

import random
from collections import defaultdict
from pathlib import Path

import pytest
import yaml

from callqa.inspect.engine import inspect_call
from callqa.inspect.rulebook import shipped_rulebook
from callqa.inspect.sounds import syllables
from callqa.inspect.testing import transcript_of_turns

HERE = Path(__file__).parent
PHRASES = yaml.safe_load((HERE / "phrases.yaml").read_text(encoding="utf-8"))
TALK = yaml.safe_load((HERE / "ordinary.yaml").read_text(encoding="utf-8"))
FORM = {"service.missing_greeting", "service.missing_closing"}
SHARE = 0.15


def homophones():
    texts = [text for rule in PHRASES.values() for key in ("hit", "miss") for text in rule[key]]
    alike = defaultdict(list)
    for char in sorted(set("".join([*texts, *(text for role in TALK for text in TALK[role])]))):
        if char in syllables():
            alike[syllables()[char]].append(char)
    return alike


HOMOPHONES = homophones()


def misheard(text):
    """``text`` with about one character in seven replaced; always the same for the same text."""
    dice = random.Random(text)
    return "".join(_other(char, dice) if dice.random() < SHARE else char for char in text)


def _other(char, dice):
    others = [c for c in HOMOPHONES.get(syllables().get(char, ""), ()) if c != char]
    return dice.choice(others) if others else char


def raised(role, text, rulebook):
    flags = inspect_call(transcript_of_turns([{role: text}]), rulebook).flags
    return [flag for flag in flags if flag.rule not in FORM]


def known(kind):
    found = []
    for name in PHRASES:
        rule = shipped_rulebook()[name]
        only = shipped_rulebook().only(rule.id)
        found += [bool(raised(str(rule.scope.speaker), misheard(t), only)) for t in PHRASES[name][kind]]
    return sum(found) / len(found)


def test_noise_replaces_about_the_share_it_says():
    texts = [text for role in TALK for text in TALK[role]]
    changed = sum(a != b for text in texts for a, b in zip(text, misheard(text), strict=True))
    assert 0.08 < changed / sum(map(len, texts)) < SHARE


def test_most_phrases_are_still_known():
    assert known("hit") >= 0.91


def test_few_look_alikes_become_hits():
    assert known("miss") <= 0.03


@pytest.mark.parametrize("role", TALK)
def test_ordinary_talk_still_raises_next_to_nothing(role):
    flagged = [(f.rule, f.quote) for t in TALK[role] for f in raised(role, misheard(t), shipped_rulebook())]
    assert len(flagged) <= 0.03 * len(TALK[role]), flagged
