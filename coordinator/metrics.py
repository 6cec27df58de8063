"""Metrics for Prometheus: counted in each process, put together when asked."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy import text

from coordinator.db import transaction

METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
ANSWERS = Counter("tallyroom_http_answers_total", "Answers given", ("method", "rule", "status"))
SECONDS = Histogram(
    "tallyroom_http_seconds", "Seconds to an answer", ("method", "rule"), buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5)
)


@lru_cache(maxsize=1_000)
def _answers(method: str, rule: str, status: int) -> Any:
    """The counter of these labels: looked up once, since the library goes a long way for each."""
    return ANSWERS.labels(method, rule, status)


@lru_cache(maxsize=1_000)
def _seconds(method: str, rule: str) -> Any:
    return SECONDS.labels(method, rule)


def answered(method: str, rule: str, status: int, seconds: float) -> None:
    """Counts one answer. Methods nobody knows count as one: whoever makes them up would fill the metrics with series."""
    method = method if method in METHODS else "other"
    _answers(method, rule, status).inc()
    _seconds(method, rule).observe(seconds)


def exposition() -> bytes:
    """All metrics in Prometheus' text form: the counts of every web process, and what the database says now."""
    registry = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        for metric in (ANSWERS, SECONDS):
            registry.register(metric)
    registry.register(_Now())
    return generate_latest(registry)


_NOW = text("""
    SELECT (SELECT count(*) FROM inbox WHERE set_aside_at IS NULL) AS inbox_reports,
           (SELECT coalesce(extract(epoch FROM clock_timestamp() - min(received_at)), 0) FROM inbox WHERE set_aside_at IS NULL)
               AS inbox_oldest_seconds,
           (SELECT count(*) FROM inbox WHERE set_aside_at IS NOT NULL) AS inbox_set_aside,
           (SELECT coalesce(sum(position), 0) FROM heads) AS journal_entries_total,
           (SELECT count(*) FROM operations WHERE phase IN ('live', 'standing_down')) AS operations_live,
           (SELECT count(*) FROM outgoing WHERE state IN ('waiting', 'sending')) AS deliveries_waiting,
           (SELECT count(*) FROM outgoing WHERE state IN ('failed', 'given up')) AS deliveries_failed,
           (SELECT count(*) FROM recounts WHERE NOT holds) AS recounts_differing
""")


class _Now(Collector):
    """What the database says now: asked anew each time, of one process, so kept in none."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        with transaction() as session:
            row = session.execute(_NOW).one()
        for name, value in row._mapping.items():
            yield GaugeMetricFamily(f"tallyroom_{name}", name.replace("_", " "), float(value))
