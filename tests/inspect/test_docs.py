"""docs/rules.md: every example loads and passes its own tests, and no operator goes undocumented."""

import json
import re
from pathlib import Path

import pytest
import yaml

from callqa.inspect import amounts, read_finders, read_rule, read_sound
from callqa.inspect.rulebook import Rulebook
from callqa.inspect.testing import run_rule_tests

TEXT = (Path(__file__).parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
RULES = {data["name"]: data for data in map(yaml.safe_load, BLOCKS) if "title" in data}
LISTS = {
    match[1]: yaml.safe_load(block) for block in BLOCKS if (match := re.match(r"# lists/(\w+)\.yaml", block))
}
OPERATORS = sorted(read_finders._READERS)


@pytest.mark.parametrize("name", RULES)
def test_examples_pass_their_own_tests(name):
    source = {"format": 1, "lists": LISTS, "rules": {f"docs.{name}": RULES[name]}}
    results = run_rule_tests(Rulebook.from_bytes(json.dumps(source).encode()))
    assert len(results) >= 2
    assert [r.problem for r in results if r.problem] == []


@pytest.mark.parametrize("operator", OPERATORS)
def test_every_operator_has_an_example(operator):
    detections = [d for rule in RULES.values() for k, d in rule["detection"].items() if k != "condition"]
    assert any(operator in d for d in detections)


@pytest.mark.parametrize("module", [amounts, read_finders, read_rule, read_sound])
def test_every_key_is_explained(module):
    code = Path(str(module.__file__)).read_text(encoding="utf-8")
    keys = set(re.findall(r'\("([a-z_]+)"[,)]', code)) - {"clause", "utterance", "s"}
    unexplained = {key for key in keys if not re.search(rf"\b{key}\b", TEXT)}
    assert unexplained == set()
