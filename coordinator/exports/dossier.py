"""The dossier: everything that is said of one position or release. Pure; every format is written from this alone."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

import orjson

from coordinator.operations.catalogue import Catalogue
from coordinator.operations.documents import whole
from coordinator.releases import statistics

Document = Mapping[str, Any]
Tell = Callable[[float], None]
"""Hears what share of some work is done, from 0 to 1."""


def silent(_share: float) -> None:
    """Tells no one."""


@dataclass(frozen=True)
class Dossier:
    """``operation``, ``totals`` and ``rows`` are the documents of the API; ``night`` is measure -> [end of a step, national figure].

    ``moment`` is when the journal came to the position, or when the release was made: the only time a file carries. ``content`` is
    all that a release says, empty for a position, and ``sealed`` its digest. ``public``: small counts are hidden, as None in rows.
    """

    operation: Document
    totals: Document
    rows: tuple[Document, ...]
    night: Mapping[str, list[tuple[str, int | str]]] = field(default_factory=dict)
    release: int | None = None
    public: bool = False
    content: Document = field(default_factory=dict)
    sealed: str | None = None
    moment: str = ""

    @property
    def code(self) -> str:
        """The operation's code."""
        return str(self.operation["code"])

    @property
    def position(self) -> int:
        """The place in the journal."""
        return int(self.totals["position"])

    @property
    def status(self) -> str:
        """How far the figures can be trusted, as the API says it."""
        return str(self.totals["status"])

    @property
    def name(self) -> str:
        """What a file of it is called, without its ending."""
        place = f"release-{self.release}" if self.release is not None else str(self.position)
        return f"{self.code}-{place}" + ("-public" if self.public else "")

    @property
    def made_at(self) -> datetime:
        """``moment`` as a moment."""
        return datetime.fromisoformat(self.moment)

    @cached_property
    def digest(self) -> str:
        """SHA-256 in hexadecimal: of the release's content, or of the statistics rows as canonical JSON (sorted members, no spaces)."""
        return self.sealed or hashlib.sha256(canonical(list(self.rows))).hexdigest()


def canonical(content: Any) -> bytes:
    """The one text of a document that digests are taken over: JSON in UTF-8, members sorted, no spaces."""
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS)


def of_position(catalogue: Catalogue, totals: Document) -> Dossier:
    """The dossier of a position, from the totals document there, generated when the journal came to it."""
    rows = tuple(statistics.rows(catalogue, totals))
    return Dossier(operation=whole(catalogue), totals=totals, rows=rows, moment=totals["generated_at"])


def of_release(catalogue: Catalogue, content: Document, digest: str) -> Dossier:
    """The dossier of a release: figures, words and definitions as they were stored. Releases of the first form have no definitions, so
    theirs are those the operation has now."""
    first = whole(catalogue) if "measures" not in content["operation"] else {}
    operation = {**first, **content["operation"], "exercise": content["exercise"]}
    totals, rows = {**content["totals"], "status": content["status"], "position": content["position"]}, tuple(content["rows"])
    told: dict[str, Any] = {"release": content["number"], "content": content, "sealed": digest, "moment": content["released_at"]}
    return Dossier(operation=operation, totals=totals, rows=rows, **told)
