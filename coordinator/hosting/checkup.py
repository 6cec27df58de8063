"""What ``doctor`` looks at: the settings of the running servers, read back from them, never from a file.

A finding is ``ok``, ``note`` (works, but could be better) or ``unsafe`` (a promise of the hub does not hold); each of the
latter says how to mend it.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psycopg
import redis

from config.settings import Settings, variable
from coordinator.deliveries import ways
from coordinator.deliveries.models import MAIL, PUSH, WEBHOOK
from coordinator.hosting import checkup_database
from coordinator.hosting.checkup_database import WAIT_SECONDS
from coordinator.hosting.folder import DataFolder
from coordinator.verification.keys import NotAKey, Signer

State = Literal["ok", "note", "unsafe"]
LEAST_FREE_BYTES = 1024**3
SLOW_PING_SECONDS = 0.05


@dataclass(frozen=True)
class Finding:
    """One thing looked at, what it is, and what to do about it (empty where nothing is to be done)."""

    about: str
    found: str
    state: State = "ok"
    mend: str = ""


def examine(settings: Settings, data: Path, at_head: Callable[[str], bool]) -> Iterator[Finding]:
    """All findings, as they are made. ``at_head`` says whether the database at a URL has the newest tables."""
    yield from _database(settings, at_head)
    yield from _redis(settings.redis_url)
    yield from _signing_key(settings, data)
    yield from _ways_out(settings)
    yield from _disk(data)


def judged(about: str, found: object, safe: bool, mend: str, *, else_state: State = "unsafe") -> Finding:
    """``ok`` where safe, else with how to mend it."""
    return Finding(about, str(found)) if safe else Finding(about, str(found), else_state, mend)


def _database(settings: Settings, at_head: Callable[[str], bool]) -> Iterator[Finding]:
    url = checkup_database.plain(settings.database_url)
    try:
        with psycopg.connect(url, connect_timeout=WAIT_SECONDS, autocommit=True) as connection:
            yield from (judged(*look) for look in checkup_database.settings_kept(connection, settings))
            yield from (judged(*look) for look in checkup_database.record_kept(connection))
            yield from (judged(*look, else_state="note") for look in checkup_database.could_be_better(connection))
        newest = at_head(settings.database_url)
        found = "of this version" if newest else "of another version"
        yield judged("tables", found, newest, "run `tallyroom migrate` with the owner's TALLYROOM_OWNER_URL")
    except psycopg.Error as problem:
        reason = " ".join(str(problem).split())
        yield Finding("database", f"no answer: {reason}", "unsafe", "start it, or correct TALLYROOM_DATABASE_URL")


def _redis(url: str) -> Iterator[Finding]:
    client = redis.Redis.from_url(url, socket_timeout=WAIT_SECONDS, socket_connect_timeout=WAIT_SECONDS, decode_responses=True)
    try:
        client.ping()
        started = time.perf_counter()
        client.ping()
        seconds = time.perf_counter() - started
        facts = client.info()
    except (redis.RedisError, OSError) as problem:
        yield Finding("redis", f"no answer: {problem}", "unsafe", "start it, or correct TALLYROOM_REDIS_URL; figures are safe meanwhile")
        return
    yield from _redis_facts(facts, seconds)


def _redis_facts(facts: dict[str, object], seconds: float) -> Iterator[Finding]:
    name, version = facts.get("server_name", "redis"), str(facts.get("valkey_version") or facts["redis_version"])
    yield judged("redis version", f"{name} {version}", int(version.partition(".")[0]) >= 6, "take Redis 6.2 or Valkey 7.2, or later")
    nearer = "bring it nearer to web and workers, or free its machine"
    yield judged("redis answers in", f"{seconds * 1000:.1f} ms", seconds < SLOW_PING_SECONDS, nearer, else_state="note")
    policy = facts.get("maxmemory_policy")
    keep = "CONFIG SET maxmemory-policy noeviction: else jobs vanish when memory is short"
    yield judged("redis maxmemory-policy", policy, policy == "noeviction", keep)
    evicted = facts.get("evicted_keys", 0)
    yield judged("redis keys evicted", evicted, evicted == 0, "give it more memory, or a server of its own", else_state="note")


def _disk(data: Path) -> Iterator[Finding]:
    if data.exists():
        free = shutil.disk_usage(data).free
        mend = f"free some space: without it nothing more can be recorded (at least {LEAST_FREE_BYTES / 1024**3:.0f} GB)"
        yield judged(f"disk space at {data}", f"{free / 1024**3:.1f} GB free", free >= LEAST_FREE_BYTES, mend)


def _ways_out(settings: Settings) -> Iterator[Finding]:
    """A way that is closed is no fault; an entry that can't be read is, since somebody meant it to be open."""
    held = ways.of(settings)
    for kind, what in ((MAIL, "mail"), (WEBHOOK, "webhooks"), (PUSH, "phones that are woken")):
        yield Finding(what, held.closed(kind) or "open, to what the settings list")
    for problem in held.problems:
        setting, _, wrong = problem.partition(": ")
        yield Finding(setting, wrong, "unsafe", "correct it for every web server and worker: until then it opens nothing")


def _signing_key(settings: Settings, data: Path) -> Iterator[Finding]:
    """Without a key nothing is signed, and what is tampered with can't be told from what was there."""
    mend = "set TALLYROOM_SIGNING_KEY_FILE for every web server and worker to one file with an Ed25519 private key in PEM"
    try:
        found = f"there, public key {Signer(settings.signing_key).public}" if settings.signing_key else ""
    except NotAKey as problem:
        found = ""
        mend = f"{problem} {mend}"
    yield judged("signing key", found or "none: no checkpoints and no bundles are made", bool(found), mend)
    path = Path(os.environ.get(f"{variable('signing_key')}_FILE") or DataFolder(data).signing_key)
    if found and path.exists():
        private = not path.stat().st_mode & 0o077 or os.path.ismount(path)  # a container's secret: its folder outside keeps others away
        yield judged("signing key's file", path, private, f"chmod 600 {path}: others on this machine can read it", else_state="note")
