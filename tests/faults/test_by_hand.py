"""A figure changed by hand, past the hub, by the database's superuser: an alarm within two minutes, and nothing mended in silence."""

from __future__ import annotations

import random

import pytest

from tests.desk.nights import random_reports
from tests.desk.watching import Watcher, equal
from tests.hubs import LONG, LiveOperation, RealHub, eventually

CHANGES = 30 if LONG else 2
WITHIN = 120.0
"""Seconds. Here a recount comes every two and not every sixty, so that it takes a few of them."""

BY_HAND = {
    "a figure": "UPDATE cells SET total = total + {by} WHERE ({row}) = (operation_id, unit_id, category_id)",
    "a figure and all it is made of": "UPDATE cells SET own = own + {by}, total = total + {by} "
    "WHERE ({row}) = (operation_id, unit_id, category_id)",
    "a credit": "UPDATE cells SET assisted = assisted + {by} WHERE ({row}) = (operation_id, unit_id, category_id)",
    "no figure left": "DELETE FROM cells WHERE ({row}) = (operation_id, unit_id, category_id)",
}
ROW = "SELECT operation_id, unit_id, category_id FROM cells WHERE operation_id = {operation} AND figures > 0"


@pytest.fixture
def operation(hub: RealHub) -> LiveOperation:
    return hub.create_operation()


def test_a_figure_changed_by_hand_raises_an_alarm_that_stands_until_a_person_has_it_rebuilt(operation, seed) -> None:
    hub, chance = operation.hub, random.Random(seed)
    ways = chance.sample(sorted(BY_HAND.values()), len(BY_HAND))
    reports = random_reports(chance, lambda body, path="": operation.desk.post(operation.reports + path, body), 15 + CHANGES)
    for _ in range(15):
        next(reports)
    operation.settled(15)
    id = hub.query("SELECT id FROM operations WHERE code = %s", operation.code)[0][0]
    with Watcher(operation.desk, operation.code) as watcher:
        watcher.until(lambda: watcher.seen)
        for number in range(CHANGES):
            row = chance.choice(hub.query(ROW.format(operation=id) + " ORDER BY 2, 3"))
            hub.query(ways[number % len(ways)].format(row=", ".join(map(str, row)), by=chance.randint(1, 1000)))
            _is_shown(operation, watcher)
            next(reports)
            _folded_or_set_aside(operation, 16 + number)
            _stands(operation, id)
            rebuilt = hub.verb("recount", operation.code, "--rebuild")
            assert rebuilt.returncode == 0, rebuilt
            operation.settled(16 + number)
            watcher.until(lambda: not watcher.board.document["alarms"], WITHIN, "the alarm's end")
            equal(watcher, operation.totals)
            assert operation.recounted().holds


def _is_shown(operation: LiveOperation, watcher: Watcher) -> None:
    """On the stream and on the board, with what differs."""
    watcher.until(lambda: watcher.board.document.get("alarms"), WITHIN, "the alarm")
    alarm = eventually(lambda: operation.totals()["alarms"], WITHIN, "the alarm on the board")[0]
    assert alarm["code"] == "totals-differ"
    assert all(one["stored"] != one["recounted"] for one in alarm["differences"]), alarm
    assert watcher.board.document["alarms"][0]["code"] == "totals-differ"


def _folded_or_set_aside(operation: LiveOperation, position: int) -> None:
    """What takes something back of a figure that is gone can't be folded: it is set aside, with an alarm, until all is rebuilt."""
    eventually(lambda: (now := operation.totals())["position"] >= position or len(now["alarms"]) > 1, what="the next report")


def _stands(operation: LiveOperation, id: int) -> None:
    """After the next fold and the next recount the difference is still there: nobody has mended it."""
    hub, moment = operation.hub, operation.hub.moment()
    again = "SELECT holds FROM recounts WHERE operation_id = %s AND at > %s"
    assert eventually(lambda: hub.query(again, id, moment), WITHIN, "another recount") == [(False,)]
    assert operation.totals()["alarms"] and not operation.recounted().holds
