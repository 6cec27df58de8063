"""The checks of what a bundle holds, each of them by itself: container, definitions, journal, checkpoints. Standard library and
``cryptography`` alone.

A check that fails says where and goes on with what is stated, so that one altered entry is one finding and not a thousand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from coordinator.verification import keys
from coordinator.verification.archive import NotOurs, Reader
from coordinator.verification.canonical import FIRST, NotCanonical, decode, digest, encode, link
from coordinator.verification.findings import Findings, Refused
from coordinator.verification.told import Definitions, NotTold, Said, definitions, moment, said

FORM = "tallyroom-bundle-1"
CHECKPOINT = "tallyroom-checkpoint-1"
HEAD, SIGNATURE = "bundle.json", "bundle.sig"
CHAINS = ("definitions.json", "definitions.ndjson", "journal.ndjson", "checkpoints.ndjson")
ALWAYS = (*CHAINS, "acts.ndjson", "signatures.ndjson", "releases.ndjson", "figures.json")
CHECKPOINT_MEMBERS = frozenset(("form", "operation", "number", "before", "position", "seal", "margin", "definitions", "acts", "at", "key"))


@dataclass(frozen=True)
class Recorded:
    """Definitions with the moment from which they held."""

    since: datetime
    definitions: Definitions


@dataclass(frozen=True)
class Signed:
    """A checkpoint: its text as it was signed, what it says, and the signature."""

    text: str
    says: dict[str, Any]
    signature: str


@dataclass
class Told:
    """What a bundle says of itself and of the record, as far as it could be read."""

    head: dict[str, Any]
    current: Definitions | None = None
    history: list[Recorded] = field(default_factory=list)
    definition_seals: list[bytes] = field(default_factory=list)
    journal: list[Said] = field(default_factory=list)
    digests: list[bytes] = field(default_factory=list)
    seals: list[bytes] = field(default_factory=list)
    margins: list[bytes] = field(default_factory=list)
    whole: bool = True
    checkpoints: list[Signed] = field(default_factory=list)

    @property
    def operation(self) -> str:
        """The operation's code."""
        return str(self.head.get("operation"))


def opened(reader: Reader, findings: Findings) -> Told:
    """What the bundle says of itself, its files and its signature checked. Refuses with Refused a file of another kind or version."""
    if HEAD not in reader.members:
        raise Refused("It is a zip file and no bundle: there is no bundle.json in it.")
    try:
        head = decode(reader.content(HEAD))
    except NotCanonical as problem:
        raise NotOurs(f"{HEAD} is {problem}.") from None
    form = head.get("form") if isinstance(head, dict) else None
    if form != FORM:
        raise Refused(f"It is of the form {form}, and this version knows {FORM}: verify it with the version that made it, or a later one.")
    _check_files(reader, head, findings)
    if keys.holds(str(head.get("key")), _signature(reader.content(SIGNATURE)), reader.content(HEAD)):
        findings.ok(f"bundle: {head.get('operation')} at position {head.get('position')}, made {head.get('at')}, every file as signed")
    else:
        findings.wrong("bundle", "its signature does not belong to it")
    return Told(head)


def _signature(content: bytes) -> bytes:
    """The signature from its file: 128 hexadecimal digits and the end of a line; empty where it is written in any other way."""
    return bytes.fromhex(content.decode()) if re.fullmatch(rb"[0-9a-f]{128}\n", content) else b""


def _check_files(reader: Reader, head: dict[str, Any], findings: Findings) -> None:
    stated = head.get("files")
    found = {name: {"bytes": one.size, "sha256": one.sha256} for name, one in reader.members.items() if name not in (HEAD, SIGNATURE)}
    if not isinstance(stated, dict):
        raise NotOurs(f"{HEAD} names no files.")
    for name in sorted(found.keys() | stated.keys() | set(ALWAYS)):
        if name not in found:
            findings.wrong("bundle", f"{name} is missing")
        elif found[name] != stated.get(name):
            findings.wrong("bundle", f"{name} is not the file that was signed")
    missing = [name for name in ALWAYS if name not in found]
    if missing or SIGNATURE not in reader.members:
        raise NotOurs(f"{', '.join(missing or [SIGNATURE])} is missing.")


