"""The file that says who is told: checked as a whole, secrets kept apart."""

from pathlib import Path

import pytest

from callqa.errors import UsageError
from callqa.notify.config import NOBODY, load_config

GOOD = """
webhooks:
  - {name: crm, url: 'https://crm.example/x', secret_file: hook.key, severity: critical}
mail:
  - {name: lead, host: smtp.example, sender: a@b.example, to: [c@d.example]}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "notify.yaml"
    path.write_text(text, "utf-8")
    return path


def test_without_a_file_nobody_is_told() -> None:
    assert load_config(None) == NOBODY


def test_secrets_lie_beside_the_file(tmp_path: Path, secret_file: Path) -> None:
    config = load_config(written(tmp_path, GOOD))
    assert config.webhooks[0].secret() == secret_file.read_bytes()
    assert list(config.endpoints) == ["crm", "lead"]


def test_a_secret_that_others_may_read_is_refused(tmp_path: Path, secret_file: Path) -> None:
    secret_file.chmod(0o644)
    with pytest.raises(UsageError, match="chmod 600"):
        load_config(written(tmp_path, GOOD)).webhooks[0].secret()


def test_a_short_secret_is_refused(tmp_path: Path, secret_file: Path) -> None:
    secret_file.write_text("short")
    with pytest.raises(UsageError, match="less than 16"):
        load_config(written(tmp_path, GOOD)).webhooks[0].secret()


def test_a_change_of_the_file_counts_at_once(tmp_path: Path) -> None:
    import os

    path = written(tmp_path, GOOD)
    load_config(path)
    written(tmp_path, GOOD.replace("crm,", "other,"))
    os.utime(path, (1, 1))
    assert "other" in load_config(path).endpoints


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("webhooks: [{name: a, url: 'file:///etc/passwd', secret_env: X}]", "http"),
        ("webhooks: [{name: a, url: 'https://x.example'}]", "needs secret_file or secret_env"),
        ("webhooks: [{name: a, url: 'https://x.example', secret: plain}]", "Extra inputs"),
        ("webhooks: [{name: a, url: 'https://x.example', secret_env: X, events: [flags]}]", "flag"),
        ("webhooks: [{name: 'a b', url: 'https://x.example', secret_env: X}]", "pattern"),
        ("mail: [{name: a, host: h, sender: \"a@b.example\\nBcc: x\", to: [c@d.example]}]", "one line"),
        ("mail: [{name: a, host: h, sender: a@b.example, to: []}]", "to"),
        ("webhooks: !!python/object/apply:os.system ['true']", "could not determine a constructor"),
        ("webhooks: [", "notify"),
        (
            "webhooks: [{name: a, url: 'https://x.example', secret_env: X}]\n"
            "mail: [{name: a, host: h, sender: a@b.example, to: [c@d.example]}]",
            "same name",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        load_config(written(tmp_path, text))
