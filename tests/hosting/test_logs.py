"""Every line in one form, whoever logs it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from config.settings import Settings, SettingsError
from tests.hosting.verbs import environment

SPEAKS = """
import logging, structlog
from structlog.contextvars import bind_contextvars
from config.logs import configure_logs
from config.settings import Settings
configure_logs(Settings(database_url="x", redis_url="x", log_format={form!r}))
bind_contextvars(request="r-1")
structlog.get_logger("room").info("reported", unit="KY")
logging.getLogger("celery.worker").warning("lost %s", "redis")
logging.getLogger("sqlalchemy.engine").info("SELECT 1")
structlog.get_logger("room").debug("too much")
try:
    1 / 0
except ZeroDivisionError:
    structlog.get_logger("room").exception("failed")
"""


def spoken(form: str) -> str:
    """What a process says that logs through us."""
    return subprocess.run(
        [sys.executable, "-c", SPEAKS.format(form=form)], env=environment(), capture_output=True, text=True, check=True
    ).stderr


def settings(**members: str) -> Settings:
    """Settings of which only the logs' matter."""
    return Settings(database_url="x", redis_url="x", **members)  # type: ignore[arg-type]


def test_each_line_is_one_json_object_with_time_level_logger_and_context() -> None:
    ours, theirs, failed = map(json.loads, spoken("json").splitlines())
    assert (ours["event"], ours["level"], ours["logger"], ours["unit"], ours["request"]) == ("reported", "info", "room", "KY", "r-1")
    assert ours["timestamp"].endswith("Z")
    assert (theirs["event"], theirs["level"], theirs["logger"], theirs["request"]) == ("lost redis", "warning", "celery.worker", "r-1")
    assert "ZeroDivisionError" in failed["exception"]


def test_as_text_it_can_be_read_by_people() -> None:
    said = spoken("text")
    assert "reported" in said
    assert "unit=KY" in said
    assert "SELECT 1" not in said


@pytest.mark.parametrize(("name", "value"), [("log_level", "LOUD"), ("log_format", "xml")])
def test_a_level_or_form_nobody_knows_is_refused_with_those_there_are(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"TALLYROOM_{name.upper()} is '{value}': choose one of"):
        Settings.from_environment({"TALLYROOM_DATABASE_URL": "-", "TALLYROOM_REDIS_URL": "-", f"TALLYROOM_{name.upper()}": value})
