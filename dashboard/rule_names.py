"""What rules are called: from the rulebook a call was inspected with, else from the newest one."""

from functools import lru_cache

from ..errors import CallqaError
from ..inspect.rule import Rule
from ..inspect.rulebook import Rulebook
from ..store.database import Store
from ..store.rulebooks import load_rulebook, rulebooks_in_use


class RuleNames:
    """Titles and messages by rule id; a rule that is not known is called by its id."""

    def __init__(self, rulebook: Rulebook | None = None) -> None:
        self._rules = {rule.id: rule for rule in rulebook.rules} if rulebook else {}

    def rule(self, rule_id: str) -> Rule | None:
        return self._rules.get(rule_id)

    def title(self, rule_id: str) -> str:
        rule = self._rules.get(rule_id)
        return rule.title if rule else rule_id

    def message(self, rule_id: str) -> str:
        rule = self._rules.get(rule_id)
        return (rule.outcome.message or rule.description) if rule else ""

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(self._rules)


def names_for(store: Store, rulebook: str | None = None) -> RuleNames:
    """Names from the stored rulebook with that hash, or from the one stored last."""
    wanted = rulebook or next(iter(rulebooks_in_use(store)), None)
    return _names(store, wanted) if wanted else RuleNames()


@lru_cache(maxsize=16)
def _names(store: Store, rulebook: str) -> RuleNames:
    try:
        return RuleNames(Rulebook.from_bytes(load_rulebook(store, rulebook)))
    except CallqaError:
        return RuleNames()
