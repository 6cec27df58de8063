"""Every job has one task that answers it, and every queue a worker that empties it."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from config import queueing
from config.settings import Settings
from coordinator import jobs
from workers.schedule import schedule

ROOT = Path(__file__).parents[2]
JOBS = {job.name(): job for job in jobs.Job.__subclasses__()}
SETTINGS = Settings(database_url="postgresql://nobody@localhost/nothing", redis_url="redis://localhost:1/0")

TELL = """
import inspect, json
from workers.app import app
app.loader.import_default_modules()
tasks = {name: task for name, task in app.tasks.items() if not name.startswith("celery.")}
annotations = {name: {p.name: p.annotation for p in inspect.signature(task.run).parameters.values()} for name, task in tasks.items()}
print(json.dumps(annotations))
"""


@pytest.fixture(scope="module")
def tasks() -> dict[str, dict[str, str]]:
    """Name of each task -> its parameters with their types, told by a process of its own, since workers read settings at import."""
    environ = os.environ | {"TALLYROOM_DATABASE_URL": SETTINGS.database_url, "TALLYROOM_REDIS_URL": SETTINGS.redis_url}
    told = subprocess.run([sys.executable, "-c", TELL], cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60, check=True)
    return json.loads(told.stdout)


def test_every_job_is_answered_by_one_task_of_its_name_and_no_task_is_left_over(tasks: dict[str, Any]) -> None:
    assert set(tasks) == set(JOBS)


def test_the_tasks_take_what_the_jobs_carry(tasks: dict[str, dict[str, str]]) -> None:
    assert tasks == {name: {field.name: field.type for field in dataclasses.fields(job)} for name, job in JOBS.items()}


def test_jobs_carry_ids_and_not_objects() -> None:
    assert {field.type for job in JOBS.values() for field in dataclasses.fields(job)} <= {"int", "str"}


def test_everything_beat_sends_is_a_job_with_its_parameters_and_queue() -> None:
    for entry in schedule(SETTINGS).values():
        job = JOBS[entry["task"]](**entry["kwargs"])
        assert entry["options"]["queue"] == job.queue


def test_the_worker_takes_from_every_queue_that_jobs_go_to() -> None:
    used = {job.queue for job in JOBS.values()} | {entry["options"]["queue"] for entry in schedule(SETTINGS).values()}
    used.add(queueing.celery_options(SETTINGS.redis_url)["task_default_queue"])
    assert set(queueing.QUEUES) == used


def test_the_deployment_starts_workers_by_the_same_command() -> None:
    """What ``workers`` consumes is held above; the deployment must use it, or name every queue itself."""
    file = ROOT / "docker-compose.yml"
    if not file.exists():
        pytest.skip("there is no docker-compose.yml yet")
    text = file.read_text()
    if "-Q" in text or "--queues" in text:
        assert all(queue in text for queue in {job.queue for job in JOBS.values()})
    else:
        assert '"worker"' in text or " worker" in text
    assert "beat" in text
