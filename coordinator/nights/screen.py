"""The board in a terminal: figures first, then who was heard from, then what comes in. It shows what the stream told it.

In a terminal it rolls; elsewhere (a file, a pipe) it prints a line now and then.
"""

from __future__ import annotations

import time
from collections import deque
from typing import Any, Protocol, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from coordinator.nights.board import Board
from coordinator.nights.digits import large
from coordinator.nights.figures import UNATTRIBUTED
from coordinator.nights.night import Act, Night
from coordinator.nights.player import Told
from coordinator.nights.stream import Event
from coordinator.nights.wording import clock, hour, said, short
from coordinator.releases.figures import smallest, spelled

FRESH = 1.5
"""Seconds a figure that has moved stays lit."""

WIDE = 104
"""Columns from which what comes in has room beside the states."""

STYLES = {"post": "", "repeat": "dim", "correct": "yellow", "withdraw": "yellow"}

LINES_WITHOUT_TERMINAL = 12


class Screen(Protocol):
    """Whoever shows a night while it is played. A context: it shows from entry to exit."""

    board: Board

    def hear(self, event: Event) -> None:
        """Takes in an event of the stream, from any thread."""

    def tell(self, told: Told) -> None:
        """Takes in an act that was done."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


def screen(console: Console, document: dict[str, Any], night: Night) -> Screen:
    """The screen that suits the console."""
    return Rolling(console, document, night) if console.is_terminal and not console.is_dumb_terminal else Lines(console, document, night)


class Known:
    """What both kinds of screen know: the board, how far the night is, and the words for it."""

    def __init__(self, console: Console, document: dict[str, Any], night: Night) -> None:
        self.console, self.document, self.night = console, document, night
        self.board = Board()
        self.told: Told | None = None
        self.expected = [u["code"] for u in document["units"] if u["kind"] == "jurisdiction" and u.get("expected", True)]

    def hear(self, event: Event) -> None:
        """Takes in an event of the stream."""
        self.board = self.board.after(event)

    def clock(self) -> str:
        """What the operation's clock shows now, as far as the night has been played."""
        return clock(self.night.moment(self.told.act.at if self.told else 0.0), self.document["time_zone"])

    def heard(self) -> str:
        """How many of how many."""
        count, of = len(self.board.heard(self.expected)), len(self.expected)
        return f"{count} of {of} {'states' if of > 1 else 'state'} heard from"

    def national(self, measure: dict[str, Any]) -> str:
        """The nation's figure of a measure; a dash before the first snapshot, and a sign where it is the least it can be."""
        national = self.board.totals.get("national", {}).get(measure["code"], {})
        return ("≥" if national.get("unquantified") else "") + figure(measure, national)