def check_definitions(reader: Reader, told: Told, findings: Findings) -> None:
    """Every state of the definitions follows from the one before, and the present ones are the last of them."""
    part, before, last = "definitions", FIRST, b""
    for number, line in enumerate(reader.lines("definitions.ndjson"), 1):
        try:
            entry = _numbered(line, number)
            last = entry["text"].encode()
            sealed = link(before, number, digest(last))
            if sealed.hex() != entry["seal"]:
                findings.wrong(part, f"number {number} was altered: its seal does not follow from it and the one before")
            document = decode(last)
            told.history.append(Recorded(moment(document.pop("recorded_at")), definitions(document)))
            before = bytes.fromhex(entry["seal"])
        except (NotCanonical, NotTold, KeyError, TypeError, ValueError, AttributeError) as problem:
            findings.wrong(part, f"number {number} can't be read: {problem}")
        told.definition_seals.append(before)
    _check_present(reader, told, findings)
    if not findings.wrongs(part):
        findings.ok(f"definitions: {len(told.history)} states, each sealed with all before it, the present ones the last of them")


def _numbered(line: bytes, number: int) -> Any:
    entry = decode(line)
    if entry["number"] != number:
        raise NotTold(f"number {entry['number']} stands in its place")
    return entry


def _check_present(reader: Reader, told: Told, findings: Findings) -> None:
    try:
        present = decode(reader.content("definitions.json"))
        told.current = definitions(present)
    except (NotCanonical, NotTold) as problem:
        findings.wrong("definitions", f"the present ones can't be read: {problem}")
        return
    if not told.history:
        findings.wrong("definitions", "none were recorded")
    else:
        for where in differences(told.history[-1].definitions.document, present):
            findings.wrong("definitions", f"the present ones are not those that were recorded last: {where}")
    if present["operation"] != told.operation:
        findings.wrong("definitions", f"they are of the operation {present['operation']}")


def check_journal(reader: Reader, told: Told, findings: Findings) -> None:
    """The journal has no gaps, each report is what its digest says, each seal and margin follows from all before."""
    seal, margin = FIRST, FIRST
    for number, line in enumerate(reader.lines("journal.ndjson"), 1):
        part = f"journal, position {number}"
        try:
            entry = decode(line)
            if entry.keys() != {"digest", "margin", "position", "report", "seal"} or entry["position"] != number:
                raise NotTold(f"position {entry.get('position')} stands in its place")
            reported = bytes.fromhex(entry["digest"])
            if entry["report"] is None or digest(encode(entry["report"])) != reported:
                findings.wrong(part, "the report is not the one that was received: it does not have the digest of its receipt")
            if link(seal, number, reported).hex() != entry["seal"]:
                findings.wrong(part, "its seal does not follow from it and all before it")
            seal, margin = bytes.fromhex(entry["seal"]), link(margin, number, digest(encode(entry["margin"])))
            told.journal.append(said(number, entry["report"], _by(told)))
            told.digests.append(reported)
        except (NotCanonical, NotTold, KeyError, TypeError, ValueError, AttributeError) as problem:
            findings.wrong(part, str(problem))
            told.whole = False
        told.seals.append(seal)
        told.margins.append(margin)
    _check_end(told, findings)
    if told.whole:
        _check_succession(told, findings)
    if not any(fault.startswith("journal") for fault in findings.faults):
        findings.ok(f"journal: {len(told.seals)} entries without a gap, each as it was received and sealed with all before it")


def _by(told: Told) -> Definitions:
    if told.current is None:
        raise NotTold("it can't be read without definitions")
    return told.current


def _check_end(told: Told, findings: Findings) -> None:
    end = (told.seals[-1] if told.seals else FIRST).hex()
    if (told.head.get("position"), told.head.get("seal")) != (len(told.seals), end):
        findings.wrong("journal", f"it ends at position {len(told.seals)}, and not as the bundle says at {told.head.get('position')}")
    recorded = told.head.get("recorded") or {}
    if recorded.get("reports") != recorded.get("journal", 0) + recorded.get("waiting", 0):
        findings.wrong(
            "journal",
            f"the hub holds {recorded.get('reports')} reports, of which {recorded.get('journal')} are in the "
            f"journal and {recorded.get('waiting')} wait for it: some are lost or were slipped in",
        )


