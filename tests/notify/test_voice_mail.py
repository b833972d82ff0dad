"""``callqa digest --mail``: a published digest goes to who asked for it, through a real mail server."""

import email
import email.policy
import json
from collections.abc import Iterator
from datetime import date
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from callqa.cli import app
from callqa.settings import get_settings
from callqa.store import open_store
from callqa.store.digests import publish_digest, save_digest
from callqa.tests.notify.test_deliver import Postbox, mail_server

DAY = date(2026, 3, 4)
CHANNEL = {
    "name": "d", "title": "物流", "title_en": "Delivery", "calls": 9, "share": 0.45, "expected": 4.0,
    "is_alarm": True,
}  # fmt: skip
RISE = {"term": "爆雷", "others": [], "calls": 8, "rise": {"is_real": True, "expected": 0.1, "calls": 8}}
CONTENT: dict[str, Any] = {"calls": 20, "compared_days": 28, "channels": [CHANNEL], "rises": [RISE]}


@pytest.fixture
def box() -> Iterator[tuple[Postbox, int]]:
    with mail_server() as found:
        yield found


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, box: tuple[Postbox, int]) -> Iterator[Path]:
    """A draft of DAY, and three receivers; one of them does not want the voice."""
    usual = {"host": "127.0.0.1", "port": box[1], "security": "none", "sender": "callqa@corp.example"}
    mail = [
        usual | {"name": "boss", "to": ["boss@corp.example"], "voice": True},
        usual | {"name": "en", "to": ["en@corp.example"], "voice": True, "language": "en"},
        usual | {"name": "it", "to": ["it@corp.example"]},
    ]
    (tmp_path / "notify.yaml").write_text(json.dumps({"mail": mail}))
    monkeypatch.setenv("CALLQA_HOME", str(tmp_path))
    monkeypatch.setenv("CALLQA_NOTIFY", str(tmp_path / "notify.yaml"))
    monkeypatch.delenv("CALLQA_DATABASE_URL", raising=False)
    get_settings.cache_clear()
    store = open_store(get_settings().resolved_database_url)
    save_digest(store, DAY, CONTENT, [])
    store.close()
    yield tmp_path
    get_settings.cache_clear()


def digest(*more: str) -> Any:
    return CliRunner().invoke(app, ["digest", "--date", DAY.isoformat(), *more])


def message(envelope: Any) -> EmailMessage:
    found = email.message_from_bytes(envelope.content, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def test_a_published_digest_reaches_who_asked_for_it_in_their_language(
    home: Path, box: tuple[Postbox, int]
) -> None:
    assert digest("--publish", "--mail").exit_code == 0
    mails = {one.rcpt_tos[0]: message(one) for one in box[0].mails}
    assert set(mails) == {"boss@corp.example", "en@corp.example"}
    assert "客户之声 · 2026-03-04" in mails["boss@corp.example"]["subject"]
    body = mails["en@corp.example"].get_body()
    assert body is not None
    assert "Delivery · 9 calls (45%)" in body.get_content()
    (html,) = mails["boss@corp.example"].iter_attachments()
    assert html.get_filename() == "callqa-digest-2026-03-04.html"
    assert html.get_content().startswith("<!doctype html><html lang=zh-CN>")


def test_a_draft_is_not_sent(home: Path, box: tuple[Postbox, int]) -> None:
    done = digest("--mail")
    assert done.exit_code == 2
    assert "is a draft" in done.output
    assert box[0].mails == []


def test_a_server_that_refuses_is_told_and_nothing_is_lost(home: Path, box: tuple[Postbox, int]) -> None:
    box[0].answer = "451 later"
    done = digest("--publish", "--mail")
    assert done.exit_code == 1
    assert "the mail was not sent" in done.output
    box[0].answer = "250 OK"
    assert digest("--mail").exit_code == 0
    assert len(box[0].mails) == 2


def test_without_a_receiver_it_says_what_to_set(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(get_settings().resolved_database_url)
    publish_digest(store, DAY, by="lead")
    store.close()
    monkeypatch.delenv("CALLQA_NOTIFY")
    get_settings.cache_clear()
    done = digest("--mail")
    assert done.exit_code == 2
    assert "voice: true" in done.output
