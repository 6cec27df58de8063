"""``verify BUNDLE``: checks all that a bundle says, without a server, a database or a network.

    python3 -m coordinator verify BUNDLE        or, with nothing installed but cryptography,
    python3 -m coordinator.verification BUNDLE

Exit status: 0 where everything holds, 1 where something does not, 2 where the file is no bundle or of a later version.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coordinator.verification import keys
from coordinator.verification.archive import NotOurs, Reader
from coordinator.verification.canonical import NotCanonical
from coordinator.verification.certified import check_acts, check_certified
from coordinator.verification.checks import (
    Signed,
    Told,
    check_checkpoints,
    check_definitions,
    check_journal,
    opened,
    signed,
)
from coordinator.verification.figures import check_figures
from coordinator.verification.findings import Findings, Refused, printable
from coordinator.verification.told import NotTold

HOLDS, DOES_NOT, REFUSED = 0, 1, 2


@dataclass(frozen=True)
class Held:
    """What whoever verifies has kept apart from the bundle: checkpoints, public keys (64 hexadecimal digits), receipts."""

    checkpoints: tuple[Signed, ...] = ()
    keys: tuple[str, ...] = ()
    receipts: tuple[dict[str, Any], ...] = ()


def main(arguments: Sequence[str] | None = None, program: str | None = None) -> int:
    """The verb; returns the exit status."""
    parser = argparse.ArgumentParser(program, description="Check a bundle: every figure, seal and signature in it.", allow_abbrev=False)
    parser.add_argument("bundle", type=Path, metavar="BUNDLE")
    parser.add_argument("--checkpoint", type=Path, action="append", default=[], help="a checkpoint kept since; may be given several times")
    parser.add_argument("--key", type=Path, action="append", default=[], help="a public key of the hub: no other is believed then")
    parser.add_argument("--receipt", type=Path, action="append", default=[], help="a receipt of a report that must be in it")
    given = parser.parse_args(arguments)
    try:
        held = Held(
            tuple(_checkpoint(path) for path in given.checkpoint),
            tuple(keys.read_public(path) for path in given.key),
            tuple(receipt for path in given.receipt for receipt in _receipts(path)),
        )
        findings = verify(given.bundle, held, print)
    except (Refused, NotTold, NotCanonical, keys.NotAKey, OSError) as problem:
        print(printable(f"{given.bundle} can't be verified: {problem}"), file=sys.stderr)
        return REFUSED
    print("Everything holds." if findings.hold else f"{len(findings.faults)} things are WRONG: do not rely on this bundle.")
    return HOLDS if findings.hold else DOES_NOT


def verify(bundle: Path, held: Held, say: Callable[[str], None] = lambda _: None) -> Findings:
    """All checks of a bundle. Refused where it is none, or of another version; what is wrong with it is in the findings."""
    findings = Findings(say)
    with bundle.open("rb") as file:
        if file.read(4) != b"PK\x03\x04":
            raise Refused("It is not a bundle: those are zip files.")
        try:
            _look(Reader(file), held, findings)
        except NotOurs as problem:
            findings.wrong("bundle", str(problem))
        except (LookupError, TypeError, ValueError, AttributeError) as problem:  # members of another kind than this version writes
            findings.wrong("bundle", f"something in it is not of the kind it should be: {problem!r}")
    findings.close()
    return findings


def _look(reader: Reader, held: Held, findings: Findings) -> None:
    told = opened(reader, findings)
    for check in (check_definitions, check_journal, check_checkpoints, check_acts, check_figures, check_certified):
        check(reader, told, findings)
    _check_keys(told, held, findings)
    for checkpoint in held.checkpoints:
        _check_held(told, checkpoint, findings)
    for receipt in held.receipts:
        _check_receipt(told, receipt, findings)


def _check_keys(told: Told, held: Held, findings: Findings) -> None:
    """Whose signatures they are: the pinned keys', or those of checkpoints that were kept."""
    believed = set(held.keys) or {one.says["key"] for one in held.checkpoints}
    used = {str(told.head.get("key")), *(one.says["key"] for one in told.checkpoints)}
    if not believed:
        findings.note(f"the signatures are those of {', '.join(sorted(used))}, for which nobody has vouched: give --key or --checkpoint")
    for key in sorted(used - believed) if believed else ():
        findings.wrong("signatures", f"some are by the key {key}, which is none of those given: if the hub has changed its key, give both")
    if believed and used <= believed:
        findings.ok(f"signatures: all by {', '.join(sorted(used))}, as given")


def _check_held(told: Told, held: Signed, findings: Findings) -> None:
    number, part = held.says["number"], f"kept checkpoint {held.says['number']}"
    found = told.checkpoints[number - 1] if 0 < number <= len(told.checkpoints) else None
    if held.says["operation"] != told.operation:
        findings.wrong(part, f"it is of the operation {held.says['operation']}, and the bundle of {told.operation}")
    elif found is None:
        findings.wrong(
            part, f"it reaches to position {held.says['position']} and is not in the bundle: that record was cut, or the bundle is older"
        )
    elif (found.text, found.signature) != (held.text, held.signature):
        findings.wrong(part, "the bundle has another in its place: the record was made anew since it was kept")
    else:
        findings.ok(f"kept checkpoint {number}: the record up to position {held.says['position']} is what it was at {held.says['at']}")


def _check_receipt(told: Told, receipt: dict[str, Any], findings: Findings) -> None:
    part = f"receipt {receipt.get('id')}"
    place = next((one.position for one in told.journal if one.id == receipt.get("id")), None)
    if place is None or not told.whole:
        findings.wrong(part, "its report is not in the bundle")
    elif receipt.get("digest") != f"sha-256:{told.digests[place - 1].hex()}":
        findings.wrong(part, f"the report at position {place} is not the one it was given for")
    else:
        above = next((one.says for one in told.checkpoints if one.says["position"] >= place), None)
        under = f"under checkpoint {above['number']} of {above['at']}" if above else "after the last checkpoint"
        findings.ok(f"receipt {receipt['id']}: its report stands at position {place}, unaltered, {under}")


def _checkpoint(path: Path) -> Signed:
    """A checkpoint from a file as the hub answers it."""
    document = _json(path)
    if not isinstance(document, dict) or not {"text", "signature"} <= document.keys():
        raise NotTold(f"{path} holds no checkpoint, as the hub answers it at /operations/CODE/checkpoints/latest.")
    try:
        return signed(str(document["text"]), str(document["signature"]))
    except (NotTold, NotCanonical, ValueError) as problem:
        raise NotTold(f"{path} holds a checkpoint that is no good: {problem}.") from None


def _receipts(path: Path) -> list[dict[str, Any]]:
    """Receipts from a file: one, or a list of them."""
    document = _json(path)
    receipts = document if isinstance(document, list) else [document]
    if not all(isinstance(one, dict) and {"id", "digest"} <= one.keys() for one in receipts):
        raise NotTold(f"{path} holds no receipt: that has an id and a digest.")
    return receipts


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        raise NotTold(f"{path} is not JSON.") from None
