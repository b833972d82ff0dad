"""What a receiver checks: forged, altered, old and replayed requests are told apart from real ones."""

import base64
from typing import Any

import pytest

from callqa.notify.signing import TOLERANCE, Forged, sign, verify

SECRET, NOW = b"a-secret-of-enough-characters", 1_800_000_000
BODY = '{"kind": "flag", "名": 1}'.encode()


def once() -> Any:
    seen: set[str] = set()
    return lambda event: not (event in seen or seen.add(event))  # type: ignore[func-returns-value]


def check(headers: dict[str, str], body: bytes = BODY, at: float = NOW, secret: bytes = SECRET) -> str:
    return verify(secret, headers, body, first_time=once(), now=at)


def test_what_was_signed_is_taken() -> None:
    assert check(sign(SECRET, "e1", NOW, BODY)) == "e1"


def test_header_names_in_any_case_are_read() -> None:
    assert check({k.title(): v for k, v in sign(SECRET, "e1", NOW, BODY).items()}) == "e1"


def test_the_signature_is_the_one_of_the_specification() -> None:
    """The example of the Standard Webhooks specification's reference libraries."""
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    headers = sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def forged(**changes: str) -> dict[str, str]:
    return {**sign(SECRET, "e1", NOW, BODY), **{k.replace("_", "-"): v for k, v in changes.items()}}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        forged(webhook_signature=""),
        forged(webhook_signature="v1,AAAA"),
        forged(webhook_signature="v1,not base64!"),
        forged(webhook_signature=forged()["webhook-signature"].replace("v1", "v0")),
        forged(webhook_id="e2"),
        forged(webhook_timestamp=str(NOW + 1)),
        forged(webhook_timestamp=""),
        forged(webhook_timestamp="１８００００００００"),
        forged(webhook_timestamp="1e9"),
        sign(b"another-secret-of-enough", "e1", NOW, BODY),
    ],
)
def test_forged_requests_are_refused(headers: dict[str, str]) -> None:
    with pytest.raises(Forged):
        check(headers)


def test_an_altered_body_is_refused() -> None:
    with pytest.raises(Forged, match="signature"):
        check(forged(), BODY + b" ")


@pytest.mark.parametrize("drift", [-TOLERANCE - 1, TOLERANCE + 1])
def test_an_old_request_is_refused(drift: float) -> None:
    with pytest.raises(Forged, match="too old"):
        check(forged(), at=NOW + drift)


def test_a_replayed_request_is_refused() -> None:
    first_time = once()
    verify(SECRET, forged(), BODY, first_time=first_time, now=NOW)
    with pytest.raises(Forged, match="seen before"):
        verify(SECRET, forged(), BODY, first_time=first_time, now=NOW + 1)


def test_a_forged_id_does_not_use_up_the_real_one() -> None:
    first_time = once()
    with pytest.raises(Forged):
        verify(SECRET, forged(webhook_signature="v1,AAAA"), BODY, first_time=first_time, now=NOW)
    assert verify(SECRET, forged(), BODY, first_time=first_time, now=NOW) == "e1"


def test_of_several_signatures_one_may_be_right_while_a_secret_changes() -> None:
    both = "v1,AAAA " + forged()["webhook-signature"]
    assert check(forged(webhook_signature=both)) == "e1"
