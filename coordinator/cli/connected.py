"""For verbs that speak to a hub's database: where it is, and a connection to it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from coordinator import db, live
from coordinator.hosting.folder import running_settings
from coordinator.verification import signing

DATA = click.option(
    "--data", type=click.Path(path_type=Path), default=Path("var"), show_default=True, help="The data folder of the running hub."
)


def connected(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a verb ``--data``, and connects it to the hub that runs there or that the environment names."""

    def run(data: Path, **arguments: Any) -> Any:
        settings = running_settings(data)
        engine = db.connect(settings.database_url, pool=2)
        live.announce_by(live.Announcer(settings.redis_url))
        signing.hold(settings)
        try:
            return verb(**arguments)
        finally:
            engine.dispose()

    run.__doc__, run.__name__ = verb.__doc__, verb.__name__
    run.__click_params__ = getattr(verb, "__click_params__", [])  # type: ignore[attr-defined]
    return DATA(run)
