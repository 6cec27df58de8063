"""Being asked to stop: Ctrl-C, SIGTERM or a closed terminal, turned into one exception wherever the main thread is."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class StopAsked(BaseException):
    """Someone asked this hub to stop. Not an Exception, so that no handler of errors swallows it."""


@contextmanager
def stopped_by_signals() -> Iterator[None]:
    """Within it the first such signal raises StopAsked and the others do nothing, so that stopping is not interrupted.

    A SIGHUP that whoever started us has set aside (nohup) stays so.
    """
    heeded = [one for one in SIGNALS if not (one == signal.SIGHUP and signal.getsignal(one) == signal.SIG_IGN)]
    before = {one: signal.signal(one, _ask) for one in heeded}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _ask(_number: int, _frame: FrameType | None) -> None:
    for one in SIGNALS:
        signal.signal(one, signal.SIG_IGN)
    raise StopAsked
