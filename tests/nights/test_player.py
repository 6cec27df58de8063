"""Whole nights played over HTTP against the real application, with a thread that folds as a worker does."""

from __future__ import annotations

import io
import queue
import threading
import uuid
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from rich.console import Console
from werkzeug.serving import make_server

from coordinator import asking, jobs
from coordinator.desk.channels import Channels
from coordinator.jobs import FoldInbox
from coordinator.nights import playing
from coordinator.nights.board import Board
from coordinator.nights.caller import Caller, HubRefused
from coordinator.nights.night import Night
from coordinator.nights.player import open_stage, perform, settled
from coordinator.nights.stream import Watch
from coordinator.operations import templates
from tests import conftest
from tests.hubs import eventually


class Worker:
    """Takes each job as it is sent, and folds."""

    def __init__(self) -> None:
        self.jobs: queue.Queue[jobs.Job | None] = queue.Queue()
        self.hand = self.jobs.put

    def run(self) -> None:
        """Until there is None to do."""
        while (job := self.jobs.get()) is not None:
            if isinstance(job, FoldInbox):
                conftest.fold_all(job.operation_id)


@pytest.fixture
def hub(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of the application, served by threads."""
    worker, server = Worker(), make_server("127.0.0.1", 0, app, threaded=True)
    monkeypatch.setattr(asking, "_nudger", worker)
    threads = [threading.Thread(target=worker.run), threading.Thread(target=server.serve_forever, args=(0.05,))]
    for thread in threads:
        thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    _let_go(app.extensions["tallyroom.channels"])
    worker.jobs.put(None)
    server.shutdown()
    for thread in threads:
        thread.join()
    server.server_close()


def _let_go(channels: Channels) -> None:
    """Ends the streams whose watchers have gone: this server would notice only when it next has a word for them."""
    channels.serving = lambda: False
    eventually(lambda: channels.watching() == 0)
    channels.serving = lambda: True


@pytest.fixture
def admin(hub: str, create_token: Callable[..., conftest.Caller]) -> Iterator[Caller]:
    """An admin who calls the hub over HTTP."""
    caller = Caller(hub, create_token("admin").token)
    yield caller
    caller.close()


def ready(name: str, seed: int = 1) -> playing.Prepared:
    """A night under a code of its own."""
    return playing.prepare(name, seed, f"{name[:40]}-{uuid.uuid4().hex[:6]}")


@pytest.mark.parametrize("name", templates.names())
def test_a_night_played_on_a_hub_ends_at_the_published_figures(name: str, admin: Caller) -> None:
    stage, comparison = playing.play(ready(name), admin, 0, Console(file=io.StringIO(), width=100))
    stage.close()
    assert comparison.different() == []


def test_a_night_ends_in_the_phase_asked_for(admin: Caller) -> None:
    stage, _ = playing.play(ready("oak-grove-2020"), admin, 0, Console(file=io.StringIO()), phases=("standing_down", "reconciling"))
    assert stage.totals()["phase"] == "reconciling"
    stage.close()


def test_the_board_told_by_the_stream_ends_where_the_totals_do(admin: Caller) -> None:
    played = ready("united-front-2021")
    stage = open_stage(admin, played.document, played.night)
    boards = [Board()]
    with Watch(stage.desk, stage.code, lambda event: boards.append(boards[-1].after(event))):
        perform(stage, played.night, 0, lambda told: None)
        totals = settled(stage, played.night.entries())
        eventually(lambda: boards[-1].position == totals["position"])
    stage.close()
    assert boards[1].totals["operation"] == stage.code
    assert {code: figures["total"] for code, figures in boards[-1].totals["national"].items()} == {
        code: figures["total"] for code, figures in totals["national"].items()
    }
    assert boards[-1].units["KY"]["measures"]["victims_rescued"]["categories"] == {"unspecified": 21, "minor": 2}


def test_a_journal_has_a_place_for_each_act_but_repeats(admin: Caller) -> None:
    played = ready("united-front-2021", seed=2)
    stage, _ = playing.play(played, admin, 0, Console(file=io.StringIO()))
    assert stage.totals()["position"] == played.night.entries()
    stage.close()


def test_a_code_that_is_taken_is_refused(admin: Caller) -> None:
    played = ready("oak-grove-2020")
    empty = Night(played.night.begins, played.night.lasts, played.night.published)
    open_stage(admin, played.document, empty).close()
    with pytest.raises(HubRefused, match="409"):
        open_stage(admin, played.document, empty)


def test_acts_are_spread_over_the_time_asked_for(admin: Caller) -> None:
    played = ready("oak-grove-2020")
    stage = open_stage(admin, played.document, played.night)
    waits, told = list[float](), list[int]()
    perform(stage, played.night, 86_400.0, lambda one: told.append(one.number), waits.append)
    stage.close()
    assert len(told) - 1 <= len(waits) <= len(told), "each but the first waits for its time, and here nobody sleeps"
    assert waits == sorted(waits)
    assert 86_000 < waits[-1] <= 86_400
