"""The checks of what was signed and released. Standard library alone.

A release is one text that is never made again. Its figures are counted again from the journal, under the definitions in force when it
was released; each signature is held against what was signed; and each release against the one before it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from coordinator.verification import recounted
from coordinator.verification.archive import NotOurs, Reader
from coordinator.verification.canonical import NotCanonical, decode, digest, encode
from coordinator.verification.checks import Told
from coordinator.verification.figures import check_stated
from coordinator.verification.findings import Findings
from coordinator.verification.told import Definitions, NotTold, moment

SIGNERS = 2
"""People of the desk under every release."""
SAID_ONCE = ("operation", "position", "status")
"""Columns of statistics that a unit does not sign: they are said once, beside its rows."""
SIGNATURE = "table operation id kind unit number position digest right account person name signed_at".split()  # noqa: SIM905
RELEASE = "table operation number position status content digest previous signed by released_at".split()  # noqa: SIM905


def check_acts(reader: Reader, told: Told, findings: Findings) -> None:
    """Every act that a checkpoint has named is on record as it was; signatures and releases are those acts."""
    listed = [decode(line) for line in reader.lines("acts.ndjson")]
    known = {one["digest"] for one in listed}
    if len(known) < len(listed):
        findings.wrong("acts", "one stands on record twice")
    for one in told.checkpoints:
        missing = set(one.says["acts"]) - known
        if missing:
            findings.wrong("acts", f"{len(missing)} that were on record at checkpoint {one.says['number']} are gone or were altered")
    for table, rows in (("signatures", _signatures(reader)), ("releases", _releases(reader))):
        found = {digest(encode(row)).hex() for row in rows}
        if found != {one["digest"] for one in listed if one["table"] == table}:
            findings.wrong("acts", f"the {table} are not those on record")
    if not findings.wrongs("acts"):
        named = {act for one in told.checkpoints for act in one.says["acts"]}
        findings.ok(f"acts: {len(known)} on record, {len(known & named)} of them named by a checkpoint, each as it was")


def check_certified(reader: Reader, told: Told, findings: Findings) -> None:
    """What was signed, and every release."""
    if not told.whole or told.current is None:
        return
    signatures = [dict(zip(SIGNATURE, row, strict=True)) for row in _signatures(reader)]
    units = [decode(line)["unit"] for line in reader.lines("signatures.ndjson")]
    signed = [one | {"unit": unit} for one, unit in zip(signatures, units, strict=True)]
    for one in signed:
        if one["kind"] == "unit":
            _check_unit(one, told, findings)
    if signed and not findings.wrongs("signatures of units"):
        findings.ok(f"signatures: {len(signed)}, those of units under the figures that the journal comes to")
    before: dict[str, Any] = {"digest": None, "position": 0, "number": 0}
    for row in _releases(reader):
        before = _check_release(dict(zip(RELEASE, row, strict=True)), before, signed, told, findings)


def _signatures(reader: Reader) -> list[list[Any]]:
    return [decode(line)["row"] for line in reader.lines("signatures.ndjson")]


def _releases(reader: Reader) -> list[list[Any]]:
    """The rows of releases, each with its text put back in its place."""
    rows = [decode(line)["row"] for line in reader.lines("releases.ndjson")]
    names = [f"releases/{row[2]}.json" for row in rows]
    if {name for name in reader.members if name.startswith("releases/")} != set(names) or len(set(names)) < len(names):
        raise NotOurs("The releases in it are not those that it lists.")
    return [[*row[:5], reader.content(name).hex(), *row[6:]] for row, name in zip(rows, names, strict=True)]


def _check_unit(one: dict[str, Any], told: Told, findings: Findings) -> None:
    """A unit signs its rows and those of all below it, at a position."""
    part = "signatures of units"
    if one["position"] > len(told.journal):
        return findings.note(f"{one['unit']} signed at position {one['position']}, which is not in this bundle")
    by = _in_force(told, moment(one["signed_at"]))
    if one["unit"] not in by.units:
        return findings.wrong(part, f"there is no unit {one['unit']}")
    if digest(encode(_signed_by_unit(one["unit"], one["position"], by, told))).hex() != one["digest"]:
        return findings.wrong(part, f"{one['unit']} has not signed at position {one['position']} what it has there")
    return None


def _signed_by_unit(unit: str, position: int, by: Definitions, told: Told) -> dict[str, Any]:
    document = recounted.totals(by, recounted.count(by, told.journal, position))
    below = {one.code for one in by.units.values() if unit in one.lineage}
    rows = [row for row in recounted.rows(by, document, "") if row["unit"] in below]
    own = [{name: value for name, value in row.items() if name not in SAID_ONCE} for row in rows]
    return {"operation": by.document["operation"], "unit": unit, "position": position, "rows": own}


def _in_force(told: Told, at: datetime) -> Definitions:
    """The definitions at a moment."""
    found = [one.definitions for one in told.history if one.since <= at]
    if not found:
        raise NotTold(f"there were no definitions at {at.isoformat()}")
    return found[-1]


def _check_release(
    row: dict[str, Any], before: dict[str, Any], signed: list[dict[str, Any]], told: Told, findings: Findings
) -> dict[str, Any]:
    part, content = f"release {row['number']}", bytes.fromhex(row["content"])
    try:
        says = decode(content)
        faults = [*_chain_faults(row, before, content), *_text_faults(row, says, told), *_signature_faults(row, says, signed)]
        for fault in faults:
            findings.wrong(part, fault)
        if row["position"] > len(told.journal):
            findings.note(f"{part} is of position {row['position']}, which is not in this bundle: its figures were not counted again")
        else:
            by = _in_force(told, moment(row["released_at"]))
            status = "exercise" if says["exercise"] else row["status"]
            check_stated(part, says["totals"], says["rows"], by, told, findings, status)
    except (NotCanonical, NotTold, KeyError, TypeError) as problem:
        findings.wrong(part, f"it can't be read: {problem}")
    return row


def _chain_faults(row: dict[str, Any], before: dict[str, Any], content: bytes) -> list[str]:
    faults = []
    if row["number"] != before["number"] + 1 or row["previous"] != before["digest"] or row["position"] < before["position"]:
        faults.append("it does not follow the one before it")
    if digest(content).hex() != row["digest"]:
        faults.append("its text is not the one that was released")
    return faults


def _text_faults(row: dict[str, Any], says: dict[str, Any], told: Told) -> list[str]:
    """What the text says of itself, beside the record."""
    previous = row["previous"] and f"sha-256:{row['previous']}"
    stated = {"number": row["number"], "status": row["status"], "position": row["position"], "previous": previous}
    faults = [f"its text says {name} {says[name]}, the record {value}" for name, value in stated.items() if says[name] != value]
    if says["operation"]["code"] != told.operation:
        faults.append(f"it is of the operation {says['operation']['code']}")
    if 0 < row["position"] <= len(told.seals) and says["seal"] not in _spellings(told.seals[row["position"] - 1].hex()):
        faults.append(f"it was made of another journal: the seal of position {row['position']} is not the one it names")
    return faults


def _spellings(seal: str) -> tuple[str, str]:
    return seal, f"sha-256:{seal}"


def _signature_faults(row: dict[str, Any], says: dict[str, Any], signed: list[dict[str, Any]]) -> list[str]:
    """Two people of the desk have signed all but their own signatures and the moment; units' signatures in the text are on record."""
    units = [one for one in says["signatures"] if one["kind"] == "unit"]
    draft = {name: value for name, value in says.items() if name != "released_at"} | {"signatures": units}
    faults = [] if digest(encode(draft)).hex() == row["signed"] else ["what the desk signed is not what it says"]
    desk = {one["person"] for one in signed if one["kind"] == "desk" and (one["number"], one["digest"]) == (row["number"], row["signed"])}
    if len(desk) < SIGNERS:
        faults.append(f"{len(desk)} of {SIGNERS} people of the desk have signed it")
    on_record = {(one["unit"], one["position"], f"sha-256:{one['digest']}") for one in signed}
    strange = [one["unit"] for one in units if (one["unit"], one["position"], one["digest"]) not in on_record]
    return [*faults, *(f"the signature of {unit} that it names is not on record" for unit in strange)]
