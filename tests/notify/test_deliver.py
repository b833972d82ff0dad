"""Delivery to real receivers on this machine: signed, retried, given up, and mails as a digest."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from callqa.notify.config import Mail, NotifyConfig, Webhook
from callqa.notify.deliver import LONGEST_WAIT, MOST_TRIES, Delivered, deliver_due, wait_after
from callqa.notify.events import announce_publish, announce_result
from callqa.notify.signing import verify
from callqa.store import Store
from callqa.store.announcements import announcement, outbox_counts, retry_given_up
from callqa.store.tables import now
from callqa.tests.notify.conftest import SECRET

Add = Callable[..., int]


class Receiver:
    """A web server that answers with ``answers`` one after another, the last one for ever."""

    def __init__(self) -> None:
        self.answers: list[int] = [200]
        self.got: list[tuple[dict[str, str], bytes, str]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.got.append((headers, body, self.path))
                answer = receiver.answers.pop(0) if len(receiver.answers) > 1 else receiver.answers[0]
                self.send_response(answer)
                if answer in (301, 302, 307):
                    self.send_header("location", "/elsewhere")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    started = Receiver()
    yield started
    started.server.shutdown()
    started.server.server_close()


@pytest.fixture
def hooked(receiver: Receiver, secret_file: Path) -> NotifyConfig:
    return NotifyConfig(webhooks=(Webhook(name="crm", url=receiver.url, secret_file=secret_file),))


def rows(store: Store) -> list[Any]:
    with store.read() as connection:
        return list(connection.execute(announcement.select().order_by(announcement.c.id)))


def test_a_receiver_gets_the_event_signed(
    store: Store, add_call: Add, receiver: Receiver, hooked: NotifyConfig
) -> None:
    number = add_call("a.wav", "critical", "high")
    with store.write() as connection:
        announce_result(connection, number, hooked)
    assert deliver_due(store, hooked) == Delivered(delivered=1)
    ((headers, body, _),) = receiver.got
    event = verify(SECRET.encode(), headers, body, first_time=lambda _: True)
    content = json.loads(body)
    assert (content["id"], content["kind"], len(content["flags"])) == (event, "flag", 2)
    assert deliver_due(store, hooked) == Delivered()


@pytest.mark.parametrize("answer", [500, 404, 301, 302, 307])
def test_what_is_not_taken_is_tried_again_later(
    store: Store, receiver: Receiver, hooked: NotifyConfig, answer: int
) -> None:
    receiver.answers = [answer, 200]
    announce_publish(store, "7", hooked)
    assert deliver_due(store, hooked) == Delivered(failed=1)
    assert deliver_due(store, hooked) == Delivered()
    assert deliver_due(store, hooked, now() + timedelta(seconds=31)) == Delivered(delivered=1)
    assert [path for *_, path in receiver.got] == ["/hook", "/hook"]


def test_each_try_is_signed_anew_under_the_same_id(
    store: Store, receiver: Receiver, hooked: NotifyConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver.answers = [500, 200]
    announce_publish(store, "7", hooked)
    deliver_due(store, hooked)
    monkeypatch.setattr("callqa.notify.webhooks.time.time", lambda: 2_000_000_000)
    deliver_due(store, hooked, now() + timedelta(seconds=31))
    first, second = (headers for headers, *_ in receiver.got)
    assert first["webhook-id"] == second["webhook-id"]
    assert first["webhook-signature"] != second["webhook-signature"]
    assert second["webhook-timestamp"] == "2000000000"


def test_after_many_tries_it_is_given_up_and_can_be_put_back(
    store: Store, receiver: Receiver, hooked: NotifyConfig
) -> None:
    receiver.answers = [503]
    announce_publish(store, "7", hooked)
    came = [deliver_due(store, hooked, now() + n * LONGEST_WAIT * 2) for n in range(MOST_TRIES)]
    assert came[-1] == Delivered(given_up=1)
    assert rows(store)[0].error == "answered 503"
    assert outbox_counts(store) == {("crm", "given_up"): 1}
    receiver.answers = [200]
    assert retry_given_up(store) == 1
    assert deliver_due(store, hooked) == Delivered(delivered=1)


def test_gone_is_given_up_at_once(store: Store, receiver: Receiver, hooked: NotifyConfig) -> None:
    receiver.answers = [410]
    announce_publish(store, "7", hooked)
    assert deliver_due(store, hooked) == Delivered(given_up=1)


def test_a_receiver_that_is_not_there_is_tried_again(store: Store, secret_file: Path) -> None:
    nobody = NotifyConfig(webhooks=(Webhook(name="x", url="http://127.0.0.1:1/", secret_file=secret_file),))
    announce_publish(store, "7", nobody)
    assert deliver_due(store, nobody) == Delivered(failed=1)
    assert "cannot be reached" in rows(store)[0].error


def test_two_deliverers_send_it_once(store: Store, receiver: Receiver, hooked: NotifyConfig) -> None:
    for version in range(20):
        announce_publish(store, version, hooked)
    threads = [threading.Thread(target=deliver_due, args=(store, hooked)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ids = [headers["webhook-id"] for headers, *_ in receiver.got]
    assert len(ids) == len(set(ids)) == 20


def test_a_secret_that_is_gone_delays_only(store: Store, hooked: NotifyConfig, secret_file: Path) -> None:
    announce_publish(store, "7", hooked)
    secret_file.unlink()
    assert deliver_due(store, hooked) == Delivered(failed=1)


def test_waits_double_up_to_six_hours() -> None:
    seconds = [wait_after(n).total_seconds() for n in (1, 2, 3, 99)]
    assert seconds == [30, 60, 120, 21600]


class Postbox:
    def __init__(self) -> None:
        self.mails: list[Any] = []
        self.answer = "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if self.answer.startswith("250"):
            self.mails.append(envelope)
        return self.answer


@contextmanager
def mail_server() -> Iterator[tuple[Postbox, int]]:
    """A mail server and the port it listens on."""
    box = Postbox()
    server = Controller(box, hostname="127.0.0.1", port=0)
    # aiosmtpd connects to the port it was given to see whether it is up; with 0 it must be told.
    server.port = _free_port()
    server.start()
    yield box, server.port
    server.stop()


@pytest.fixture
def postbox() -> Iterator[tuple[Postbox, Mail]]:
    with mail_server() as (box, port):
        lead = {"name": "lead", "host": "127.0.0.1", "port": port, "security": "none"}
        mails = {"sender": "callqa@corp.example", "to": ("a@corp.example", "b@corp.example")}
        yield box, Mail.model_validate({**lead, **mails})


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def tomorrow() -> Any:
    return now() + timedelta(days=1, minutes=1)


@pytest.mark.parametrize(
    ("language", "subject"), [("zh", "2 通通话有严重命中"), ("en", "2 calls with grave")]
)
def test_a_digest_is_one_mail_about_all_that_happened(
    store: Store, add_call: Add, postbox: tuple[Postbox, Mail], language: Any, subject: str
) -> None:
    box, mail = postbox
    config = NotifyConfig(mail=(mail.model_copy(update={"language": language}),))
    for name in ("a.wav", "b.wav"):
        number = add_call(name, "high")
        with store.write() as connection:
            announce_result(connection, number, config)
    announce_publish(store, "2026.11.2", config)
    assert deliver_due(store, config) == Delivered()
    assert deliver_due(store, config, tomorrow()) == Delivered(delivered=3)
    (envelope,) = box.mails
    assert envelope.rcpt_tos == ["a@corp.example", "b@corp.example"]
    text = as_text(envelope.content)
    assert subject in text
    assert "2026.11.2" in text
    assert "service.abuse" in text
    assert "幺三八" not in text
    assert deliver_due(store, config, tomorrow()) == Delivered()


def as_text(raw: bytes) -> str:
    import email
    import email.policy

    message = email.message_from_bytes(raw, policy=email.policy.default)
    body = message.get_body()
    assert body is not None
    return f"{message['subject']}\n{body.get_content()}"


def test_a_mail_that_is_not_taken_is_tried_again(store: Store, postbox: tuple[Postbox, Mail]) -> None:
    box, mail = postbox
    config = NotifyConfig(mail=(mail,))
    announce_publish(store, "7", config)
    box.answer = "451 later"
    assert deliver_due(store, config, tomorrow()) == Delivered(failed=1)
    box.answer = "250 OK"
    assert deliver_due(store, config, tomorrow() + timedelta(minutes=1)) == Delivered(delivered=1)


def test_a_password_is_not_sent_in_the_clear(store: Store, postbox: tuple[Postbox, Mail]) -> None:
    box, mail = postbox
    config = NotifyConfig(mail=(mail.model_copy(update={"user": "callqa", "password_env": "X"}),))
    announce_publish(store, "7", config)
    assert deliver_due(store, config, tomorrow()) == Delivered(failed=1)
    assert "without encryption" in rows(store)[0].error
    assert box.mails == []
