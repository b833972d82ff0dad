"""Short forms of ``benchmarks/worker.py``: random kills, hosts that die, damaged files, two hosts on S3."""

import importlib
import importlib.util
import os
import subprocess
import sys
import textwrap
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest

from callqa.store import open_store, status_counts

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def bench() -> Any:
    spec = importlib.util.spec_from_file_location("worker_benchmark", BENCHMARKS / "worker.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    sys.path.remove(str(BENCHMARKS))


@pytest.fixture
def quick_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIMULATED_PAUSE", "0.2")


def needs_postgresql() -> None:
    pytest.importorskip("pg8000", reason="the PostgreSQL driver is not installed")
    if not list(Path("/usr/lib/postgresql").glob("*/bin")):
        pytest.skip("no PostgreSQL server is installed")


def test_random_kills_lose_nothing_and_do_nothing_twice(bench: Any, tmp_path: Path, quick_pace: None) -> None:
    options = Namespace(calls=36, kills=9, seed=3, limit=500, postgresql=False)
    found = bench.chaos(options, tmp_path)
    assert found["good"], found
    assert found["inspected"] == 36
    assert sum(found["kills"].values()) >= 5


def test_two_hosts_share_a_database_and_one_takes_over_when_the_other_dies_for_good(
    bench: Any, tmp_path: Path, quick_pace: None
) -> None:
    needs_postgresql()
    options = Namespace(calls=36, kills=5, seed=5, limit=500, postgresql=True)
    found = bench.chaos(options, tmp_path)
    assert found["good"], found
    assert (found["inspected"], found["kills"]["host for good"]) == (36, 1)


def test_damaged_files_are_explained_and_take_no_good_one_along(bench: Any, tmp_path: Path) -> None:
    found = bench.damaged(Namespace(good=8, damaged=64), tmp_path)
    assert found["good"], found
    assert found["good_inspected"] == 8
    assert sum(found["statuses"].values()) == 72


def test_hosts_read_from_an_object_store_and_share_the_work(bench: Any, tmp_path: Path) -> None:
    """Two hosts as separate processes, a real PostgreSQL server and an S3 server on loopback."""
    needs_postgresql()
    server_module = pytest.importorskip("moto.server", reason="the S3 server for tests is not installed")
    boto3 = pytest.importorskip("boto3")
    postgresql = importlib.import_module("servers").postgresql
    server = server_module.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    address, port = server.get_host_and_port()
    said = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": f"http://{address}:{port}",
        "AWS_ALLOW_HTTP": "true",
    }
    bench.make_calls(tmp_path / "calls", 10, seconds=2.0)
    client = boto3.client(
        "s3",
        endpoint_url=said["AWS_ENDPOINT_URL"],
        aws_access_key_id="test",
        aws_secret_access_key="test",
        region_name="us-east-1",
    )
    client.create_bucket(Bucket="calls")
    for file in sorted((tmp_path / "calls").rglob("*.wav")):
        client.upload_file(str(file), "calls", f"day/{file.name}")
    with postgresql() as url:
        hosts = [_host(tmp_path, url, name, said) for name in ("one", "two")]
        said_by = [host.communicate(timeout=120)[1] for host in hosts]
        assert [host.returncode for host in hosts] == [0, 0], said_by
        store = open_store(url)
        assert status_counts(store)["inspected"] == 10
        with store.read() as connection:
            per_host = connection.exec_driver_sql("SELECT host, count(*) FROM attempt GROUP BY host").all()
            twice = connection.exec_driver_sql(
                "SELECT recording_id FROM inspection GROUP BY recording_id HAVING count(*) > 1"
            ).all()
        assert {host for host, _ in per_host} == {"one", "two"}
        assert not twice
        store.close()
    server.stop()


def _host(folder: Path, url: str, name: str, said: dict[str, str]) -> subprocess.Popen[str]:
    code = f"""
        import sys
        sys.path.insert(0, {str(BENCHMARKS)!r})
        if __name__ == "__main__":
            from pathlib import Path
            from callqa.ingest.metadata import Metadata
            from callqa.ingest.remote import from_url
            from callqa.settings import Settings
            from callqa.store import open_store
            from callqa.worker.run import Options, run
            settings = Settings(home=Path({str(folder / name)!r}), database_url={url!r}, host_name={name!r})
            store = open_store(settings.resolved_database_url)
            options = Options(workers=1, quiet=True, recogniser="simulated:slow")
            run(store, settings, [from_url("s3://calls/day")], Metadata.load(), options)
    """
    script = folder / f"{name}.py"
    script.write_text(textwrap.dedent(code))
    command = [sys.executable, str(script)]
    environment = {**os.environ, **said, "SIMULATED_PAUSE": "0.8"}
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env=environment, stdout=pipe, stderr=pipe, text=True)
