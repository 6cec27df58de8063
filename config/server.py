"""gunicorn's settings, read by ``gunicorn -c python:config.server``; the names are gunicorn's.

One process holds thousands of streams, so the worker class is gevent and its connections are many. Nothing is written to
the current folder, and no worker outlives its parent.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import logging.config
import os
import shutil
import signal
import sys
import tempfile
import warnings
from typing import Any

from gunicorn.glogging import Logger

from config.logs import logging_options
from config.settings import Settings

_settings = Settings.from_environment()

bind = _settings.bind
proc_name = "tallyroom-web"
workers = _settings.web_processes
worker_class = "gevent"
worker_connections = 5000
backlog = 2048

timeout = 30
graceful_timeout = 5
"""Streams are let go at once when a server is to stop; this is for answers under way, and for connections that lie idle."""
keepalive = 75
"""Longer than the idle time of common proxies (60 s), so that the proxy closes first and no request is lost between."""

limit_request_line = 4094
limit_request_fields = 64
limit_request_field_size = 8190

forwarded_allow_ips = "*" if _settings.trusted_proxies else ""
"""Whose X-Forwarded headers are believed; the application counts the proxies, an outsider can't reach us past them."""


class HubLogger(Logger):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's words in the hub's form. Not by ``logconfig_dict``, with which gunicorn logs every request as well."""

    def setup(self, cfg: Any) -> None:
        """Replaces gunicorn's handlers by the hub's."""
        super().setup(cfg)
        logging.config.dictConfig(logging_options(_settings))


accesslog = None
errorlog = "-"
logger_class = HubLogger

control_socket_disable = True
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
"""Heartbeats in memory: a full or slow disk must not look like a stuck worker."""

_METRICS = "PROMETHEUS_MULTIPROC_DIR"
_PR_SET_PDEATHSIG = 1
_made: list[str] = []
_TO_STOP = {signal.SIGTERM, signal.SIGINT, signal.SIGQUIT}


def on_starting(server: Any) -> None:
    """A folder where the processes keep their metrics, set before anything imports prometheus_client, which looks once. Then the
    application is made here: its processes share it in memory, and one that replaces another starts in moments.

    Locks made before gevent has changed them would stop a whole worker, so it comes first of all; but this process waits for its
    children as the kernel does it, and leaves ``os`` and ``signal`` for its workers to change.
    """
    if not os.environ.get(_METRICS):
        _made.append(tempfile.mkdtemp(prefix="tallyroom-metrics-"))
        os.environ[_METRICS] = _made[0]
    from gevent import monkey

    monkey.patch_all(os=False, signal=False)
    warnings.filterwarnings("ignore", category=monkey.MonkeyPatchWarning)  # each worker changes the rest
    importlib.import_module(server.app.app_uri.partition(":")[0])
    os.register_at_fork(before=_hold_signals, after_in_parent=_hear_signals)


def _hold_signals() -> None:
    """A worker that is asked to stop before it listens to signals would never hear of it, go on taking requests, and be killed in the
    middle of them. So the signals wait, from before its birth until it is ready for them."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _TO_STOP)


def _hear_signals() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _TO_STOP)


def pre_fork(server: Any, worker: Any) -> None:
    """What is there before the fork stays where it is: the collector would write to every page of it, and unshare it."""
    gc.collect()
    gc.freeze()


def on_exit(server: Any) -> None:
    """Removes the folder if it was ours."""
    for folder in _made:
        shutil.rmtree(folder, ignore_errors=True)


def post_fork(server: Any, worker: Any) -> None:
    """gunicorn's workers notice an orphan's fate within a second or so; the kernel does it at once."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def post_worker_init(worker: Any) -> None:
    """Hears signals from now on, and tells the streams whether this process goes on. Not every application has streams."""
    _hear_signals()
    channels = getattr(worker.wsgi, "extensions", {}).get("tallyroom.channels")
    if channels is not None:
        channels.serving = lambda: worker.alive


def child_exit(server: Any, worker: Any) -> None:
    """Takes what a dead worker was holding, such as its open streams, out of the metrics."""
    from prometheus_client import multiprocess  # not before on_starting: see there

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
