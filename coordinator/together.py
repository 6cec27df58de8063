"""Calls that arrive together are answered together: while one round trip is under way, the next lot gathers.

A commit costs the disk's patience whether it holds one report or fifty, and so does a question its way to the database. One
thread in each process takes whatever waits, does it in one go, and gives each caller its own answer; nobody is answered
before the commit that holds its part has returned. Alone, a call goes at once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Answered = TypeVar("Answered")


class _Call(Generic[Asked, Answered]):
    """One caller's question, and its answer once there is one."""

    __slots__ = ("answer", "asked", "done")

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.answer: Answered | BaseException | None = None
        self.done = threading.Event()


class Together(Generic[Asked, Answered]):
    """Answers calls by ``act``, which gets all that wait (``most`` at a time) and returns as many answers, in order.

    An exception among the answers is raised for that caller alone; one that ``act`` raises, for all of the lot.
    """

    def __init__(self, name: str, act: Callable[[Sequence[Asked]], Sequence[Answered | Exception]], most: int = 500) -> None:
        self._name, self._act, self._most = name, act, most
        self._waiting: list[_Call[Asked, Answered]] = []
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None

    def ask(self, asked: Asked) -> Answered:
        """Waits for the answer to ``asked``."""
        call: _Call[Asked, Answered] = _Call(asked)
        with self._lock:
            self._waiting.append(call)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
        self._wake.set()
        call.done.wait()
        if isinstance(call.answer, BaseException):
            raise call.answer
        return call.answer  # type: ignore[return-value]

    def _run(self) -> None:
        while True:
            self._wake.wait()
            with self._lock:
                lot, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
                if not self._waiting:
                    self._wake.clear()
            if lot:
                self._answer(lot)

    def _answer(self, lot: list[_Call[Asked, Answered]]) -> None:
        answers: Sequence[Answered | BaseException]
        try:
            answers = self._act([call.asked for call in lot])
        except Exception as problem:
            answers = [problem] * len(lot)
        for call, answer in zip(lot, answers, strict=True):
            call.answer = answer
            call.done.set()
