"""A situation report on paper (PDF/UA-1), in the order of an ICS-209. Pure.

Everything it says is put together here as text, for the page too; ``paper.typ`` sets it and knows no figure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from coordinator.browser.wording import figure_text, moment_words
from coordinator.exports.glyphs import FONTS
from coordinator.exports.paper import typeset
from coordinator.exports.texts import STATUS
from coordinator.fields import zone
from coordinator.operations.models import UNSPECIFIED
from coordinator.situation.document import signed

TEMPLATE = Path(__file__).with_name("paper.typ")

Document = Mapping[str, Any]


def as_pdf(report: Document) -> bytes:
    """The paper of a report, as ``reading.one`` gives it."""
    return typeset(TEMPLATE, words(report), datetime.fromisoformat(report["made_at"]))


def words(report: Document) -> dict[str, Any]:
    """A report in the words of its readers: what page and paper show."""
    said = report["report"]
    labels = {one["measure"]: one for one in said["national"]}
    return {
        "title": said["operation"]["name"],
        "number": said["number"],
        "kind": said["kind"],
        "exercise": said["exercise"],
        "status": _status(said["status"]),
        "header": list(_header(report)),
        "national": [_national(one) for one in said["national"]],
        "reductions": [_reduction(one, labels) for one in said["reductions"]],
        "units": [_unit(one, labels, said) for one in said["units"]],
        "bulletins": [_bulletin(one) for one in said["bulletins"]],
        "remarks": said["remarks"] or "",
        "digest": report["digest"],
        "fonts": FONTS,
    }


def _header(report: Document) -> Iterator[tuple[str, str]]:
    """Names and values of the header, in the order of the form."""
    said, approved = report["report"], report["approved"]
    period, reporting = said["period"], said["reporting"]
    yield "Incident", f"{said['operation']['name']} ({said['operation']['code']})"
    yield "Report", f"{said['number']}, {said['kind']}"
    yield "Actual or exercise", "Exercise: nothing here is real" if said["exercise"] else "Actual"
    yield "Period", f"{_when(said, period['from'])} to {_when(said, period['to'])}"
    yield "Journal", f"entries {period['from_position'] + 1} to {period['position']}" if _moved(period) else f"entry {period['position']}"
    yield "Phase", said["phase"].replace("_", " ")
    yield "Figures", _status(said["status"])
    yield "Heard from", f"{reporting['heard']} of {reporting['expected']}" + _nil(reporting["nil"])
    yield "Prepared by", f"{report['prepared_by']}, {_when(said, report['made_at'])}"
    yield "Approved by", f"{approved['by']}, {_when(said, approved['at'])}" if approved else "not approved yet"


def _moved(period: Document) -> bool:
    return bool(period["position"] > period["from_position"])


def _nil(units: Sequence[str]) -> str:
    return f", with nothing to report: {', '.join(units)}" if units else ""


def _status(status: str) -> str:
    return STATUS.get(status) or f"Certified, amendment {status.removeprefix('amended-')}"


def _when(said: Document, moment: str) -> str:
    return moment_words(datetime.fromisoformat(moment), zone(said["operation"]["time_zone"]))


def _national(one: Document) -> dict[str, Any]:
    unit, none = one["unit_of_count"], not one["categories"]
    parts = [part for part in one["categories"] if len(one["categories"]) > 1 or part["category"] != UNSPECIFIED]
    return {
        "label": one["label"],
        "unit": unit,
        "period": "–" if none else signed(one["period"], unit),
        "total": ("some" if one["unquantified"] else "–") if none else figure_text(one["total"], unit, bool(one["unquantified"])),
        "unquantified": ", ".join(one["unquantified"]),
        "parts": [[part["category"], signed(part["period"], unit), figure_text(part["total"], unit)] for part in parts],
    }


def _reduction(one: Document, labels: Mapping[str, Document]) -> dict[str, Any]:
    measure = labels[one["measure"]]
    unit, category = measure["unit_of_count"], "" if one["category"] == UNSPECIFIED else f", {one['category']}"
    moved = f"{figure_text(one['before'], unit)} to {figure_text(one['after'], unit)} ({signed(one['change'], unit)})"
    reason = one["reason"] or "No reason was given."
    return {
        "unit": one["unit"],
        "what": f"{measure['label']}{category}: {moved}",
        "why": f"{one['kind']}, entry {one['position']}: {reason}",
    }


def _unit(one: Document, labels: Mapping[str, Document], said: Document) -> dict[str, Any]:
    heard = one["last_heard"]
    return {
        "code": one["code"],
        "name": one["name"],
        "depth": 1 if one["parent"] else 0,
        "status": one["status"] or "",
        "heard": f"{heard['how']} {_when(said, heard['at'])}" if heard else "",
        "figures": [_unit_figure(figure, labels[figure["measure"]]) for figure in one["figures"]],
    }


def _unit_figure(one: Document, measure: Document) -> str:
    unit, owed = measure["unit_of_count"], one.get("unquantified", False)
    if owed and not str(one["total"]).strip("0."):
        return f"{measure['label']}: some, amount not yet known"
    return f"{measure['label']} {figure_text(one['total'], unit, owed)} ({signed(one['period'], unit)})"


def _bulletin(one: Document) -> dict[str, Any]:
    orders = {"live": "order to start", "standing_down": "order to stand down"}
    head = f"Bulletin {one['number']}, {orders.get(one['order'] or '', one['kind'])}, {one['priority']}"
    asked = "understood by all" if one["acknowledge_by"] else "asks for no answer"
    waiting = f"waits for {', '.join(one['waiting'])}" if one["waiting"] else asked
    late = f", late: {', '.join(one['late'])}" if one["late"] else ""
    return {"head": head, "text": one["text"] or "Said to some units.", "state": waiting + late}
