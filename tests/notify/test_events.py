"""What is announced: once, to whom it concerns, in the transaction that caused it, without what was said."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from callqa.notify.config import Mail, NotifyConfig, Webhook
from callqa.notify.events import announce_batch, announce_publish, announce_result
from callqa.settings import get_settings
from callqa.store import Store, finish_batch, start_batch
from callqa.store.announcements import announcement, outbox_counts

Add = Callable[..., int]


def hook(name: str = "crm", **more: Any) -> Webhook:
    return Webhook(name=name, url="http://127.0.0.1:9/x", secret_env="X", **more)


def to(*endpoints: Webhook | Mail) -> NotifyConfig:
    hooks = tuple(e for e in endpoints if isinstance(e, Webhook))
    return NotifyConfig(webhooks=hooks, mail=tuple(e for e in endpoints if isinstance(e, Mail)))


def outbox(store: Store) -> list[Any]:
    with store.read() as connection:
        return list(connection.execute(announcement.select().order_by(announcement.c.id)))


def result(store: Store, number: int, config: NotifyConfig) -> int:
    with store.write() as connection:
        return announce_result(connection, number, config)


def test_without_receivers_nothing_is_written(store: Store, add_call: Add, monkeypatch: Any) -> None:
    monkeypatch.delenv("CALLQA_NOTIFY", raising=False)
    get_settings.cache_clear()
    number = add_call("a.wav", "critical")
    with store.write() as connection:
        assert announce_result(connection, number) == 0
    assert announce_publish(store, "7") == 0
    assert announce_batch(store, 99) == 0
    assert outbox(store) == []


@pytest.mark.parametrize(
    ("threshold", "expected"), [("critical", []), ("high", ["high"]), ("low", ["high", "medium"])]
)
def test_flags_at_or_above_the_severity_are_announced(
    store: Store, add_call: Add, threshold: str, expected: list[str]
) -> None:
    number = add_call("a.wav", "high", "medium", "informational")
    result(store, number, to(hook(severity=threshold)))
    assert [f["severity"] for row in outbox(store) for f in row.payload["flags"]] == expected


def test_nothing_that_was_said_leaves(store: Store, add_call: Add) -> None:
    result(store, add_call("13800001111.wav", "high"), to(hook()))
    text = json.dumps(outbox(store)[0].payload, ensure_ascii=False)
    assert "幺三八" not in text
    assert "13800001111" not in text


def test_the_same_flags_are_announced_once(store: Store, add_call: Add) -> None:
    number = add_call("a.wav", "high")
    assert [result(store, number, to(hook())) for _ in range(3)] == [1, 0, 0]


def test_another_flag_is_announced_again(store: Store, add_call: Add) -> None:
    from callqa.tests.notify.conftest import inspect

    number = add_call("a.wav", "high")
    result(store, number, to(hook()))
    inspect(store, number, "high", "critical")
    assert result(store, number, to(hook())) == 1


@pytest.mark.parametrize(
    ("more", "expected"),
    [({"businesses": ("保险",)}, 0), ({"businesses": ("贷款",)}, 1), ({"events": ("batch",)}, 0)],
)
def test_only_whom_it_concerns_is_told(store: Store, add_call: Add, more: Any, expected: int) -> None:
    assert result(store, add_call("a.wav", "high"), to(hook(**more))) == expected


def test_an_announcement_is_gone_with_the_transaction_that_fails(store: Store, add_call: Add) -> None:
    number = add_call("a.wav", "high")
    with pytest.raises(ZeroDivisionError), store.write() as connection:
        announce_result(connection, number, to(hook()))
        _ = 1 / 0
    assert outbox(store) == []


def test_the_end_of_a_batch_is_announced_with_its_figures(store: Store) -> None:
    number = start_batch(store, [Path("/calls")])
    finish_batch(
        store, number, {"files": 3, "statuses": {"inspected": 3}, "problems": [{"name": "13800001111.wav"}]}
    )
    assert announce_batch(store, number, to(hook(), hook("other", events=("flag",)))) == 1
    (row,) = outbox(store)
    assert row.payload["summary"] == {"files": 3, "statuses": {"inspected": 3}}
    assert (row.kind, row.endpoint) == ("batch", "crm")


def test_publishing_is_announced_to_each_receiver_under_one_name(store: Store) -> None:
    assert announce_publish(store, "2026.11.2", to(hook(), hook("other")), who="li") == 2
    rows = outbox(store)
    assert len({row.event for row in rows}) == 1
    assert rows[0].payload["who"] == "li"


@pytest.mark.parametrize(("clock", "days"), [(7, 0), (8, 1), (23, 1)])
def test_mails_wait_for_the_hour_of_their_digest(
    store: Store, add_call: Add, monkeypatch: Any, clock: int, days: int
) -> None:
    here = datetime(2026, 11, 20, clock, 30).astimezone()
    monkeypatch.setattr("callqa.notify.events.now", lambda: here.astimezone(UTC))
    mail = Mail(name="lead", host="h", sender="a@b.example", to=("c@d.example",), hour=8)
    result(store, add_call("a.wav", "high"), to(mail))
    leaves = outbox(store)[0].next_at.replace(tzinfo=UTC)
    assert leaves == datetime(2026, 11, 20 + days, 8).astimezone(UTC)
    assert outbox_counts(store) == {("lead", "waiting"): 1}
