"""``tallyroom doctor``: what is unsafe in the running servers, and how to mend it."""

from __future__ import annotations

from pathlib import Path

import click

from coordinator.hosting.checkup import Finding, examine
from coordinator.hosting.folder import running_settings

MARKS = {"ok": "ok    ", "note": "note  ", "unsafe": "UNSAFE"}


@click.command()
@click.option("--data", type=click.Path(path_type=Path), default=Path("var"), show_default=True, help="Folder of the hub to look at.")
@click.pass_context
def command(ctx: click.Context, data: Path) -> None:
    """Look at the running database and Redis: print each finding and how to mend it; exit 1 if something is unsafe."""
    settings = running_settings(data)
    from coordinator.schema import at_head

    findings = []
    for finding in examine(settings, data, at_head):
        click.echo(_line(finding))
        findings.append(finding)
    unsafe = sum(finding.state == "unsafe" for finding in findings)
    click.echo(f"{len(findings)} looked at, {unsafe} unsafe")
    ctx.exit(1 if unsafe else 0)


def _line(finding: Finding) -> str:
    line = f"{MARKS[finding.state]}  {finding.about:30}  {finding.found}"
    return f"{line}\n          to mend: {finding.mend}" if finding.mend else line
