"""Every setting of the hub: read once from the environment, typed, immutable.

Each field of ``Settings`` is the variable ``TALLYROOM_<FIELD>`` in capitals, or the file that ``TALLYROOM_<FIELD>_FILE``
names (how container secrets arrive). The README's table lists the same fields; a test keeps the two equal.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any

PREFIX = "TALLYROOM_"


class SettingsError(Exception):
    """Settings that are missing or don't parse; the message names all of them at once."""


def setting(about: str, default: Any = MISSING, least: float | None = None, choices: tuple[str, ...] = ()) -> Any:
    """A field with the sentence that documents it and, where it is bounded, the least value or the only ones it takes."""
    return field(default=default, metadata={"about": about, "least": least, "choices": choices})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Durations are in seconds. Addresses are URLs."""

    database_url: str = setting("PostgreSQL, as the hub's processes connect: postgresql://user@host/name")
    redis_url: str = setting("Redis or Valkey: redis://host:6379/0, rediss:// or unix:///path?db=0")
    owner_url: str = setting("PostgreSQL as the owner of the tables, for migrations alone; the database_url when empty", "")
    bind: str = setting("address and port the web server listens on", "127.0.0.1:8000")
    web_processes: int = setting("web server processes", 2, 1)
    worker_processes: int = setting("processes in one Celery worker", 2, 1)
    database_pool: int = setting("database connections at most in one process", 10, 2)
    trusted_proxies: int = setting("reverse proxies in front whose X-Forwarded headers are believed", 0, 0)
    writes_per_second: float = setting("writes a token may make each second, in each web process", 20.0, 0.1)
    write_burst: int = setting("writes a token may make at once before that rate holds, in each web process", 300, 1)
    attempts_per_minute: float = setting("attempts to sign in that one address may make each minute, in each web process", 60.0, 1.0)
    idle_minutes: float = setting("how long a session lasts without anyone doing anything", 30.0, 0.01)
    session_hours: float = setting("how long a session lasts at most", 12.0, 0.001)
    device_days: float = setting("how long an invited device stays signed in at most, behind its short code", 14.0, 0.001)
    stale_seconds: float = setting("how long a report may wait before whoever notices folds it", 2.0, 0.5)
    signing_key: str = setting(
        "Ed25519 private key in PEM that signs checkpoints and bundles, best given as a file; none: nothing is signed", ""
    )
    checkpoint_seconds: float = setting("how often a checkpoint is made of an operation whose record has grown", 300.0, 1.0)
    recount_seconds: float = setting("how often totals of live operations are compared with a recount", 60.0, 1.0)
    stuck_seconds: float = setting("how long a worker may give no sign of life before it is replaced", 60.0, 5.0)
    heartbeat_seconds: float = setting("how often a quiet stream sends a comment line", 15.0, 1.0)
    export_rows: int = setting("rows or entries up to which an export is made while its reader waits; a worker makes longer", 2000, 0)
    export_hours: float = setting("how long a file that a worker made can be fetched", 24.0, 0.001)
    mail_domains: str = setting("domains that mail may go to, such as `example.gov, *.example.gov`; empty: no mail is sent", "")
    smtp_url: str = setting(
        "mail server: smtp://user:password@host:587 (STARTTLS), smtps://host:465, or smtp+plain://host:25 for one on this machine", ""
    )
    mail_from: str = setting("address that mail comes from", "")
    webhook_hosts: str = setting(
        "hosts that webhooks may call: `hooks.example.gov, *.example.gov:8443` by https, `http://host:port` in the clear; empty: none", ""
    )
    webhook_private: str = setting("private networks that webhooks may reach all the same, such as `10.20.0.0/16`; empty: none", "")
    push_contact: str = setting("whom push services turn to, mailto: or https:; empty: no phone is woken", "")
    push_hosts: str = setting(
        "push services that phones may be woken by",
        "fcm.googleapis.com, updates.push.services.mozilla.com, web.push.apple.com, *.notify.windows.com",
    )
    log_level: str = setting("DEBUG, INFO, WARNING or ERROR", "INFO", choices=("DEBUG", "INFO", "WARNING", "ERROR"))
    log_format: str = setting("json or text", "json", choices=("json", "text"))

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Reads every setting; raises SettingsError naming all that are missing or wrong."""
        environ = os.environ if environ is None else environ
        values, problems = {}, []
        for one in fields(cls):
            try:
                values[one.name] = _read(one, environ)
            except ValueError as problem:
                problems.append(str(problem))
        if problems:
            raise SettingsError("; ".join(problems))
        return cls(**values)

    @property
    def migration_url(self) -> str:
        """Where migrations connect: the owner's URL, or the hub's where there is but one."""
        return self.owner_url or self.database_url


def variable(name: str) -> str:
    """The environment variable of a field: ``database_url`` -> ``TALLYROOM_DATABASE_URL``."""
    return PREFIX + name.upper()


def _read(one: Any, environ: Mapping[str, str]) -> Any:
    name = variable(one.name)
    text = _text(name, environ)
    if text is None or text == "":
        if one.default is MISSING:
            raise ValueError(f"{name} is not set: {one.metadata['about']}")
        return one.default
    return _typed(name, text, one)


def _text(name: str, environ: Mapping[str, str]) -> str | None:
    path = environ.get(f"{name}_FILE")
    if not path:
        return environ.get(name)
    try:
        return Path(path).read_text().strip()
    except OSError as problem:
        raise ValueError(f"{name}_FILE can't be read: {problem}") from problem


_TYPES = {"int": int, "float": float, "str": str}


def _typed(name: str, text: str, one: Any) -> Any:
    try:
        value = _TYPES[one.type](text)
    except ValueError:
        raise ValueError(f"{name} is {text!r}, which is not a number") from None
    least = one.metadata["least"]
    if least is not None and not value >= least:
        raise ValueError(f"{name} is {text}, less than {least}")
    choices = one.metadata["choices"]
    if choices and value not in choices:
        raise ValueError(f"{name} is {text!r}: choose one of {', '.join(choices)}")
    return value
