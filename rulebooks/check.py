"""What stands between a draft and its publication."""

from collections.abc import Collection
from dataclasses import dataclass

from ..errors import RulebookError
from ..inspect.explain import shortcomings
from ..inspect.rulebook import Rulebook, read_rulebook
from ..inspect.testing import TestResult, run_test
from .texts import Files


@dataclass(frozen=True)
class Check:
    """The result of lint and tests; ``rulebook`` is None when the texts do not load."""

    rulebook: Rulebook | None
    problems: tuple[str, ...]
    """Everything that is wrong, ``file:line: message`` each; failed tests and missing tests included."""
    tests: tuple[TestResult, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.problems


def check(files: Files, rules: Collection[str] | None = None) -> Check:
    """Lint the texts and run the tests in them; only those of ``rules`` (ids) where given."""
    try:
        rulebook = read_rulebook(files)
    except RulebookError as error:
        return Check(None, error.problems)
    return check_rulebook(rulebook, rules)


def check_rulebook(rulebook: Rulebook, rules: Collection[str] | None = None) -> Check:
    chosen = [rule for rule in rulebook.rules if rules is None or rule.id in rules]
    tests = tuple(run_test(rule, test, rulebook) for rule in chosen for test in rule.tests)
    mine = {rule.id.replace(".", "/", 1) for rule in chosen}
    found = (p for p in shortcomings(rulebook, tests) if p.split(".yaml:", 1)[0] in mine)
    return Check(rulebook, tuple(found), tests)