def _check_succession(told: Told, findings: Findings) -> None:
    """A correction or withdrawal follows an earlier entry of the same unit, which nothing else has followed."""
    place: dict[str, Said] = {}
    followed: set[str] = set()
    for one in told.journal:
        part, earlier = f"journal, position {one.position}", place.get(one.supersedes or "")
        if (one.kind == "report") != (one.supersedes is None) or one.kind not in ("report", "correction", "withdrawal"):
            findings.wrong(part, f"a {one.kind} can't supersede {one.supersedes}")
        elif one.supersedes and (earlier is None or earlier.unit != one.unit or earlier.kind == "withdrawal" or one.supersedes in followed):
            findings.wrong(part, "it supersedes what is not there, not of its unit, or no longer stood")
        if one.id in place:
            findings.wrong(part, f"the report of position {place[one.id].position} stands here again")
        place[one.id] = one
        followed.update({one.supersedes} if one.supersedes else ())


def check_checkpoints(reader: Reader, told: Told, findings: Findings) -> None:
    """Each checkpoint is signed, follows the one before, and says of the record what the bundle holds."""
    before = FIRST
    for number, line in enumerate(reader.lines("checkpoints.ndjson"), 1):
        part = f"checkpoint {number}"
        try:
            entry = _numbered(line, number)
            one = signed(entry["text"], entry["signature"])
        except (NotCanonical, NotTold, KeyError, TypeError, ValueError) as problem:
            findings.wrong(part, f"can't be read: {problem}")
            continue
        for fault in _faults(one, number, before, told):
            findings.wrong(part, fault)
        told.checkpoints.append(one)
        before = digest(one.text.encode())
    good = not any(fault.startswith("checkpoint ") for fault in findings.faults)
    if told.checkpoints and good:
        last = told.checkpoints[-1].says
        findings.ok(f"checkpoints: {len(told.checkpoints)}, each signed and sealed with all before it, the last of {last['at']}")
    _note_rest(told, findings)


def signed(text: str, signature: str) -> Signed:
    """A checkpoint from its text and signature; NotTold, NotCanonical where it is none or not signed."""
    says = decode(text.encode())
    if not isinstance(says, dict) or says.get("form") != CHECKPOINT or says.keys() != CHECKPOINT_MEMBERS:
        raise NotTold("it is of a form that this version does not know")
    if bytes.fromhex(signature).hex() != signature or not keys.holds(str(says["key"]), bytes.fromhex(signature), text.encode()):
        raise NotTold("its signature does not belong to it")
    return Signed(text, says, signature)


def _faults(one: Signed, number: int, before: bytes, told: Told) -> Iterator[str]:
    says = one.says
    if says["operation"] != told.operation:
        yield f"it is of the operation {says['operation']}"
    if says["number"] != number or says["before"] != before.hex():
        yield "it does not follow the one before it"
    if says["position"] > len(told.seals):
        yield f"it reaches to position {says['position']}, which is not in the bundle"
    elif (says["seal"], says["margin"]) != (_at(told.seals, says["position"]), _at(told.margins, says["position"])):
        yield f"the journal up to position {says['position']} is not what it was when this was signed"
    defined = says["definitions"]
    if defined["number"] > len(told.definition_seals) or defined["seal"] != _at(told.definition_seals, defined["number"]):
        yield "the definitions are not what they were when this was signed"


def _at(chain: list[bytes], place: int) -> str:
    return (chain[place - 1] if place else FIRST).hex()


def _note_rest(told: Told, findings: Findings) -> None:
    covered = max((one.says["position"] for one in told.checkpoints), default=0)
    if covered < len(told.seals):
        findings.note(
            f"positions {covered + 1} to {len(told.seals)} came after the last checkpoint: only the bundle's own signature covers them"
        )


def differences(wanted: Any, found: Any, at: str = "") -> Iterator[str]:
    """Where two documents differ, in words."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        for name in [*wanted, *(name for name in found if name not in wanted)]:
            yield from differences(wanted.get(name, "nothing"), found.get(name, "nothing"), f"{at}/{name}")
    elif isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        for place, (one, other) in enumerate(zip(wanted, found, strict=True)):
            yield from differences(one, other, f"{at}/{place}")
    elif wanted != found or isinstance(wanted, bool) != isinstance(found, bool):
        yield f"{at} is {_short(found)} and should be {_short(wanted)}"


def _short(value: Any) -> str:
    text = encode(value).decode()
    return text if len(text) <= 120 else text[:117] + "..."
