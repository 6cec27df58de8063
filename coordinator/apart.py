"""Long work that is not the database's: in a real thread where the web server has one for all its requests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gevent.monkey import is_module_patched
from gevent.threadpool import ThreadPool


class Apart:
    """A few real threads, made when first needed. It helps with code that lets others run meanwhile, as argon2 and typst do."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._threads: ThreadPool | None = None

    def do(self, work: Callable[..., Any], *given: Any) -> Any:
        """What ``work`` answers, done apart where the process serves others in this thread, else here and now."""
        if not is_module_patched("threading"):
            return work(*given)
        self._threads = self._threads or ThreadPool(self._most)
        return self._threads.apply(work, given)
