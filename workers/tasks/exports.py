"""Tasks that make files."""

from __future__ import annotations

from uuid import UUID

from coordinator.db import transaction
from coordinator.exports import files, making
from coordinator.jobs import MakeExport, TendExports
from workers.app import app


@app.task(name=MakeExport.name())
def make_export(export: str) -> None:
    """Makes a file, unless it is made already or someone else is at it."""
    making.make(UUID(export))


@app.task(name=TendExports.name())
def tend_exports() -> None:
    """Forgets what has expired, and asks again for what nobody makes any more."""
    with transaction():
        files.tend()
