"""What the board costs: bytes on the way, and time on the screen's own thread."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import CDPSession

from tests.browser.conftest import Screen
from tests.conftest import report_body
from tests.hubs import LiveOperation, RealHub

Look = Callable[..., Screen]

FIRST_VIEW = 250 * 1024
LONG = 50.0
"""Milliseconds on the page's thread beyond which a task is long (W3C Long Tasks) and frames are dropped."""

REPORTS = 12
"""Each drawn before the next is sent, so that there are as many changes, however fast the machine."""

OURS = ("ScriptDuration", "LayoutDuration", "RecalcStyleDuration")
"""What the page makes the thread do. Painting is left out: here a processor does it that others use too, elsewhere a graphics card."""


@pytest.fixture
def large(hub: RealHub) -> LiveOperation:
    """60 jurisdictions, 20 measures, every cell with a figure."""
    measures = [{"code": f"m{n}", "label": f"Measure {n}", "unit": "persons"} for n in range(20)]
    from coordinator.operations.states import STATES

    codes = [*STATES, *(f"X{n}" for n in range(60 - len(STATES)))]
    units = [{"code": code, "name": f"State of {code}", "kind": "jurisdiction"} for code in codes]
    operation = hub.create_operation(measures=measures, units=units, rules=[], derived=[])
    lines = [{"measure": f"m{n}", "quantity": 1000 + n} for n in range(20)]
    for code in codes:
        assert operation.desk.post(operation.reports, report_body(unit=code, lines=lines)).status == 201
    operation.settled(60)
    return operation


def test_the_first_view_is_small(large: LiveOperation, look: Look) -> None:
    page = look(large.desk.token).page
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(f"{large.hub.url}/operations/{large.code}/board")
    page.wait_for_selector(".uplot canvas")
    page.wait_for_selector(".happening")
    print(f"{len(sizes)} answers, {sum(sizes) / 1024:.0f} KB: {sorted(map(int, sizes), reverse=True)}")
    assert len(sizes) > 15
    assert sum(sizes) < FIRST_VIEW


def test_a_change_on_60_states_and_20_measures_drops_no_frame(large: LiveOperation, look: Look) -> None:
    screen = look(large.desk.token)
    page = screen.board(large)
    page.wait_for_selector(".uplot canvas")
    page.wait_for_selector(".happening")
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    start = measured(session)
    lines = [{"measure": f"m{n}", "quantity": 1} for n in range(20)]
    for number in range(1, REPORTS + 1):
        assert large.desk.post(large.reports, report_body(unit=f"X{number % 4}", lines=lines)).status == 201
        screen.await_figure(f"{60 * 1000 + number:,}", "m0")
    spent = measured(session)
    each = sum(spent[name] - start[name] for name in OURS) / REPORTS * 1000
    print({name: round(spent[name] - start[name], 3) for name in (*OURS, "TaskDuration")})
    print(f"{each:.1f} ms of the page's thread for a change of all 20 measures of a state")
    assert each < LONG


def measured(session: CDPSession) -> dict[str, float]:
    """Seconds of processor time that the page's thread has taken, by what for."""
    return {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
