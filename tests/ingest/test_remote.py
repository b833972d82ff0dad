"""Recordings in an S3-compatible store and behind other URLs, on a real server on this machine."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from callqa.errors import UsageError
from callqa.ingest import remote
from callqa.ingest.identity import as_local, sha256_of, size_and_time
from callqa.ingest.metadata import Metadata
from callqa.ingest.remote import Entry, RemoteError, from_url, is_remote, is_url, to_url
from callqa.ingest.scan import Aside, scan


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("s3://calls/2026/a b.wav", "s3:/calls/2026/a b.wav"),
        ("S3://calls/中文.wav", "s3:/calls/中文.wav"),
        ("s3://calls", "s3:/calls"),
        ("s3://calls/day/", "s3:/calls/day"),
        ("memory://x/y.wav", "memory:/x/y.wav"),
    ],
)
def test_a_url_is_a_path_and_back(url: str, path: str) -> None:
    assert str(from_url(url)) == path
    assert is_remote(from_url(url))
    assert from_url(to_url(from_url(url))) == from_url(url)


@pytest.mark.parametrize("url", ["s3://calls/a//b.wav", "s3://calls/../b.wav", "s3://", "nothing"])
def test_what_no_path_can_stand_for_is_refused(url: str) -> None:
    with pytest.raises(UsageError):
        from_url(url)


@pytest.mark.parametrize(
    ("text", "is_it"), [("s3://b/k", True), ("/calls/a.wav", False), ("C:/calls", False), ("a:b", False)]
)
def test_what_is_a_url(text: str, is_it: bool) -> None:
    assert is_url(text) is is_it


@pytest.mark.parametrize("path", ["/calls/s3:/a.wav", "calls/a.wav", "c:/a.wav", ""])
def test_files_are_not_taken_for_objects(path: str) -> None:
    assert not is_remote(Path(path))


def test_a_file_url_is_a_file() -> None:
    assert from_url("file:///calls/a.wav") == Path("/calls/a.wav")


@pytest.fixture(scope="module")
def s3() -> Iterator[Any]:
    """A client of an S3 server of our own, with the bucket ``calls``."""
    server_module = pytest.importorskip("moto.server", reason="the S3 server for tests is not installed")
    boto3 = pytest.importorskip("boto3")
    server = server_module.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    said = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ALLOW_HTTP": "true",
    }
    before = {name: os.environ.get(name) for name in said}
    os.environ.update(said)
    remote._opened.cache_clear()
    client = boto3.client("s3")
    client.create_bucket(Bucket="calls")
    yield client
    server.stop()
    remote._opened.cache_clear()
    for name, value in before.items():
        os.environ.pop(name) if value is None else os.environ.__setitem__(name, value)


@pytest.fixture
def put(s3: Any) -> Any:
    def put_object(key: str, body: bytes = b"RIFF-sound") -> Path:
        s3.put_object(Bucket="calls", Key=key, Body=body)
        return from_url(f"s3://calls/{key}")

    return put_object


def found(url: str) -> tuple[list[str], list[tuple[str, str]]]:
    aside: list[Aside] = []
    names = [f.name for f in scan([from_url(url)], Metadata.load(), aside.append)]
    return names, [(a.path.name, a.why.value) for a in aside]


def test_a_prefix_is_searched_like_a_folder(put: Any) -> None:
    for key in ("day/b.wav", "day/sub/a.wav", "day/notes.txt", "day/.hidden.wav", "other/c.wav"):
        put(key)
    assert found("s3://calls/day") == (
        ["b.wav", "a.wav"],
        [(".hidden.wav", "hidden"), ("notes.txt", "document")],
    )


def test_one_object_can_be_named(put: Any) -> None:
    put("one/a.wav")
    assert found("s3://calls/one/a.wav")[0] == ["a.wav"]


def test_nothing_there_is_accounted_for(put: Any) -> None:
    assert found("s3://calls/nothing/here") == ([], [("here", "missing")])


def test_a_bucket_that_is_not_there_is_accounted_for(s3: Any) -> None:
    names, aside = found("s3://no-such-bucket/x")
    assert (names, [name for name, _ in aside]) == ([], ["x"])


def test_a_list_may_name_objects(put: Any, tmp_path: Path) -> None:
    put("listed/a.wav")
    (tmp_path / "list.txt").write_text("s3://calls/listed/a.wav\ns3://calls/listed/gone.wav\n")
    aside: list[Aside] = []
    names = [f.name for f in scan([tmp_path / "list.txt"], Metadata.load(), aside.append)]
    assert (names, [a.path.name for a in aside]) == (["a.wav"], ["gone.wav"])


def test_content_is_read_in_parts_and_known_by_its_hash(put: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "PART_BYTES", 1000)
    body = bytes(range(256)) * 20
    path = put("parts/a.wav", body)
    assert sha256_of(path) == hashlib.sha256(body).hexdigest()
    assert size_and_time(path)[0] == len(body)
    with as_local(path) as (copy, sha256):
        assert copy.read_bytes() == body
        assert (copy.suffix, sha256) == (".wav", hashlib.sha256(body).hexdigest())
    assert not copy.exists()


class Flaky:
    """A store that breaks off; ``faults`` are raised or cut the parts one after the other."""

    def __init__(self, body: bytes, *faults: Any, tag: str | None = None) -> None:
        self.body, self.faults, self.asked = body, list(faults), []  # type: ignore[var-annotated]
        self.whole = Entry(from_url("s3://calls/flaky.wav"), len(body), 1, tag)

    def entry(self, _path: Path) -> Entry:
        return self.whole

    def part(self, _entry: Entry, start: int, end: int) -> bytes:
        self.asked.append(start)
        fault = self.faults.pop(0) if self.faults else None
        if isinstance(fault, Exception):
            raise fault
        return self.body[start : end - (fault or 0)]


@pytest.fixture
def flaky(monkeypatch: pytest.MonkeyPatch) -> Any:
    def use(*faults: Any, body: bytes = b"x" * 2500, tag: str | None = None) -> Flaky:
        store = Flaky(body, *faults, tag=tag)
        monkeypatch.setattr(remote, "_backend", lambda _path: store)
        monkeypatch.setattr(remote, "PART_BYTES", 1000)
        monkeypatch.setattr(remote, "FIRST_PAUSE", 0.001)
        return store

    return use


def test_only_the_part_that_broke_off_is_read_again(flaky: Any) -> None:
    store = flaky(None, RemoteError("gone"), 17, None)
    assert sha256_of(store.whole.path) == hashlib.sha256(store.body).hexdigest()
    assert store.asked == [0, 1000, 1000, 1000, 2000]


def test_a_store_that_stays_away_is_given_up(flaky: Any) -> None:
    store = flaky(*[RemoteError("gone")] * 99)
    with pytest.raises(RemoteError, match="gone"):
        sha256_of(store.whole.path)
    assert len(store.asked) == remote.TRIES


def test_an_object_that_always_breaks_off_is_given_up(flaky: Any) -> None:
    with pytest.raises(RemoteError, match="breaks off after"):
        sha256_of(flaky(*[5] * 99).whole.path)


@pytest.mark.parametrize(("right", "good"), [(True, True), (False, False)])
def test_the_store_s_own_checksum_is_checked(flaky: Any, right: bool, good: bool) -> None:
    body = b"y" * 1500
    tag = hashlib.md5(body if right else b"z").hexdigest()
    store = flaky(body=body, tag=f'"{tag}"')
    if good:
        assert sha256_of(store.whole.path)
    else:
        with pytest.raises(RemoteError, match="checksum"):
            sha256_of(store.whole.path)


def test_an_object_replaced_while_it_is_read_is_not_mixed(
    put: Any, s3: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote, "PART_BYTES", 1000)
    monkeypatch.setattr(remote, "TRIES", 1)
    path = put("swapped/a.wav", b"a" * 3000)
    parts = remote._parts(path)
    assert next(parts) == b"a" * 1000
    put("swapped/a.wav", b"b" * 3000)
    with pytest.raises(OSError, match=r"(?i)precondition|412|checksum"):
        list(parts)


def test_an_unknown_kind_of_url_is_refused() -> None:
    with pytest.raises(UsageError, match="nonsense"):
        list(remote.entries(from_url("nonsense://x/y")))


def test_whatever_fsspec_knows_can_be_read() -> None:
    import fsspec

    system = fsspec.filesystem("memory")
    system.pipe({"/calls/a.wav": b"RIFF", "/calls/deep/b.wav": b"RIFX"})
    assert found("memory://calls")[0] == ["a.wav", "b.wav"]
    with as_local(from_url("memory://calls/deep/b.wav")) as (copy, _):
        assert copy.read_bytes() == b"RIFX"
