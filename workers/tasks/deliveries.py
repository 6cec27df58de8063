"""Tasks that send."""

from __future__ import annotations

from coordinator.deliveries import sending
from coordinator.jobs import Deliver
from workers.app import app


@app.task(name=Deliver.name())
def deliver() -> None:
    """Sends what is due, unless another worker is at it."""
    sending.send_all()
