"""What was done and found, as a person reads it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from faults.clients import said_together
from faults.trial import Result

WIDTH = 110


def show(result: Result, console: Console | None = None) -> None:
    """Prints the faults and the findings."""
    console = console or _console()
    show_faults(result.faults, result.trial.seed, console)
    rows = [(one.about, str(one.count), "; ".join(one.examples)) for one in result.findings]
    console.print(_table("Found: every figure must be 0", ("what", "count", "such as"), rows))
    console.print(f"{result.trial.posts:,} posts and {result.faults.total()} faults in {result.seconds:.0f} s")
    console.print(f"answers: {said_together(result.answers)}")
    console.print(f"the board was behind by {result.longest_behind:.1f} s at most, the time that PostgreSQL or web were away included")
    verdict = f"It does not hold: {len(result.wrong)} findings. Seed {result.trial.seed} tries it again."
    console.print("It holds." if result.holds else verdict)


def show_faults(tally: Counter[str], seed: int, console: Console | None = None) -> None:
    """Prints how often each fault was committed."""
    rows = [(name, str(count)) for name, count in sorted(tally.items())]
    (console or _console()).print(_table(f"Faults: {tally.total()} (seed {seed})", ("fault", "count"), rows))


def _console() -> Console:
    return Console(width=None if Console().is_terminal else WIDTH, highlight=False)


def _table(title: str, columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Table:
    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column, justify="right" if column == "count" else "left")
    for row in rows:
        table.add_row(*row)
    return table
