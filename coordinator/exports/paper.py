"""The paper (PDF/UA-1): what a statistics bureau would print. Pure.

Everything it says is put together here as text; ``paper.typ`` sets it and knows no figure. The text reaches it as JSON, never as
markup, so that nothing in it can be run or become a link.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from coordinator.browser.wording import figure_text
from coordinator.exports import charts, sealed, texts
from coordinator.exports.dossier import Dossier, Tell, silent
from coordinator.exports.glyphs import FONTS, shown
from coordinator.exports.remarks import HIDDEN, remarks
from coordinator.operations.models import UNSPECIFIED

TEMPLATE = Path(__file__).with_name("paper.typ")
SIDE_BY_SIDE = 5
"""Measures beside each other in a table by unit; more of them stand in a further table."""

Document = Mapping[str, Any]


def as_pdf(dossier: Dossier, tell: Tell = silent) -> bytes:
    """The paper's bytes; the same wherever they are made. ``tell`` hears when all is put together and only setting is left."""
    content = _content(dossier)
    tell(0.2)
    return typeset(TEMPLATE, content, dossier.made_at)


def typeset(template: Path, content: Document, made: datetime) -> bytes:
    """A tagged PDF of what ``content`` says, as the template sets it: the same bytes wherever they are made."""
    import typst  # here, since most processes never set a page and each would hold it

    text = json.dumps(_settable(content), ensure_ascii=False, sort_keys=True)
    inputs = {"content": text, "year": str(made.year), "month": str(made.month), "day": str(made.day)}
    return typst.compile(
        template.read_bytes(),
        format="pdf",
        sys_inputs=inputs,
        pdf_standards="ua-1",
        ignore_system_fonts=True,
        timestamp=int(made.timestamp()),
    )


def _settable(value: Any) -> Any:
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, Mapping):
        return {name: _settable(inner) for name, inner in value.items()}
    return [_settable(inner) for inner in value] if isinstance(value, list | tuple) else value


def _content(dossier: Dossier) -> dict[str, Any]:
    notes = _Notes(dossier)
    return {
        "title": dossier.operation["name"],
        "status": texts.status(dossier),
        "official": dossier.status.startswith(("certified", "amended")),
        "exercise": bool(dossier.operation["exercise"]),
        "public": texts.PUBLIC if dossier.public else "",
        "facts": texts.facts(dossier),
        "place": f"release {dossier.release}" if dossier.release is not None else f"journal position {dossier.position}",
        "sentences": [] if dossier.public else [one["text"] for one in dossier.content.get("sentences", ())],
        "national": list(_national(dossier, notes)),
        "tables": list(_tables(dossier, notes)),
        "notes": notes.texts,
        "bars": [] if dossier.public else charts.bars(dossier),
        "lines": [] if dossier.public else charts.lines(dossier),
        "derived": texts.derived(dossier),
        "definitions": list(_definitions(dossier)),
        "counting": texts.COUNTING,
        "amended": sealed.amended(dossier.content),
        "sections": [[title, entries] for title, entries in sealed.sections(dossier.content, dossier.operation) if entries],
        "digest": dossier.digest,
        "sealed": f"/api/v1/operations/{dossier.code}/releases/{dossier.release}" if dossier.sealed else "",
        "fonts": FONTS,
    }


class _Notes:
    """Footnotes by number: the numbers of a measure's national figure, and of a unit."""

    def __init__(self, dossier: Dossier) -> None:
        found = remarks(dossier)
        self.texts = [remark.text for remark in found]
        self._found = found

    def of_measure(self, measure: str) -> list[int]:
        """The numbers that stand at a national figure, from 1."""
        return [number for number, remark in enumerate(self._found, 1) if measure in remark.measures]

    def of_unit(self, unit: str) -> list[int]:
        """The numbers that stand at a unit."""
        return [number for number, remark in enumerate(self._found, 1) if remark.unit == unit]


