"""What reconciliation goes by, read at one moment: the totals document and what was stated beside it. Pure.

Figures of the document are as the API shows them; ``exact`` reads them back without a float.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

from coordinator.access.answers import digest
from coordinator.browser.wording import figure_text
from coordinator.operations.catalogue import Catalogue, MeasureEntry
from coordinator.reports.drafts import figure

Document = Mapping[str, Any]
"""A totals document."""


class By(NamedTuple):
    """Who said something, and when."""

    name: str
    role: str
    at: datetime


class Stated(NamedTuple):
    """A unit's final of one category: a quantity in units of 10^-scale, or words."""

    id: UUID
    quantity: int | None
    words: str | None
    position: int
    by: By


class Joint(NamedTuple):
    """Two units that may have counted the same action: the leader's increments that name the helper, the helper's own figures of
    that time, in units of 10^-scale, and how many entries of each."""

    leader: str
    helper: str
    category: int
    led: int
    leads: int
    helped: int
    helps: int


class Expected(NamedTuple):
    """A control total; ``category`` None where it is the whole measure's."""

    id: UUID
    measure: MeasureEntry
    category: str | None
    quantity: int
    source: str
    position: int
    by: By


class Explained(NamedTuple):
    """The last explanation of a check, and the digest of the inputs it explains."""

    inputs: bytes
    text: str
    position: int
    by: By


class Adjustment(NamedTuple):
    """What was made of figures that count something in common; ``fallen`` is how it ended, None while it stands."""

    id: UUID
    category: int
    method: str
    result: int
    reason: str
    sources: Mapping[str, int]
    position: int | None
    by: By
    fallen: Fallen | None

    @property
    def reduction(self) -> int:
        """What is taken out of the nation, in units of 10^-scale."""
        return sum(self.sources.values()) - self.result


class Fallen(NamedTuple):
    """Why an adjustment stands no more."""

    reason: str
    position: int | None
    by: By


@dataclass(frozen=True)
class Facts:
    """Everything at one position. ``silent``: codes of the expected units never heard from; ``earlier``: the totals document of an
    earlier position to compare with; ``finals`` by the ids of unit and category."""

    catalogue: Catalogue
    document: Document
    silent: frozenset[str] = frozenset()
    finals: Mapping[tuple[int, int], Stated] = field(default_factory=dict)
    joints: Sequence[Joint] = ()
    controls: Sequence[Expected] = ()
    adjustments: Sequence[Adjustment] = ()
    explanations: Mapping[str, Explained] = field(default_factory=dict)
    earlier: Document | None = None

    @cached_property
    def units(self) -> Mapping[str, Mapping[str, Any]]:
        """Unit code -> its part of the document."""
        return {unit["code"]: unit for unit in self.document["units"]}


@dataclass(frozen=True)
class Check:
    """Something that should hold: ``code`` says what kind, ``about`` which one; ``inputs`` are names with figures or words.

    ``units`` are those it concerns, none where it is the nation's alone. Tolerance is nothing: figures are whole and exact.
    """

    code: str
    about: tuple[str, ...]
    subject: str
    inputs: tuple[tuple[str, Any], ...]
    formula: str
    holds: bool
    why: str
    units: tuple[str, ...] = ()
    measure: str | None = None
    category: str | None = None

    @property
    def id(self) -> str:
        """The same for the same question, whatever its figures are."""
        return ":".join((self.code, *self.about))

    @property
    def digest(self) -> bytes:
        """SHA-256 of what it was made from: an explanation is bound to it."""
        return digest(self.id, self.inputs)


def exact(shown: int | str, measure: MeasureEntry) -> int:
    """A figure of a document in units of 10^-scale."""
    return int(Decimal(shown).scaleb(measure.scale))


def shown(quantity: int, measure: MeasureEntry) -> int | str:
    """The same the other way."""
    return figure(quantity, measure.scale)


def said(quantity: int, measure: MeasureEntry) -> str:
    """A quantity in units of 10^-scale as people read it, with a minus where it is below 0."""
    return figure_text(figure(quantity, measure.scale), measure.unit)


def label(measure: MeasureEntry, category: str | None) -> str:
    """``Victims rescued, minor``; a whole measure, or what lies in no category, by its label alone."""
    return measure.label if category in (None, "unspecified") else f"{measure.label}, {category}"


def figure_of(part: Mapping[str, Any], measure: MeasureEntry, category: str | None = None) -> int:
    """What a unit's or the nation's ``measures`` give of a measure or one category, in units of 10^-scale; 0 where nothing."""
    found = part.get(measure.code)
    if found is None:
        return 0
    return exact(found["total"] if category is None else found["categories"].get(category, 0), measure)
