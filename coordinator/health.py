"""Whether the hub is alive, whether it is ready, and its metrics: for machines that look after it."""

from __future__ import annotations

from collections.abc import Callable

import redis
from flask import Blueprint, Response, current_app
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from coordinator import heartbeats, metrics
from coordinator.access.guards import public
from coordinator.db import transaction
from coordinator.doors import answer

room = Blueprint("health", __name__)

WORKER_SECONDS = 60


@room.get("/healthz")
@public
def alive() -> Response:
    """The process answers."""
    return answer({"status": "alive"})


@room.get("/readyz")
@public
def ready() -> Response:
    """Database, Redis and a worker heard from within a minute, each by name; 503 where one is missing."""
    parts = {"database": _database, "redis": _redis, "worker": _worker}
    found = {name: _state(check) for name, check in parts.items()}
    good = all(state == "ok" for state in found.values())
    return answer({"status": "ready" if good else "not ready", **found}, 200 if good else 503)


@room.get("/metrics")
@public
def prometheus() -> Response:
    """Metrics in Prometheus' text form."""
    return Response(metrics.exposition(), content_type="text/plain; version=0.0.4; charset=utf-8")


def _state(check: Callable[[], bool]) -> str:
    try:
        return "ok" if check() else "silent"
    except (SQLAlchemyError, redis.RedisError, OSError):
        return "unreachable"


def _database() -> bool:
    with transaction() as session:
        return bool(session.scalar(text("SELECT 1")))


def _redis() -> bool:
    return bool(current_app.extensions["tallyroom.announcer"].ping())


def _worker() -> bool:
    with transaction():
        return heartbeats.heard_within(heartbeats.WORKER, WORKER_SECONDS)
