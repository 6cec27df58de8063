"""What was done, as a sentence for the log; and the log as a file for a spreadsheet. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from coordinator.browser.wording import figure_text
from coordinator.fields import zone
from coordinator.operations.catalogue import MeasureEntry
from coordinator.reports.models import KINDS as ENTRIES
from coordinator.wire import harmless

ACTS = {
    "checked in": "check-in",
    "bulletin issued": "bulletin",
    "bulletin acknowledged": "acknowledgement",
    "bulletin answered": "message",
    "unit called": "call",
    "reminded": "reminder",
    "interval set": "interval",
    "stand-down closed": "stand-down",
    "finals stated": "final",
    "situation report made": "situation",
    "situation report approved": "situation",
}
"""Acts of messages, and the kind under which the log has each."""

KINDS = (*dict.fromkeys(ACTS.values()), "phase", "other", *ENTRIES)
"""What an entry of the log may be."""

COLUMNS = ("operation", "status", "at", "local_time", "unit", "who", "kind", "what")

_TEXT = ("who", "what")


def kind(act: str) -> str:
    """The log's kind of an act."""
    return "phase" if act.startswith("phase ") else ACTS.get(act, "other")


def act(name: str, detail: Mapping[str, Any]) -> str:
    """An act of the audit record."""
    if name.startswith("phase "):
        return f"The operation went from {detail.get('from', 'the phase before')} to {name.removeprefix('phase ')}.".replace("_", " ")
    told = _TOLD.get(name)
    return told(detail) if told else f"{name[:1].upper()}{name[1:]}{_rest(detail)}."


def entry(kind: str, detail: Mapping[str, Any], lines: Iterable[Mapping[str, Any]], measures: Mapping[str, MeasureEntry]) -> str:
    """An entry of the journal; ``measures`` by code, for what each line counts."""
    if kind == "withdrawal":
        return f"Withdrew a report: {detail['reason']}"
    counted = "nothing new" if detail["nil"] else ", ".join(_line(line, detail["basis"], measures[line["measure"]]) for line in lines)
    told = f"{'Corrected a report' if kind == 'correction' else 'Reported'}{_by(detail)}: {counted}."
    return told + "".join(f" {word}: {detail[name]}" for name, word in (("reason", "Why"), ("note", "Note")) if detail[name])


def as_csv(operation: Any, items: Iterable[Mapping[str, Any]]) -> bytes:
    """RFC 4180 in UTF-8, times in UTC and in the operation's zone. Text that a spreadsheet would run gets an apostrophe in front."""
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, COLUMNS, lineterminator="\r\n", extrasaction="ignore")
    writer.writeheader()
    own, status = zone(operation.time_zone), "exercise" if operation.exercise else "actual"
    for item in items:
        local = datetime.fromisoformat(item["at"]).astimezone(own)
        row = {**item, "operation": operation.code, "status": status, "local_time": f"{local:%Y-%m-%d %H:%M:%S %Z}"}
        writer.writerow(row | {name: harmless(row[name]) for name in _TEXT})
    return file.getvalue().encode()


def _line(line: Mapping[str, Any], basis: str | None, measure: MeasureEntry) -> str:
    named = measure.label + ("" if line["category"] == "unspecified" else f" ({line['category']})")
    if "unquantified" in line:
        return f"{named} not yet known, “{line['unquantified']}”"
    said = figure_text(line["quantity"], measure.unit)
    return f"{named} {said if said.startswith('-') else '+' + said if basis == 'increment' else 'now ' + said}"


def _by(detail: Mapping[str, Any]) -> str:
    return " by telephone" if detail["channel"] == "telephone" else ""


def _issued(detail: Mapping[str, Any]) -> str:
    to = "all" if detail["units"] is None else ", ".join(detail["units"])
    return f"Bulletin {detail['bulletin']} ({detail['kind']}, {detail['priority']}) to {to}: {detail['text']}"


def _acknowledged(detail: Mapping[str, Any]) -> str:
    said = {"understood": "understood", "cannot_comply": "can't comply", "question": "asks"}[detail["answer"]]
    return f"{detail['unit']} on bulletin {detail['bulletin']}: {said}" + (f": {detail['reason']}" if detail["reason"] else ".")


def _called(detail: Mapping[str, Any]) -> str:
    return f"Called {detail['unit']}: {detail['outcome'].replace('_', ' ')}." + (f" {detail['note']}" if detail["note"] else "")


def _reminded(detail: Mapping[str, Any]) -> str:
    why = f"has not acknowledged bulletin {detail['bulletin']}" if detail["bulletin"] else "is overdue"
    return f"{detail['unit']} {why}: {'the desk is to call' if detail['whom'] == 'desk' else 'reminded the ' + detail['whom']}."


def _interval(detail: Mapping[str, Any]) -> str:
    every = f"every {detail['minutes']} minutes" if detail["minutes"] else "as often as the operation says"
    return f"{detail['unit']} is to report {every}."


def _situation(detail: Mapping[str, Any]) -> str:
    told = f"Situation report {detail['report']} ({detail['kind']}) as of entry {detail['position']}"
    return f"{told}, told by bulletin {detail['bulletin']}."


_TOLD: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "checked in": lambda detail: f"{detail['unit']} checked in{' by telephone' if detail['by'] == 'telephone' else ''}.",
    "bulletin issued": _issued,
    "bulletin acknowledged": _acknowledged,
    "bulletin answered": lambda detail: f"{detail['unit']}, on bulletin {detail['bulletin']}: {detail['text']}",
    "unit called": _called,
    "reminded": _reminded,
    "interval set": _interval,
    "briefing published": lambda detail: (
        f"Version {detail['version']} of the briefing" + (", to be acknowledged before anyone posts." if detail["acknowledge"] else ".")
    ),
    "briefing acknowledged": lambda detail: f"{detail['unit']} acknowledged version {detail['version']} of the counting rules.",
    "briefing check not passed": lambda detail: f"{detail['unit']} tried the check of version {detail['version']}: an answer was wrong.",
    "note kept": lambda detail: f"{detail['unit']}, with a report that the desk had taken as a spoken line: {detail['note']}",
    "stand-down closed": lambda detail: f"The stand-down was closed without {', '.join(detail['missing'])}: {detail['reason']}",
    "finals stated": lambda detail: f"{detail['unit']} stated its finals, at entry {detail['position']}.",
    "situation report made": _situation,
    "situation report approved": lambda detail: f"Situation report {detail['report']} was approved.",
}


def _rest(detail: Mapping[str, Any]) -> str:
    told = [f"{name} {value if not isinstance(value, list) else ', '.join(map(str, value))}" for name, value in detail.items() if value]
    return f": {', '.join(told)}" if told else ""