class Lines(Known):
    """A line now and then, for files and pipes."""

    def tell(self, told: Told) -> None:
        """Prints the board in one line at each twelfth of the night."""
        self.told = told
        if told.number * LINES_WITHOUT_TERMINAL // told.of > (told.number - 1) * LINES_WITHOUT_TERMINAL // told.of:
            figures = ", ".join(f"{short(measure)} {self.national(measure)}" for measure in self.document["measures"])
            self.console.print(
                f"{self.clock():>22}  {told.number:>3} of {told.of}  {figures}; {self.heard()}", soft_wrap=True, highlight=False
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...


class Rolling(Known):
    """The board, drawn anew several times a second."""

    def __init__(self, console: Console, document: dict[str, Any], night: Night) -> None:
        super().__init__(console, document, night)
        self.recent: deque[Act] = deque(maxlen=40)
        self._lit: dict[tuple[str, str], tuple[str, float]] = {}
        self._live = Live(get_renderable=self.draw, console=console, refresh_per_second=8)

    def tell(self, told: Told) -> None:
        """The act goes on top of what comes in."""
        self.told = told
        self.recent.appendleft(told.act)

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def draw(self) -> RenderableType:
        """The whole board as it is now."""
        rows = self._states()
        if self.console.width < WIDE:
            return Group(self._head(), self._figures(), rows, self._newest(), self._progress())
        beside = Table.grid(expand=True, padding=(0, 3))
        beside.add_column()
        beside.add_column(ratio=1)
        beside.add_row(rows, self._incoming(len(self.expected) + 2))
        return Group(self._head(), Text(), self._figures(), Text(), beside, Text(), self._progress())

    def _head(self) -> RenderableType:
        line = Table.grid(expand=True)
        line.add_column(ratio=1, no_wrap=True)
        line.add_column(justify="right", no_wrap=True)
        phase = self.board.phase.replace("_", " ").upper()
        status = str(self.board.totals.get("status", "")).replace("-", ", ")
        wide = self.console.width >= WIDE
        name = Text.assemble((f" {self.document['name']} ", "bold"), (f" {phase} ", "bold white on red"), f" {status}" if wide else "")
        entry = f"  entry {self.board.position}  " if wide else "  "
        when = self.clock() if wide else self.clock().partition(",")[0]
        line.add_row(name, Text.assemble((self.heard(), "bold"), entry, (when, "bold"), " "))
        return line

    def _figures(self) -> RenderableType:
        """The nation's figures side by side, each with its label and what a bare number would hide."""
        shown = Table.grid(expand=True, padding=(0, 1))
        measures = self.document["measures"]
        for _ in measures:
            shown.add_column(ratio=1)
        large_rows = [Text("\n".join(large(self.national(measure))), style=self._style("", measure), no_wrap=True) for measure in measures]
        shown.add_row(*large_rows)
        shown.add_row(*(Text(measure["label"], style="bold", overflow="ellipsis", no_wrap=True) for measure in measures))
        shown.add_row(*(Text(self._hidden(measure), style="yellow", overflow="ellipsis", no_wrap=True) for measure in measures))
        return shown

    def _hidden(self, measure: dict[str, Any]) -> str:
        national = self.board.totals.get("national", {}).get(measure["code"], {})
        own = self.board.units.get(UNATTRIBUTED, {}).get("measures", {}).get(measure["code"], {})
        parts = [f"{value} {name}" for name, value in national.get("categories", {}).items() if name != "unspecified" and value]
        parts += [f"{figure(measure, own)} of no state"] if own.get("total") else []
        states = {self.board.units[code].get("parent") or code for code in national.get("unquantified", [])}
        parts += [f"{code}: amount not known" for code in sorted(states)]
        return ", ".join(parts)

    def _states(self) -> Table:
        table = Table(box=None, padding=(0, 1), header_style="dim")
        table.add_column("")
        table.add_column("", no_wrap=True)
        for measure in self.document["measures"]:
            table.add_column(short(measure), justify="right", no_wrap=True)
        heard = set(self.board.heard(self.expected))
        names = {unit["code"]: unit for unit in self.document["units"]}
        for code in self.expected:
            table.add_row(*_mark(names[code], code in heard), *(self._cell(code, measure) for measure in self.document["measures"]))
        if self.board.units.get(UNATTRIBUTED, {}).get("measures"):
            table.add_row("", Text("of no state", "italic"), *(self._cell(UNATTRIBUTED, measure) for measure in self.document["measures"]))
        return table

    def _cell(self, code: str, measure: dict[str, Any]) -> Text:
        own = self.board.units.get(code, {}).get("measures", {}).get(measure["code"], {})
        some = own.get("unquantified") and not own.get("categories")
        return Text("some" if some else figure(measure, own), style=self._style(code, measure) or ("dim" if not own else ""))

    def _style(self, code: str, measure: dict[str, Any]) -> str:
        """Lit while a figure is fresh."""
        documents = self.board.units.get(code, {}).get("measures", {}) if code else self.board.totals.get("national", {})
        shown, now = str(documents.get(measure["code"], {}).get("total")), time.monotonic()
        before, since = self._lit.get((code, measure["code"]), (shown, 0.0))
        self._lit[code, measure["code"]] = shown, since if before == shown else now
        lit = now - self._lit[code, measure["code"]][1] < FRESH
        return "bold green" if lit else "" if code else "bold cyan"

    def _incoming(self, rows: int) -> RenderableType:
        """The newest acts on top, with the time at which what they say was observed."""
        table = Table.grid(padding=(0, 1), expand=True)
        for width in (8, 12):
            table.add_column(min_width=width, no_wrap=True)
        table.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
        table.add_row("", Text("as it comes in", "dim"), "")
        for act in list(self.recent)[: rows - 1]:
            table.add_row(*self._told(act))
        return table

    def _newest(self) -> RenderableType:
        """The last act alone, where there is no room for more."""
        return Text(" ").join(self._told(self.recent[0])) if self.recent else Text()

    def _told(self, act: Act) -> tuple[Text, Text, Text]:
        time_of_day = hour(self.night.moment(act.report.observed), self.document["time_zone"])
        words = Text(said(act, self.night, self.document), STYLES[act.kind], no_wrap=True, overflow="ellipsis")
        return Text(f"{time_of_day:>8}", "dim"), Text(act.report.unit, "bold"), words

    def _progress(self) -> RenderableType:
        done, of = (self.told.number, self.told.of) if self.told else (0, 1)
        line = Table.grid(expand=True, padding=(0, 1))
        line.add_column()
        line.add_column(ratio=1)
        line.add_column(justify="right")
        line.add_row(Text(" the night", "dim"), ProgressBar(total=of, completed=done), Text(f"{done} of {of} ", "dim"))
        return line


def figure(measure: dict[str, Any], figures: dict[str, Any]) -> str:
    """The total of a unit's or the nation's figures, whole dollars without their cents; a dash where nobody has given one."""
    scale = measure.get("scale", 0)
    if not figures.get("categories") and not figures.get("unquantified"):
        return spelled(None, scale)
    whole = "." + "0" * scale if scale else ""
    return spelled(smallest(figures.get("total"), scale), scale).removesuffix(whole)


def _mark(unit: dict[str, Any], heard: bool) -> tuple[Text, Text]:
    """A shape beside each colour: heard from, not yet, conducted separately."""
    if unit.get("conducted_separately"):
        return Text("◆" if heard else "◇", "cyan"), Text(f"{unit['name']} (separately)")
    return Text("●" if heard else "○", "green" if heard else "dim"), Text(unit["name"], "" if heard else "dim")
