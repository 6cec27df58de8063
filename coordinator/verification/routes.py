"""``/operations/{code}/checkpoints``, ``/bundle`` and ``/reports/{id}/proof``; ``/signing-key``."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import Any, BinaryIO
from uuid import UUID

from flask import Response

from coordinator.access.actor import Actor
from coordinator.access.guards import guard, public
from coordinator.db import transaction
from coordinator.doors import Room, page, place_number, tagged
from coordinator.errors import TooLarge
from coordinator.verification import archive, keys, service, signing
from coordinator.verification.schemas import BundleQuery, CheckpointList, CheckpointOut, CheckpointQuery, Proof, SigningKey

room = Room("verification", __name__, url_prefix="/api/v1", description="What anyone can check the figures by.")

ZIP = {
    "responses": {200: {"description": "a zip file", "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}}
}


@room.route("/signing-key", methods=["GET"])
@public
@room.doc(security=[])
@room.response(200, SigningKey)
def signing_key() -> Response:
    """Read the public key of this hub's signatures. Keep it apart from what it is to vouch for."""
    public_key = signing.signer().public
    return tagged({"algorithm": "Ed25519", "key": public_key, "pem": keys.public_pem(public_key)})


@room.route("/operations/<code>/checkpoints", methods=["GET"])
@guard("checkpoints.read")
@room.arguments(CheckpointQuery, location="query")
@room.response(200, CheckpointList)
def index(actor: Actor, query: dict[str, Any], code: str) -> Response:
    """List checkpoints, newest first: signed statements of how far the record went, to be kept elsewhere."""
    with transaction(snapshot=True):
        items = service.some(actor, code, query["limit"], place_number(query["cursor"]))
    return page(items, query["limit"], str(items[-1]["number"]) if items else None)


@room.route("/operations/<code>/checkpoints/latest", methods=["GET"])
@guard("checkpoints.read")
@room.response(200, CheckpointOut)
def latest(actor: Actor, code: str) -> Response:
    """Read the newest checkpoint; kept as a file, it is what `verify --checkpoint` takes."""
    with transaction(snapshot=True):
        return tagged(service.latest(actor, code))


@room.route("/operations/<code>/reports/<uuid:id>/proof", methods=["GET"])
@guard("reports.read")
@room.response(200, Proof)
def proof(actor: Actor, code: str, id: UUID) -> Response:
    """Read where a report stands in the chain, and the first checkpoint above it."""
    with transaction(snapshot=True):
        return tagged(service.proof(actor, code, id))


@room.route("/operations/<code>/bundle", methods=["GET"])
@guard("statistics.read")
@room.doc(**ZIP)
@room.arguments(BundleQuery, location="query")
def bundle(actor: Actor, query: dict[str, Any], code: str) -> Response:
    """Read all that the figures rest on as one file, for `python3 -m coordinator verify`."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 (it is closed when it has been sent)
    try:
        with transaction(snapshot=True):
            position = service.bundle(actor, code, query.get("at"), file, query.get("release"))
    except archive.TooLarge as problem:
        file.close()
        raise TooLarge(str(problem)) from None
    except BaseException:
        file.close()
        raise
    size = file.tell()
    file.seek(0)
    headers = {"Content-Disposition": f'attachment; filename="{code}-{position}.zip"', "Content-Length": str(size)}
    return Response(_parts(file), 200, headers, mimetype="application/zip")


def _parts(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while part := file.read(archive.CHUNK):
            yield part
