"""The database of a hub, whether that hub runs or not: for verbs that look after it and need nothing else of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from config.settings import variable
from coordinator.hosting import postgres
from coordinator.hosting.folder import DataFolder, running_settings
from coordinator.hosting.postgres import PrivatePostgres
from coordinator.hosting.refusals import HostingRefused


@dataclass(frozen=True)
class Reached:
    """Where the database takes the owner of its tables and the hub's processes, and whether it was started for this."""

    owner_url: str
    hub_url: str
    private: bool


@contextmanager
def database(data: Path, make: bool = False) -> Iterator[Reached]:
    """The database that the environment names, of the hub that runs on ``data``, or else the private one of that folder, started
    for so long; with ``make`` it may be a new one. Refuses with HostingRefused and SettingsError."""
    folder = DataFolder(data)
    if folder.running() or os.environ.get(variable("database_url")) or os.environ.get(variable("database_url") + "_FILE"):
        settings = running_settings(data, os.environ | {variable("redis_url"): os.environ.get(variable("redis_url"), "redis://none")})
        yield Reached(settings.migration_url, settings.database_url, False)
        return
    if not make and not (folder.postgres / "data").exists():
        raise HostingRefused(f"there is no hub's database in {folder.path}: name its folder with --data, or set TALLYROOM_DATABASE_URL")
    folder.hold()
    try:
        with PrivatePostgres(folder.postgres) as server:
            yield Reached(server.url(user=postgres.OWNER), server.url(), True)
    finally:
        folder.let_go()
