"""The board as the stream tells it, and the screens that show it."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from coordinator.nights.board import Board
from coordinator.nights.comparison import compare
from coordinator.nights.digits import HEIGHT, large
from coordinator.nights.player import Told
from coordinator.nights.screen import Lines, Rolling, screen
from coordinator.nights.stream import Event, events
from coordinator.nights.tables import show
from coordinator.nights.wording import clock, said
from tests.nights.counted import planned, totals_of

SNAPSHOT = {
    "position": 1,
    "status": "unofficial-partial",
    "phase": "live",
    "national": {"arrests": {"total": 3, "categories": {"unspecified": 3}}},
    "units": [
        {"code": "KY", "parent": None, "last_report_at": None, "measures": {"arrests": {"total": 3}, "victims": {"total": 1}}},
        {"code": "KY-KSP", "parent": "KY", "last_report_at": None, "measures": {}},
    ],
}


def board(*more: tuple[str, dict[str, Any]]) -> Board:
    """A board after the snapshot and these events."""
    now = Board()
    for kind, content in (("snapshot", SNAPSHOT), *more):
        now = now.after(Event(kind, content))
    return now


def test_a_stream_is_read_event_by_event() -> None:
    lines = [
        b": tallyroom\n",
        b"\n",
        b"id: 4\n",
        b"event: totals\n",
        b'data: {"a":\n',
        b"data: 1}\n",
        b"\n",
        b": alive\r\n",
        b"data:[2]\r\n",
        b"\r\n",
        b"data: 3\n",
    ]
    assert list(events(iter(lines))) == [Event("totals", {"a": 1}, "4"), Event("message", [2], "")]  # type: ignore[arg-type]


def test_only_what_changed_changes() -> None:
    now = board(
        ("totals", {"position": 2, "national": {"victims": {"total": 4}}, "units": [{"code": "KY", "measures": {"arrests": {"total": 5}}}]})
    )
    assert now.position == 2
    assert now.units["KY"]["measures"] == {"arrests": {"total": 5}, "victims": {"total": 1}}
    assert now.totals["national"] == {"arrests": {"total": 3, "categories": {"unspecified": 3}}, "victims": {"total": 4}}


def test_a_phase_and_a_status_reach_the_board() -> None:
    now = board(("phase", {"position": 1, "phase": "standing_down"}), ("status", {"position": 1, "status": "unofficial-complete"}))
    assert (now.phase, now.totals["status"]) == ("standing_down", "unofficial-complete")


def test_a_bulletin_leaves_the_board_as_it_is() -> None:
    assert board(("bulletin", {"text": "stand by"})) == board()


def test_a_new_snapshot_takes_the_place_of_everything() -> None:
    assert board(("snapshot", {"position": 0, "national": {}, "units": []})).units == {}


def test_a_state_is_heard_from_when_an_agency_of_it_has_reported() -> None:
    assert board().heard(["KY", "TN"]) == []
    spoken = ("totals", {"position": 2, "units": [{"code": "KY-KSP", "last_report_at": "2021-08-27T02:15:00Z", "measures": {}}]})
    assert board(spoken).heard(["KY", "TN"]) == ["KY"]


def test_large_figures_have_rows_of_one_width() -> None:
    for figure in ("0123456789", "1,234.50", "≥0", "–"):
        rows = large(figure)
        assert len(rows) == HEIGHT and len({len(row) for row in rows}) == 1


@pytest.mark.parametrize(("width", "height"), [(80, 24), (104, 30), (160, 50)])
def test_the_rolling_board_fits_the_terminal_and_shows_figures_states_and_what_comes_in(width: int, height: int) -> None:
    night, document = planned("united-front-2021", 1)
    console = Console(file=io.StringIO(), force_terminal=True, width=width, height=height, legacy_windows=False)
    rolling = Rolling(console, document, night)
    rolling.hear(Event("snapshot", totals_of("united-front-2021", 1) | {"status": "unofficial-partial", "phase": "live", "position": 77}))
    for number, act in enumerate(night.acts()[:20], 1):
        rolling.tell(Told(act, number, 88))
    console.print(rolling.draw())
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert shown.count("\n") < height
    assert all(
        words in shown
        for words in (
            "Operation United Front",
            "LIVE",
            "Kentucky",
            "of 12 states heard from",
            "2 minor",
            "30 of no state",
            "IA: amount not known",
        )
    )
    assert night.acts()[19].report.unit in shown


def test_a_board_without_a_snapshot_yet_can_be_drawn() -> None:
    night, document = planned("united-front-2021", 1)
    console = Console(file=io.StringIO(), width=120)
    console.print(Rolling(console, document, night).draw())
    assert "0 of 12 states heard from" in console.file.getvalue()  # type: ignore[attr-defined]


def test_without_a_terminal_there_are_a_dozen_lines_and_no_escapes() -> None:
    night, document = planned("united-front-2021", 1)
    console = Console(file=io.StringIO(), width=100)
    shown = screen(console, document, night)
    assert isinstance(shown, Lines)
    acts = night.acts()
    with shown:
        shown.hear(Event("snapshot", totals_of("united-front-2021", 1)))
        for number, act in enumerate(acts, 1):
            shown.tell(Told(act, number, len(acts)))
    printed = console.file.getvalue()  # type: ignore[attr-defined]
    assert printed.count("\n") == 12 and "\x1b" not in printed
    assert "arrests 102, victims 47, services 41, currency ≥0" in printed


@pytest.mark.parametrize(
    "name", ["united-front-2021", "hsi-kansas-city-2021", "missouri-missing-foster-youth", "oak-grove-2020", "operation-hope"]
)
@pytest.mark.parametrize("width", [60, 80, 140])
def test_the_table_at_the_end_has_every_figure_beside_the_published_one(name: str, width: int) -> None:
    night, document = planned(name, 1)
    totals = totals_of(name, 1)
    console = Console(file=io.StringIO(), width=width)
    show(console, document, totals, compare(night.published, totals))
    printed = console.file.getvalue()  # type: ignore[attr-defined]
    assert "Equal in all" in printed and "≠" not in printed
    if width > 60:
        assert all(f"{total} = {total} ✓" in printed for total in night.published.totals.values())


def test_a_difference_is_printed_with_both_figures() -> None:
    night, document = planned("united-front-2021", 1)
    totals = totals_of("united-front-2021", 1)
    totals["national"]["arrests"]["total"] = 103
    console = Console(file=io.StringIO(), width=100)
    show(console, document, totals, compare(night.published, totals))
    printed = console.file.getvalue()  # type: ignore[attr-defined]
    assert "103 ≠ 102 ✗" in printed and "Different: 1 of" in printed
    assert "NATIONAL Arrests made (all): 103 here, 102 published" in printed


def test_every_act_of_a_night_is_put_in_words() -> None:
    night, document = planned("united-front-2021", 1)
    words = [(act.kind, said(act, night, document)) for act in night.acts()]
    assert ("post", "arrests +9, of 15 Aug") in words
    assert ("post", "currency, amount not published") in words
    assert any(kind == "post" and sentence.startswith("arrests stand at ") for kind, sentence in words)
    assert any(kind == "correct" and ", not " in sentence for kind, sentence in words)
    assert any(kind == "withdraw" and sentence.endswith("(belongs to another operation)") for kind, sentence in words)
    assert any(kind == "repeat" and "counted once" in sentence for kind, sentence in words)
    assert any(sentence.endswith("min late") for _, sentence in words)


def test_the_clock_is_the_operations_own() -> None:
    night, document = planned("united-front-2021", 1)
    assert clock(night.moment(0.0), document["time_zone"]) == "6:00 pm, Thu 26 Aug"
    assert clock(night.moment(0.5), document["time_zone"]) == "12:00 am, Fri 27 Aug"
