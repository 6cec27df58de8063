"""The content of a situation report, and the sentence by which it is told: pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from coordinator.browser.wording import figure_text
from coordinator.fields import clock_text, moment_text
from coordinator.operations.catalogue import Catalogue, MeasureEntry
from coordinator.reports.drafts import figure
from coordinator.situation.reductions import Fall

FORM = "tallyroom-situation-1"
"""Which members a situation report has, for programs that read it years later."""

TOLD = 1600
"""The most characters of the bulletin by which a report is told."""

Document = Mapping[str, Any]
Figure = int | str


@dataclass(frozen=True)
class Head:
    """What stands at the top: number, kind, period, who prepared it, and what they remark."""

    number: int
    kind: str
    since: datetime
    until: datetime
    prepared_by: str
    remarks: str | None


@dataclass(frozen=True)
class Known:
    """What a report is made of: the totals documents where the period began and where it ended, why figures fell between them, where
    units stand, and the bulletins that are open."""

    catalogue: Catalogue
    earlier: Document
    totals: Document
    seal: str | None
    reductions: Sequence[Document]
    presence: Mapping[str, Document]
    bulletins: Sequence[Document]


def content(head: Head, known: Known) -> dict[str, Any]:
    """All that the report says."""
    catalogue, totals = known.catalogue, known.totals
    return {
        "form": FORM,
        "operation": {
            "code": catalogue.code,
            "name": catalogue.name,
            "time_zone": catalogue.time_zone,
            "starts_at": moment_text(catalogue.starts_at),
            "ends_at": moment_text(catalogue.ends_at),
        },
        "exercise": catalogue.exercise,
        "number": head.number,
        "kind": head.kind,
        "period": {
            "from": moment_text(head.since),
            "to": moment_text(head.until),
            "from_position": known.earlier["position"],
            "position": totals["position"],
        },
        "seal": known.seal,
        "status": totals["status"],
        "phase": catalogue.phase,
        "prepared_by": head.prepared_by,
        "reporting": {name: totals["reporting"][name] for name in ("expected", "heard", "nil")},
        "national": [_national(measure, known) for measure in catalogue.measures],
        "reductions": list(known.reductions),
        "units": list(_units(known)),
        "bulletins": list(known.bulletins),
        "remarks": head.remarks,
    }


def reduction(catalogue: Catalogue, fall: Fall, row: Any) -> dict[str, Any]:
    """Why a figure fell: by which entry of the journal, and what was said with it."""
    measure, category = catalogue.measure_of_category[fall.cell[1]]
    kind = "adjustment" if row.channel == "adjustment" else row.kind if row.kind != "report" else "standing figure"
    return {
        "position": fall.position,
        "kind": kind,
        "unit": catalogue.unit_by_id[fall.cell[0]].code,
        "measure": measure.code,
        "category": category,
        "before": figure(fall.before, measure.scale),
        "after": figure(fall.after, measure.scale),
        "change": figure(fall.after - fall.before, measure.scale),
        "reason": row.reason or row.note,
    }


def told(said: Document) -> str:
    """The bulletin by which a report is told: what it comes to, in one paragraph."""
    until = clock_text(datetime.fromisoformat(said["period"]["to"]), said["operation"]["time_zone"])
    reporting, fallen = said["reporting"], len(said["reductions"])
    reduced = f" {fallen} reduction{'s are' if fallen > 1 else ' is'} explained." if fallen else ""
    head = f"Situation report {said['number']} ({said['kind']}), to {until}: "
    rest = f". {reporting['heard']} of {reporting['expected']} heard.{reduced} All of it stands under Situation."
    figures = [f"{one['label']} {_said(one)}" for one in said["national"] if one["categories"] or one["unquantified"]]
    while len(head) + len(rest) + len("; ".join(figures)) > TOLD:
        figures[-2:] = ["…"]
    return head + ("; ".join(figures) or "no figure yet") + rest


def less(figure: Figure, other: Figure) -> Figure:
    """The difference of two figures of one measure, as a figure."""
    if isinstance(figure, int):
        return figure - int(other)
    return str(Decimal(figure) - Decimal(other))


def signed(figure: Figure, unit: str = "") -> str:
    """A figure of a period: what it adds, with its sign."""
    return figure_text(figure, unit) if str(figure).startswith("-") else f"+{figure_text(figure, unit)}"


def _said(one: Document) -> str:
    at_least = bool(one["unquantified"])
    return f"{figure_text(one['total'], one['unit_of_count'], at_least)} ({signed(one['period'], one['unit_of_count'])})"


def _national(measure: MeasureEntry, known: Known) -> dict[str, Any]:
    now, before = known.totals["national"][measure.code], known.earlier["national"].get(measure.code)
    nothing = figure(0, measure.scale)
    was: Mapping[str, Figure] = before["categories"] if before else {}
    parts = now["categories"] | {name: nothing for name in was if name not in now["categories"]}
    return {
        "measure": measure.code,
        "label": measure.label,
        "unit_of_count": measure.unit,
        "period": less(now["total"], before["total"] if before else nothing),
        "total": now["total"],
        "unquantified": now["unquantified"],
        "categories": [{"category": name, "period": less(total, was.get(name, nothing)), "total": total} for name, total in parts.items()],
    }


def _units(known: Known) -> Iterator[dict[str, Any]]:
    """Every unit that is watched, or has or had a figure."""
    earlier = {unit["code"]: unit["measures"] for unit in known.earlier["units"]}
    for unit in known.totals["units"]:
        there, before = known.presence.get(unit["code"]), earlier.get(unit["code"], {})
        if there or unit["measures"] or before:
            yield {name: unit[name] for name in ("code", "name", "kind", "parent")} | {
                "status": there and there["status"],
                "last_heard": there and there["last_heard"],
                "figures": list(_figures(known.catalogue, unit["measures"], before)),
            }


def _figures(catalogue: Catalogue, now: Document, before: Document) -> Iterator[dict[str, Any]]:
    """What a unit has with all below it; also a figure that has been taken back altogether, which then stands at 0."""
    for measure in catalogue.measures:
        if measure.code in now or measure.code in before:
            nothing = {"total": figure(0, measure.scale)}
            total, was = now.get(measure.code, nothing)["total"], before.get(measure.code, nothing)["total"]
            told = {"measure": measure.code, "period": less(total, was), "total": total}
            yield told | ({"unquantified": True} if now.get(measure.code, {}).get("unquantified") else {})


def bulletins(open_ones: Iterable[Document]) -> list[dict[str, Any]]:
    """The bulletins that stand, oldest first, with who has not answered. What was not said to all is named, and not repeated: the
    report goes to all."""
    names = ("number", "kind", "priority", "order", "acknowledge_by", "to_all")
    return [
        {name: one[name] for name in names}
        | {
            "text": one["text"] if one["to_all"] else None,
            "waiting": [asked["unit"] for asked in one["asked"] if asked["answer"] != "understood"] if one["acknowledge_by"] else [],
            "late": [asked["unit"] for asked in one["asked"] if asked["late"]],
        }
        for one in sorted(open_ones, key=lambda one: one["number"])
    ]
