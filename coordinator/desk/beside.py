"""Answers a stream's request in a thread of its own, so that what stays open for hours is small.

The web server gives each connection a greenlet, whose memory for frames grows with the deepest call and does not shrink again.
Finding out who watches and whether they may is deep, and over in a moment; waiting for events is neither. The request itself is
let go as well: the server would keep it for as long as its answer lasts.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import Any

Answer = Iterable[bytes]
Application = Callable[[dict[str, Any], Any], Answer]

OURS, STILL_READ = "gunicorn.socket", "wsgi.file_wrapper"
"""By which gunicorn is known; and all that it asks of a request's environment once the answer is there. Others ask for more."""


class Beside:
    """Calls the application in a thread that ends with the call where the address is a stream's; for all others as ever."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Answer:
        """The answer, as WSGI has it; raises what the application raises."""
        if not environ.get("PATH_INFO", "").endswith("/stream"):
            return self._application(environ, start_response)
        found: Future[Answer] = Future()
        threading.Thread(target=self._answer, args=(found, environ, start_response), name="opening", daemon=True).start()
        answer = found.result()
        if OURS in environ:
            kept = environ[STILL_READ]
            environ.clear()
            environ[STILL_READ] = kept
        return answer

    def _answer(self, found: Future[Answer], environ: dict[str, Any], start_response: Any) -> None:
        try:
            found.set_result(self._application(environ, start_response))
        except BaseException as problem:
            found.set_exception(problem)
