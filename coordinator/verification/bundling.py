"""Making a bundle: all that the figures of an operation rest on, up to a position, as one file. Read in one snapshot."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

import orjson
from sqlalchemy import select, text

from coordinator import clock
from coordinator.db import session
from coordinator.fields import moment_text
from coordinator.operations import definitions
from coordinator.operations import service as operations
from coordinator.operations.catalogue import Catalogue
from coordinator.operations.models import Definitions
from coordinator.releases import statistics
from coordinator.totals import document, reading
from coordinator.verification import acts, entries
from coordinator.verification.archive import Writer
from coordinator.verification.canonical import FIRST, encode
from coordinator.verification.checks import FORM, HEAD, SIGNATURE
from coordinator.verification.keys import Signer
from coordinator.verification.models import Checkpoint


def write(code: str, at: int, signer: Signer, file: BinaryIO) -> None:
    """Writes the bundle of an operation at a position of its journal. Needs a snapshot. Refuses with NotFound, Invalid."""
    catalogue = operations.afresh(operations.find(code).id)
    archive = Writer(file)
    archive.add("definitions.json", [definitions.text(catalogue)])
    archive.add("definitions.ndjson", _definitions(catalogue.id))
    archive.add("journal.ndjson", entries.lines(catalogue, at))
    archive.add("checkpoints.ndjson", _checkpoints(catalogue.id, at))
    _add_acts(archive, catalogue)
    archive.add("figures.json", [encode(_figures(catalogue, at))])
    head = {
        "form": FORM,
        "operation": catalogue.code,
        "position": at,
        "seal": _seal(catalogue.id, at).hex(),
        "at": moment_text(clock.now()),
        "key": signer.public,
        "recorded": _recorded(catalogue.id),
        "files": {member.name: {"bytes": member.size, "sha256": member.sha256} for member in archive.members},
    }
    content = encode(head)
    archive.add(HEAD, [content])
    archive.add(SIGNATURE, [signer.sign(content).hex().encode() + b"\n"])
    archive.close()


def _definitions(operation_id: int) -> Iterator[bytes]:
    query = select(Definitions).where(Definitions.operation_id == operation_id).order_by(Definitions.number)
    for row in session().scalars(query):
        yield encode({"number": row.number, "text": bytes(row.content).decode(errors="replace"), "seal": bytes(row.seal).hex()}) + b"\n"


def _checkpoints(operation_id: int, at: int) -> Iterator[bytes]:
    """Those that speak of nothing after the position."""
    query = select(Checkpoint).where(Checkpoint.operation_id == operation_id).order_by(Checkpoint.number)
    for row in session().scalars(query):
        content = bytes(row.content).decode(errors="replace")
        if _position(content) <= at:
            yield encode({"number": row.number, "text": content, "signature": bytes(row.signature).hex()}) + b"\n"


def _add_acts(archive: Writer, catalogue: Catalogue) -> None:
    """Every act by its digest; signatures and releases as they are, the text of each release in a file of its own."""
    known = sorted(acts.digests(catalogue.id))
    archive.add("acts.ndjson", (encode({"table": table, "digest": digest}) + b"\n" for table, digest in known))
    signatures = sorted(acts.rows("signatures", catalogue.id), key=lambda row: str(row[2]))
    archive.add("signatures.ndjson", (encode({"row": row, "unit": _code(catalogue, row[4])}) + b"\n" for row in signatures))
    releases = sorted(acts.rows("releases", catalogue.id), key=lambda row: int(row[2]))
    archive.add("releases.ndjson", (encode({"row": [*row[:5], None, *row[6:]]}) + b"\n" for row in releases))
    for row in releases:
        archive.add(f"releases/{row[2]}.json", [bytes.fromhex(row[5])])


def _code(catalogue: Catalogue, unit_id: int | None) -> str | None:
    unit = catalogue.unit_by_id.get(unit_id) if unit_id is not None else None
    return unit.code if unit else None


def _position(content: str) -> int:
    """The position a checkpoint speaks of; 0 for one that was altered until it says nothing, so that it is shown."""
    try:
        return int(orjson.loads(content)["position"])
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        return 0


def _figures(catalogue: Catalogue, at: int) -> dict[str, Any]:
    """Totals and statistics of the position, by this very catalogue."""
    totals = document.totals(catalogue, reading.then(catalogue, None, at))
    return {"totals": totals, "rows": list(statistics.rows(catalogue, totals))}


def _seal(operation_id: int, at: int) -> bytes:
    query = text("SELECT seal FROM journal WHERE operation_id = :operation AND position = :at")
    return bytes(session().scalar(query, {"operation": operation_id, "at": at}) or FIRST)


def _recorded(operation_id: int) -> dict[str, int]:
    """How many reports the hub holds, and where they are: what is in neither place was lost or slipped in."""
    query = text("""
        SELECT (SELECT count(*) FROM reports WHERE operation_id = :operation) AS reports,
               (SELECT count(*) FROM journal WHERE operation_id = :operation) AS journal,
               (SELECT count(*) FROM inbox WHERE operation_id = :operation) AS waiting
    """)
    return dict(session().execute(query, {"operation": operation_id}).one()._mapping)
