"""gunicorn as we set it up, with an application of two lines."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from coordinator.hosting import listening
from coordinator.hosting.processes import Child, end, launch, wait_until
from tests.hosting.families import all_gone, family
from tests.hosting.verbs import environment

APPLICATION = """
import os, prometheus_client, time
counted = prometheus_client.Gauge("open", "", multiprocess_mode="livesum")
def app(environ, start):
    counted.inc()
    start("200 OK", [])
    if environ["PATH_INFO"] == "/stream":
        def forever():
            while True:
                yield b"."
                time.sleep(0.1)
        return forever()
    return [" ".join([os.environ["PROMETHEUS_MULTIPROC_DIR"], environ["wsgi.url_scheme"]]).encode()]
"""


SLOW_BIRTH = """
import pathlib, time
from config import server
from config.server import *
def post_fork(arbiter, worker):
    server.post_fork(arbiter, worker)
    pathlib.Path(f"born {worker.pid}").touch()
    while not pathlib.Path("let them live").exists():
        time.sleep(0.01)
"""
"""gunicorn's settings of the hub, with workers that do not listen to signals before they are allowed to."""


class Server:
    """A web server under test and how to ask it."""

    def __init__(self, folder: Path, config: str = "config.server", **settings: str) -> None:
        (folder / "simple.py").write_text(APPLICATION)
        (folder / "slow_birth.py").write_text(SLOW_BIRTH)
        self.folder = folder / "current"
        self.folder.mkdir()
        self.listener = listening.listen("127.0.0.1:0")
        ours = {"TALLYROOM_DATABASE_URL": "x", "TALLYROOM_REDIS_URL": "x", "TALLYROOM_BIND": f"fd://{self.listener.fileno()}"}
        path = {"PYTHONPATH": f"{environment()['PYTHONPATH']}:{folder}"}
        line = [sys.executable, "-m", "gunicorn", "-c", f"python:{config}", "simple:app"]
        self.log = folder / "log"
        keep = (self.listener.fileno(),)
        self.child: Child = launch(
            line, output=self.log, environment=environment(**ours, **path, **settings), folder=self.folder, keep=keep
        )

    def ask(self, path: str, **headers: str) -> tuple[int, str]:
        """Status and body of an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.listener.getsockname()[1], timeout=30)
        try:
            connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def stream(self) -> http.client.HTTPConnection:
        """A connection in the middle of an answer that never ends."""
        connection = http.client.HTTPConnection("127.0.0.1", self.listener.getsockname()[1], timeout=30)
        connection.request("GET", "/stream")
        assert connection.getresponse().read(1) == b"."
        return connection


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A running web server of two processes."""
    one = Server(tmp_path)
    yield one
    end(one.child)
    one.listener.close()


def test_it_writes_nothing_into_the_current_folder_and_logs_no_request(server: Server) -> None:
    assert server.ask("/?secret")[0] == 200
    assert list(server.folder.iterdir()) == []
    assert "secret" not in server.log.read_text()


def test_a_stream_does_not_keep_it_from_stopping_and_its_metrics_go_too(server: Server) -> None:
    metrics = Path(server.ask("/")[1].split()[0])
    assert metrics.is_dir()
    stream, members = server.stream(), family(server.child.pid)
    os.kill(server.child.pid, signal.SIGTERM)
    assert server.child.wait(10) == 0
    assert all_gone(members)
    assert not metrics.exists()
    stream.close()


def test_its_workers_do_not_outlive_it(server: Server) -> None:
    server.ask("/")
    assert wait_until(lambda: len(family(server.child.pid)) == 3, 10), "one answers before the other is there"
    members = family(server.child.pid)
    server.child.kill()
    assert all_gone(members)


def test_what_a_killed_worker_was_holding_leaves_the_metrics(server: Server) -> None:
    metrics = Path(server.ask("/")[1].split()[0])
    stream = server.stream()
    pids = {int(path.stem.rpartition("_")[2]) for path in metrics.glob("gauge_livesum_*.db")} - {server.child.pid}
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: not [path for pid in pids for path in metrics.glob(f"gauge_livesum_{pid}.db")], 10)
    stream.close()


def test_a_worker_that_is_asked_to_stop_before_it_listens_does_so_as_soon_as_it_does(tmp_path: Path) -> None:
    """Otherwise it would take requests until it was killed in the middle of them."""
    one = Server(tmp_path, "slow_birth")
    try:
        assert wait_until(lambda: len(list(one.folder.glob("born *"))) == 2, 30)
        first = {int(path.name.split()[1]) for path in one.folder.glob("born *")}
        for pid in first:
            os.kill(pid, signal.SIGTERM)
        (one.folder / "let them live").touch()
        assert wait_until(lambda: not first & {member.pid for member in family(one.child.pid)}, 10)
        assert one.ask("/")[0] == 200
    finally:
        end(one.child)
        one.listener.close()


@pytest.mark.parametrize(("proxies", "scheme"), [("0", "http"), ("1", "https")])
def test_forwarded_headers_are_believed_only_behind_a_proxy(tmp_path: Path, proxies: str, scheme: str) -> None:
    one = Server(tmp_path, TALLYROOM_TRUSTED_PROXIES=proxies)
    try:
        assert one.ask("/", X_Forwarded_Proto="https")[1].split()[1] == scheme
    finally:
        end(one.child)
        one.listener.close()


def test_lines_and_headers_without_end_are_refused(server: Server) -> None:
    assert server.ask("/" + "x" * 5000)[0] == 414
    assert server.ask("/", X_Long="x" * 9000)[0] == 431


def test_missing_settings_are_said_in_one_line(tmp_path: Path) -> None:
    line = [sys.executable, "-m", "gunicorn", "-c", "python:config.server", "simple:app"]
    answer = subprocess.run(line, env=environment(), cwd=tmp_path, capture_output=True, text=True, check=False)
    assert answer.returncode != 0
    assert "TALLYROOM_DATABASE_URL is not set" in answer.stderr
    assert "Traceback" not in answer.stderr
