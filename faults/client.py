"""``python -m faults.client FOLDER NUMBER``: one client as a process of its own, so that it can be killed and started again.

It keeps a report's key before it sends it, sends until it is answered 2xx or 422, writes down what happens, and reads that
first when it is started again. What it has to do stands in the folder's ``task.json``; its history goes beside it. Once there
is a file ``over``, it begins nothing more.
"""

from __future__ import annotations

import http.client
import json
import sys
import threading
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from faults.history import History, Reader
from faults.plan import Planned, plan

CONNECTIONS = 4
TIMEOUT = 60.0
"""Seconds: a web server that starts again on a busy machine lets its callers wait, and does not turn them away."""

FINAL = (201, 422)
BROKEN = (OSError, http.client.HTTPException)
PAUSE, LONGEST_PAUSE = 0.1, 1.0


@dataclass(frozen=True)
class Task:
    """What all clients of a folder do. ``urls`` are given out in turn; ``pace`` is reports a second of all together from the
    monotonic time ``began``; ``until`` is when even the unanswered are given up. ``keep``: whether a connection serves many requests.
    """

    urls: list[str]
    token: str
    code: str
    seed: int
    count: int
    clients: int
    pace: float
    began: float
    until: float
    keep: bool = True

    def mine(self, number: int) -> list[Planned]:
        """What client ``number`` sends."""
        return [one for one in plan(self.seed, self.count, self.clients) if number in one.senders]


class Client:
    """Sends what is still to be sent, by several connections at once."""

    def __init__(self, task: Task, number: int, history: Path) -> None:
        done = {event.number for event in Reader(history).news() if event.what == "answered" and event.status in FINAL}
        self._task = task
        self._address = urlsplit(task.urls[number % len(task.urls)])
        self._history = History(history)
        self._over = history.with_name("over")
        self._left = deque(one for one in task.mine(number) if one.number not in done)

    def run(self) -> None:
        """Returns when everything was answered, or the time is over."""
        threads = [threading.Thread(target=self._work, daemon=True) for _ in range(CONNECTIONS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _work(self) -> None:
        connection = http.client.HTTPConnection(str(self._address.hostname), self._address.port, timeout=TIMEOUT)
        while (one := self._next()) and not self._over.exists():
            time.sleep(max(0.0, self._task.began + one.number / self._task.pace - time.monotonic()))
            while time.monotonic() < self._task.until and not self._send(connection, one):
                pass

    def _next(self) -> Planned | None:
        try:
            return self._left.popleft()
        except IndexError:
            return None

    def _send(self, connection: http.client.HTTPConnection, one: Planned) -> bool:
        """Sends it once; answers whether that settled it, after a pause where it did not."""
        self._history.note(one.number, "sent")
        try:
            status, said, pause = self._attempt(connection, one)
        except BROKEN as problem:
            connection.close()
            self._history.note(one.number, "broken", said=type(problem).__name__)
            time.sleep(PAUSE)
            return False
        self._history.note(one.number, "answered", status, said)
        if status not in FINAL:
            time.sleep(pause)
        return status in FINAL

    def _attempt(self, connection: http.client.HTTPConnection, one: Planned) -> tuple[int, str, float]:
        headers = {"Authorization": f"Bearer {self._task.token}", "Content-Type": "application/json", "Idempotency-Key": one.key}
        connection.request("POST", f"/api/v1/operations/{self._task.code}/reports", json.dumps(one.body), headers)
        answer = connection.getresponse()
        body = answer.read()
        if not self._task.keep:
            connection.close()
        if answer.status == 201:
            return 201, body.decode(), 0.0
        after = answer.headers.get("Retry-After", "")
        return answer.status, _why(answer, body), min(LONGEST_PAUSE, float(after) if after.isdecimal() else PAUSE)


def _why(answer: http.client.HTTPResponse, body: bytes) -> str:
    """An answer other than 201 in a few words: the problem's type, and whether it says when to come back."""
    try:
        kind = str(json.loads(body)["type"]).rpartition("/")[2]
    except (ValueError, KeyError, TypeError):
        kind = "no problem document"
    good = answer.headers.get("Content-Type", "").startswith("application/problem+json")
    later = ", Retry-After" if answer.headers.get("Retry-After", "").isdecimal() else ""
    return f"{kind}{later}" if good else f"{kind}, of another media type{later}"


def main(folder: Path, number: int) -> None:
    """Does a client's part of the folder's task."""
    task = Task(**json.loads((folder / "task.json").read_text()))
    Client(task, number, folder / f"client-{number}.jsonl").run()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
