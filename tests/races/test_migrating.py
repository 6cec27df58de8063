"""Two that bring a database up to date at the same moment: a deployment that starts twice."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid

from coordinator.hosting.hub import ROOT
from coordinator.schema import at_head
from tests.conftest import OWNER, Servers

SECONDS = 60


def migrate(url: str) -> subprocess.Popen[str]:
    environment = os.environ | {"TALLYROOM_NO_BOOTSTRAP": "1", "TALLYROOM_DATABASE_URL": url, "TALLYROOM_REDIS_URL": "unix:///nowhere"}
    command = [sys.executable, "-m", "coordinator", "migrate"]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def test_migrations_run_twice_at_once_on_one_database_and_side_by_side_on_two(servers: Servers) -> None:
    """The roles are the cluster's: also two databases of one server have something to fight over."""
    names = [f"fresh_{uuid.uuid4().hex[:8]}" for _ in range(2)]
    for name in names:
        servers.postgres.create_database(name)
    urls = [servers.postgres.url(name, OWNER) for name in names]
    runs = [migrate(url) for url in (*urls, urls[0])]
    said = [run.communicate(timeout=SECONDS)[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0, 0], said
    assert all(at_head(url) for url in urls)
    for name in names:
        servers.postgres.drop_database(name)
