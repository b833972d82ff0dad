"""Sound is heard with permission only, and nothing but recordings of the store can be asked for."""

import stat
import time
import wave
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from callqa.dashboard import shell
from callqa.dashboard.access import Grant, allowed, load_secret, sign
from callqa.dashboard.routes import PAGES, asset_url, make_routes, sound_url
from callqa.dashboard.sound import SoundCache
from callqa.tests.dashboard.sample_store import Filled

KEY = b"k" * 32


def later(seconds: int = 60) -> int:
    return int(time.time()) + seconds


def address(recording_id: int, grant: Grant, key: bytes = KEY) -> str:
    return "/" + sound_url(recording_id, sign(key, grant))


@pytest.fixture
def client(filled: Filled, tmp_path: Path) -> Iterator[TestClient]:
    routes = make_routes(filled.store, KEY, SoundCache(tmp_path / "cache"))
    with TestClient(Starlette(routes=routes)) as opened:
        yield opened


def test_with_permission_the_sound_comes_as_a_wav_with_both_channels(
    client: TestClient, filled: Filled
) -> None:
    call = filled.calls[0]
    response = client.get(address(call, Grant(call, "s", later())))
    assert response.status_code == 200
    assert response.headers["content-type"] == "audio/wav"
    with wave.open(BytesIO(response.content)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (2, 2, 8000)
        assert file.getnframes() > 8000 * 10


def test_a_range_is_answered_with_that_part(client: TestClient, filled: Filled) -> None:
    call = filled.calls[0]
    url = address(call, Grant(call, "s", later()))
    whole = client.get(url).content
    part = client.get(url, headers={"Range": "bytes=1000-1999"})
    assert part.status_code == 206
    assert part.content == whole[1000:2000]
    assert part.headers["content-range"] == f"bytes 1000-1999/{len(whole)}"


@pytest.mark.parametrize(
    "query", ["", "s=s&e=9999999999&t=", "s=s&e=later&t=x", "e=9999999999&t=00", "s=s&e=٣&t=x"]
)
def test_without_permission_it_is_refused(client: TestClient, filled: Filled, query: str) -> None:
    assert client.get(f"/{sound_url(filled.calls[0], query)}").status_code == 403


def test_permission_for_one_call_opens_no_other(client: TestClient, filled: Filled) -> None:
    grant = Grant(filled.calls[0], "s", later())
    assert client.get(address(filled.calls[1], grant)).status_code == 403


def test_an_expired_permission_is_refused(client: TestClient, filled: Filled) -> None:
    call = filled.calls[0]
    assert client.get(address(call, Grant(call, "s", later(-1)))).status_code == 403


def test_a_permission_signed_with_another_key_is_refused(client: TestClient, filled: Filled) -> None:
    call = filled.calls[0]
    assert client.get(address(call, Grant(call, "s", later()), b"x" * 32)).status_code == 403


def test_whether_a_recording_exists_is_told_only_to_who_may_hear_it(client: TestClient) -> None:
    assert client.get("/callqa/sound/999.wav?s=s&e=9999999999&t=x").status_code == 403
    assert client.get(address(999, Grant(999, "s", later()))).status_code == 404


def test_a_recording_whose_file_is_gone_is_not_found(client: TestClient, filled: Filled) -> None:
    call = filled.calls[0]
    (filled.sound / "call-000.wav").unlink()
    assert client.get(address(call, Grant(call, "s", later()))).status_code == 404


def test_a_recording_that_cannot_be_decoded_is_not_found(client: TestClient, filled: Filled) -> None:
    assert client.get(address(filled.failed, Grant(filled.failed, "s", later()))).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/callqa/sound/../secret",
        "/callqa/sound/..%2f..%2fcallqa.db",
        "/callqa/sound/call-000.wav",
        "/callqa/sound/1/../../secret.wav",
        "/callqa/sound/-1.wav",
        "/callqa/assets/x/../../app.py",
        "/callqa/assets/x/..%2f..%2fsession.py",
    ],
)
def test_nothing_else_can_be_named(client: TestClient, path: str) -> None:
    assert client.get(path).status_code in (403, 404)


@pytest.mark.parametrize("name", ["review.js", "call_list.js", "wavesurfer/wavesurfer.esm.js"])
def test_scripts_are_served_under_their_version(client: TestClient, name: str) -> None:
    response = client.get("/" + asset_url(name))
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/javascript")
    assert "immutable" in response.headers["cache-control"]


@pytest.mark.parametrize(
    "name", ["app.py", "review.css", "../app.py", "..%2f..%2fapp.py", "wavesurfer/LICENSE", ""]
)
def test_only_scripts_are_served(client: TestClient, name: str) -> None:
    assert client.get("/" + asset_url(name)).status_code == 404


def test_the_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    first = load_secret(tmp_path / "home")
    assert len(first) == 32
    assert load_secret(tmp_path / "home") == first
    assert stat.S_IMODE((tmp_path / "home" / "secret").stat().st_mode) == 0o600


def test_a_key_left_readable_is_closed(tmp_path: Path) -> None:
    load_secret(tmp_path)
    (tmp_path / "secret").chmod(0o644)
    load_secret(tmp_path)
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_a_broken_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"short")
    with pytest.raises(ValueError, match="delete it"):
        load_secret(tmp_path)


@pytest.mark.parametrize(
    ("grant", "moment", "expected"),
    [
        (Grant(1, "s", 100), 99, True),
        (Grant(1, "s", 100), 100, False),
        (Grant(2, "s", 100), 99, False),
        (Grant(1, "t", 100), 99, False),
        (Grant(1, "s", 101), 99, False),
    ],
)
def test_a_signature_holds_for_exactly_its_grant(grant: Grant, moment: float, expected: bool) -> None:
    signature = sign(KEY, Grant(1, "s", 100)).rsplit("=", 1)[1]
    assert allowed(KEY, grant, signature, moment) is expected


def test_every_page_of_the_navigation_begins_with_our_own_frame() -> None:
    """One that is left out looks for its server in the wrong place and loses its contrast."""
    assert {f"/{page.name}" for page in shell.PAGES} - set(PAGES) == {"/overview"}
