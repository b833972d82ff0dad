import pytest

from callqa.inspect.rulebook import shipped_rulebook
from callqa.inspect.testing import run_rule_tests

NAMES = (
    "missing_greeting", "missing_closing", "forbidden_phrase", "abuse", "shirking", "overpromise",
    "private_contact", "privacy_leak", "no_identity_check", "illegal_collection", "misleading_sales",
    "no_hold_notice", "interrupting", "dead_air", "too_fast", "complaint_threat", "media_threat",
    "legal_threat", "churn_risk", "fraud_report", "self_harm", "refund_demand", "repeat_contact",
    "praise",
)  # fmt: skip
RESULTS = run_rule_tests(shipped_rulebook())


def test_all_24_checks_are_there():
    assert {rule.name for rule in shipped_rulebook().rules} >= set(NAMES)


@pytest.mark.parametrize("result", RESULTS, ids=lambda r: f"{r.rule}-{r.name}")
def test_rule_tests_pass(result):
    assert result.problem == ""


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_is_described_and_tested_both_ways(name):
    rule = shipped_rulebook()[name]
    assert rule.description
    assert rule.falsepositives
    assert any(t["expect"] for t in rule.tests)
    assert any(not t["expect"] for t in rule.tests)
