"""What must be said beside the figures so that nobody has to guess: sentences made from the totals. Pure.

There is one list of them: a release has it in its content, and every form that is printed of it prints that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from coordinator.browser.wording import figure_text, moment_words
from coordinator.fields import zone
from coordinator.operations.models import UNATTRIBUTED
from coordinator.releases.figures import smallest, spelled
from coordinator.releases.sentences import PERSONS

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Remark:
    """A sentence or two, at the national figures of some measures, and at a unit where it speaks of one."""

    text: str
    measures: tuple[str, ...] = ()
    unit: str | None = None

    def stored(self) -> dict[str, Any]:
        """The remark as a release keeps it."""
        return asdict(self) | {"measures": list(self.measures)}


def remarks(document: Document, totals: Document) -> list[Remark]:
    """One for each thing a bare figure would hide, in the order of the measures they stand at. ``document`` is the operation document."""
    units = {unit["code"]: unit for unit in totals["units"]}
    found: list[Remark] = []
    for measure in document["measures"]:
        national = totals["national"][measure["code"]]
        found += [*unsaid(measure, national), *_parts(measure, national), *_of_no_unit(measure, national, units)]
        found += [*_taken_out(measure, national), *owing(measure, national, units)]
    places = {measure["code"]: place for place, measure in enumerate(document["measures"])}
    found = [*found, *_apart(document, units), *_broken(document, totals), *_assisted(document, units)]
    return sorted(found, key=lambda one: min((places[code] for code in one.measures), default=len(places)))


def from_stored(one: Any) -> Remark:
    """A remark as a release has kept it; in the first form of releases it is its sentence alone."""
    return Remark(one) if isinstance(one, str) else Remark(one["text"], tuple(one["measures"]), one["unit"])


def figure(measure: Document, value: Any) -> str:
    """An answered figure of a measure, for people."""
    scale = measure.get("scale", 0)
    return f"{'$' if measure['unit'] == 'USD' else ''}{spelled(smallest(value, scale), scale)}"


def unsaid(measure: Document, national: Document) -> Iterator[Remark]:
    """Silence is no zero."""
    if not national["categories"] and not national.get("unquantified"):
        yield _of(measure, "no unit has reported a figure; this is not a zero.")


def owing(measure: Document, national: Document, units: Mapping[str, Document]) -> Iterator[Remark]:
    """Who has some without an amount, each by the unit at the top of its tree."""
    if national.get("unquantified"):
        names = ", ".join(dict.fromkeys(_top(units, code) for code in national["unquantified"]))
        least = "so the figure is the least it can be" if national["categories"] else "and no figure has been given"
        yield _of(measure, f"there is some in {names} of which it is not known yet how much, {least}.")


def _of(measure: Document, said: str) -> Remark:
    return Remark(f"{measure['label']}: {said}", (measure["code"],))


def _top(units: Mapping[str, Document], code: str) -> str:
    while above := units[code].get("parent"):
        code = above
    return str(units[code]["name"])


def _parts(measure: Document, national: Document) -> Iterator[Remark]:
    """Categories stand beside each other, none inside another: 47 has the 2 minors in it, and 45 has not."""
    unit, parts = measure["unit"], national["categories"]
    if len(parts) > 1:
        sums = " + ".join(f"{figure_text(part, unit)} {name}" for name, part in parts.items())
        what = "No one" if unit in PERSONS else "Nothing"
        said = f"{what} stands in two categories, so they are added, and the total has them all."
        yield _of(measure, f"{sums} = {figure_text(national['total'], unit)}. {said}")


def _of_no_unit(measure: Document, national: Document, units: Mapping[str, Document]) -> Iterator[Remark]:
    own, unit = units.get(UNATTRIBUTED, {}).get("measures", {}).get(measure["code"], {}).get("total"), measure["unit"]
    if own and Decimal(own):
        rest = figure_text(_exact(national["total"], own), unit)
        which = f"{figure_text(own, unit)} of the {figure_text(national['total'], unit)}"
        yield _of(measure, f"{which} are attributed to no unit; those of all units come to {rest}.")


def _taken_out(measure: Document, national: Document) -> Iterator[Remark]:
    out, unit = national.get("overlap"), measure["unit"]
    if out and Decimal(out):
        which = figure_text(str(out).removeprefix("-"), unit)
        without = figure_text(_exact(national["total"], out), unit)
        yield _of(measure, f"{which} that more than one unit has counted are taken out of the nation, which would else be {without}.")


def _exact(whole: Any, part: Any) -> str:
    return f"{Decimal(whole) - Decimal(part):f}"


def _broken(document: Document, totals: Document) -> Iterator[Remark]:
    messages = {one["code"]: one["message"] for one in document.get("rules", ())}
    for rule in totals.get("rules", ()):
        if not rule["holds"]:
            yield Remark(f"A rule does not hold: {messages[rule['code']]}.")


def _apart(document: Document, units: Mapping[str, Document]) -> Iterator[Remark]:
    """What was counted though it happened at another time, with its footnote and its figures."""
    own = zone(document["time_zone"])
    for unit in document["units"]:
        having, apart = units.get(unit["code"], {}).get("measures", {}), unit.get("conducted_separately")
        if apart:
            first, last = (moment_words(datetime.fromisoformat(apart[end]), own) for end in ("starts_at", "ends_at"))
            said = f"{unit['name']}: conducted separately, {first} to {last}. {apart['footnote']}"
            yield Remark(f"{said}{_counted(document, having)}", tuple(having), unit["code"])


def _counted(document: Document, having: Document) -> str:
    """What a unit has in the totals, as a reader says it: ``9 arrests made``."""
    measures = [measure for measure in document["measures"] if measure["code"] in having]
    said = [f"{figure_text(having[one['code']]['total'], one['unit'])} {one['label'].lower()}" for one in measures]
    return f" In the totals: {', '.join(said)}." if said else ""


def _assisted(document: Document, units: Mapping[str, Document]) -> Iterator[Remark]:
    """Who is credited apart, in figures that are in no total of theirs."""
    labels = {measure["code"]: measure for measure in document["measures"]}
    credits = [
        f"{unit['name']} ({labels[code]['label'].lower()} {figure_text(figures['assisted'], labels[code]['unit'])})"
        for unit in units.values()
        for code, figures in unit["measures"].items()
        if smallest(figures.get("assisted"), labels[code].get("scale", 0))
    ]
    if credits:
        yield Remark(f"Assisted where others led, and counted there once: {', '.join(credits)}.")
