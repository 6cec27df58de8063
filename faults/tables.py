"""What was done and found, as a person reads it."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from faults.clients import said_together
from faults.trial import Result

WIDTH = 110


def show(result: Result, console: Console | None = None) -> None:
    """Prints the faults and the findings."""
    console = console or Console(width=None if Console().is_terminal else WIDTH, highlight=False)
    console.print(
        _table(f"Faults (seed {result.trial.seed})", "fault", [(name, str(count)) for name, count in sorted(result.faults.items())])
    )
    rows = [(one.about, str(one.count), "; ".join(one.examples)) for one in result.findings]
    console.print(_table("Found: every figure must be 0", "what", rows))
    console.print(f"{result.trial.posts:,} posts and {result.faults.total()} faults in {result.seconds:.0f} s")
    console.print(f"answers: {said_together(result.answers)}")
    console.print(f"the board was behind by {result.longest_behind:.1f} s at most, the time that PostgreSQL or web were away included")
    console.print(
        "It holds." if result.holds else f"It does not hold: {len(result.wrong)} findings. Seed {result.trial.seed} plays it again."
    )


def _table(title: str, first: str, rows: list[tuple[str, ...]]) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column(first)
    table.add_column("count", justify="right")
    if rows and len(rows[0]) > 2:
        table.add_column("such as")
    for row in rows:
        table.add_row(*row)
    return table