def _national(dossier: Dossier, notes: _Notes) -> Iterator[dict[str, Any]]:
    expected = {unit["code"] for unit in dossier.operation["units"] if unit["kind"] == "jurisdiction" and unit["expected"]}
    for measure in dossier.operation["measures"]:
        figures, code = dossier.totals["national"][measure["code"]], measure["code"]
        told = [unit["measures"].get(code, {}) for unit in dossier.totals["units"] if unit["code"] in expected]
        having = sum(bool(own.get("categories")) for own in told)
        parts = figures["categories"] if len(figures["categories"]) > 1 else {}
        yield {
            "label": measure["label"],
            "notes": notes.of_measure(code),
            "figure": _figure(figures, measure),
            "unit": measure["unit"],
            "having": "" if dossier.public else f"{having} of {len(expected)}",
            "parts": [[name, figure_text(part, measure["unit"])] for name, part in parts.items()],
        }


def _figure(figures: Document, measure: Document) -> str:
    if figures["total"] is None:
        return HIDDEN
    if not figures["categories"]:
        return "some" if figures["unquantified"] else "–"
    return figure_text(figures["total"], measure["unit"], at_least=bool(figures["unquantified"]))


def _tables(dossier: Dossier, notes: _Notes) -> Iterator[dict[str, Any]]:
    measures = [one for one in dossier.operation["measures"] if any(one["code"] in unit["measures"] for unit in dossier.totals["units"])]
    for start in range(0, len(measures), SIDE_BY_SIDE):
        beside = measures[start : start + SIDE_BY_SIDE]
        nation = [_nation(dossier, measure) for measure in beside]
        yield {"measures": [one["label"] for one in beside], "rows": list(_unit_rows(dossier, beside, notes)), "nation": nation}


def _unit_rows(dossier: Dossier, measures: Sequence[Document], notes: _Notes) -> Iterator[dict[str, Any]]:
    """Units in the order of the tree, each below the one it belongs to."""
    for depth, unit in _tree(dossier.totals["units"]):
        cells = [_cell(unit, measure) for measure in measures]
        yield {"code": unit["code"], "name": unit["name"], "depth": depth, "notes": notes.of_unit(unit["code"]), "cells": cells}


def _tree(units: Sequence[Document], parent: str | None = None, depth: int = 0) -> Iterator[tuple[int, Document]]:
    below: dict[str | None, list[Document]] = {}
    for unit in units:
        below.setdefault(unit["parent"], []).append(unit)
    waiting = [(depth, unit) for unit in reversed(below.get(parent, []))]
    while waiting:
        at, unit = waiting.pop()
        yield at, unit
        waiting.extend((at + 1, inner) for inner in reversed(below.get(unit["code"], [])))


def _nation(dossier: Dossier, measure: Document) -> str:
    return _figure(dossier.totals["national"][measure["code"]], measure)


def _cell(unit: Document, measure: Document) -> list[str]:
    """The figure, then what is said small below it."""
    figures = unit["measures"].get(measure["code"])
    if figures is None:
        return ["–"]
    if figures["total"] is None:
        return [HIDDEN]
    categories = figures["categories"]
    parts = [] if set(categories) <= {UNSPECIFIED} else [f"{figure_text(part)} {name}" for name, part in categories.items()]
    assisted = [] if not float(figures["assisted"]) else [f"assisted in {figure_text(figures['assisted'])}"]
    return [_figure(figures, measure), *parts, *assisted]


def _definitions(dossier: Dossier) -> Iterator[list[str]]:
    for measure in dossier.operation["measures"]:
        categories = [name for name in measure["categories"] if name != UNSPECIFIED]
        apart = f"Categories: {', '.join(categories)}; else unspecified." if categories else ""
        yield [measure["label"], f"in {measure['unit']}", f"{measure['definition'] or 'Not defined further.'} {apart}".strip()]
