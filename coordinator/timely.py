"""A body comes within a while: who sends a byte now and then would hold one of the server's connections for as long as it likes.

The server limits how long a request's head may take and not its body; and a report's body is read before anyone knows who sends it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from gevent import Timeout
from gevent.monkey import is_module_patched

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]

SECONDS, BYTES_A_SECOND = 60.0, 1024
"""How long a body may take, and how many bytes of it earn a second more: the slowest telephone is faster."""

UNKNOWN = 1024 * 1024
"""How long a body counts as that does not say its length."""


class Timely:
    """Gives ``application`` bodies that raise TimeoutError once they have taken longer than ``seconds`` and what their length earns."""

    def __init__(self, application: Application, seconds: float = SECONDS) -> None:
        self._application, self._seconds = application, seconds

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        """The application's answer."""
        if is_module_patched("socket"):  # elsewhere nobody else waits for this thread
            length = environ.get("CONTENT_LENGTH") or ""
            earned = (int(length) if length.isdigit() else UNKNOWN) / BYTES_A_SECOND
            environ["wsgi.input"] = _Body(environ["wsgi.input"], time.monotonic() + self._seconds + earned)
        return self._application(environ, start)


class _Body:
    """A body to be read until a moment of the monotonic clock."""

    def __init__(self, body: Any, until: float) -> None:
        self._body, self._until = body, until

    def read(self, *most: int) -> bytes:
        """What ``read`` of the body gives."""
        with Timeout(max(0.0, self._until - time.monotonic()), TimeoutError("the body took too long")):
            return bytes(self._body.read(*most))
