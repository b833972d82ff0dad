"""What must happen though nobody looks: overdue cases go upwards and somebody hears of it; digests arrive."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from typer.testing import CliRunner

from callqa.cli import app
from callqa.notify.config import Webhook
from callqa.notify.events import announce_case
from callqa.settings import get_settings
from callqa.store import Store, open_store
from callqa.store.announcements import announcement, outbox_counts
from callqa.store.cases import case_history, get_case
from callqa.store.digests import save_digest
from callqa.store.tables import now
from callqa.tests.notify.test_deliver import Postbox, Receiver, mail_server
from callqa.tests.notify.test_events import to
from callqa.tests.notify.test_voice_mail import CONTENT, DAY, message
from callqa.voice.cases import NewCase, escalate_overdue, move, open_case
from callqa.voice.duties import Duties, deliver, escalate
from callqa.voice.edition import publish

TODAY = date(2026, 3, 10)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setenv("CALLQA_HOME", str(tmp_path))
    monkeypatch.delenv("CALLQA_DATABASE_URL", raising=False)
    monkeypatch.delenv("CALLQA_NOTIFY", raising=False)
    get_settings.cache_clear()
    opened = open_store(get_settings().resolved_database_url)
    yield opened
    opened.close()
    get_settings.cache_clear()


@pytest.fixture
def box() -> Iterator[tuple[Postbox, int]]:
    with mail_server() as found:
        yield found


@pytest.fixture
def receivers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store: Store) -> Callable[..., None]:
    """Writes the file of receivers."""

    def write(**kinds: Any) -> None:
        (tmp_path / "notify.yaml").write_text(json.dumps(kinds))
        monkeypatch.setenv("CALLQA_NOTIFY", str(tmp_path / "notify.yaml"))
        get_settings.cache_clear()

    return write


@pytest.fixture
def posted(receivers: Callable[..., None], tmp_path: Path) -> Iterator[Receiver]:
    """A web server that is told of everything from medium severity on."""
    receiver = Receiver()
    key = tmp_path / "hook.key"
    key.write_text("a-secret-of-enough-characters")
    key.chmod(0o600)
    receivers(
        webhooks=[{"name": "crm", "url": receiver.url, "secret_file": "hook.key", "severity": "medium"}]
    )
    yield receiver
    receiver.server.shutdown()
    receiver.server.server_close()


def overdue(store: Store, severity: int = 3, title: str = "客户李雷的快递破损") -> int:
    new = NewCase(title, "物流部", "老王", deadline=TODAY, severity=severity)
    return open_case(store, new, who="lead", today=TODAY)


def until(done: Callable[[], bool]) -> None:
    for _ in range(200):
        if done():
            return
        threading.Event().wait(0.05)
    raise AssertionError("nothing happened in ten seconds")


def test_a_running_service_escalates_what_is_overdue_and_tells_who_asked(
    store: Store, posted: Receiver
) -> None:
    case = overdue(store)
    duties = Duties(store, every=0.05).start()
    until(lambda: bool(posted.got))
    duties.stop()
    assert get_case(store, case).escalated > 0
    told = json.loads(posted.got[0][1])["case"]
    assert (told["id"], told["department"], told["owner"]) == (case, "物流部", "老王")
    assert told["days_late"] == (date.today() - TODAY).days
    assert "李雷" not in posted.got[0][1].decode()


def test_the_command_escalates_and_delivers(store: Store, posted: Receiver) -> None:
    overdue(store)
    done = CliRunner().invoke(app, ["notify", "deliver"])
    assert "1 overdue cases passed upwards" in done.output
    assert "1 delivered" in done.output
    assert CliRunner().invoke(app, ["notify", "deliver"]).output.startswith("0 delivered")


def test_each_step_upwards_is_told_once(store: Store, posted: Receiver) -> None:
    overdue(store)
    for days in (1, 1, 2, 3, 3):
        escalate_overdue(store, TODAY + timedelta(days=days))
    assert outbox_counts(store) == {("crm", "waiting"): 2}


def test_services_that_look_at_the_same_time_escalate_once(store: Store, posted: Receiver) -> None:
    case = overdue(store)
    threads = [threading.Thread(target=escalate, args=(store,)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [e.kind for e in case_history(store, case)] == ["opened", "escalated"]
    assert outbox_counts(store) == {("crm", "waiting"): 1}


@pytest.mark.parametrize(
    ("severity", "more", "count"),
    [(1, {}, 0), (2, {}, 1), (2, {"businesses": ["loans"]}, 0), (2, {"events": ["flag"]}, 0)],
)
def test_who_is_told_of_a_case(store: Store, severity: int, more: dict[str, Any], count: int) -> None:
    case = get_case(store, overdue(store, severity))
    hook = Webhook.model_validate(
        {"name": "x", "url": "http://127.0.0.1:9/", "secret_env": "X", "severity": "medium", **more}
    )
    with store.write() as connection:
        assert announce_case(connection, case, 3, to(hook)) == count


def test_closed_cases_do_not_go_upwards(store: Store, posted: Receiver) -> None:
    move(store, overdue(store), "solved", who="x", outcome="好了")
    assert escalate(store) == 0


def test_a_thread_without_receivers_still_escalates(store: Store) -> None:
    case = overdue(store)
    duties = Duties(store, every=0.05).start()
    until(lambda: get_case(store, case).escalated > 0)
    duties.stop()


def test_a_published_digest_that_fails_is_tried_again_like_a_webhook(
    store: Store, receivers: Callable[..., None], box: tuple[Postbox, int]
) -> None:
    usual = {"host": "127.0.0.1", "port": box[1], "security": "none", "sender": "callqa@corp.example"}
    receivers(mail=[usual | {"name": "boss", "to": ["boss@corp.example"], "voice": True}])
    save_digest(store, DAY, CONTENT, [])
    box[0].answer = "451 later"
    assert publish(store, DAY, by="lead") == 1
    assert deliver(store).failed == 1
    assert deliver(store).failed == 0, "not before its time"
    with store.write() as connection:
        row = connection.execute(announcement.select()).one()
        assert row.next_at.replace(tzinfo=now().tzinfo) > now()
        assert "451" in row.error
        connection.execute(update(announcement).values(next_at=now()))
    box[0].answer = "250 OK"
    assert deliver(store).delivered == 1
    assert "客户之声" in message(box[0].mails[0])["subject"]
    assert deliver(store).delivered == 0
