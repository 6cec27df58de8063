"""Files of a briefing: taken where they are of a few kinds and really are what their names say, and handed out as what they are."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import undefer
from uuid_utils.compat import uuid7

from coordinator.access import audit
from coordinator.access.actor import Actor
from coordinator.briefings.models import File
from coordinator.briefings.reading import Document, file
from coordinator.db import session
from coordinator.errors import NotFound, TooLarge, UnsupportedContent
from coordinator.operations import service as operations

MOST_BYTES = 5 * 1024 * 1024
MOST_FILES = 200
"""Of one operation, in all its versions."""


class Kind(NamedTuple):
    """A kind of file: its media type, and whether a content is of it."""

    media_type: str
    holds: Callable[[bytes], bool]


def _begins(*signs: bytes) -> Callable[[bytes], bool]:
    return lambda content: content.startswith(signs)


def _is_text(content: bytes) -> bool:
    """Whether it is UTF-8 without the characters that no text has."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return False
    return not any(ord(one) < 32 and one not in "\t\n\r\f" for one in text)


_JPEG = Kind("image/jpeg", _begins(b"\xff\xd8\xff"))
KINDS = {
    "pdf": Kind("application/pdf", _begins(b"%PDF-")),
    "png": Kind("image/png", _begins(b"\x89PNG\r\n\x1a\n")),
    "jpg": _JPEG,
    "jpeg": _JPEG,
    "txt": Kind("text/plain; charset=utf-8", _is_text),
    "md": Kind("text/markdown; charset=utf-8", _is_text),
    "csv": Kind("text/csv; charset=utf-8", _is_text),
}
"""What is taken, by the end of a file's name."""

TAKEN = "PDF, PNG, JPEG, plain text (.txt), Markdown (.md) and CSV"


def add(actor: Actor, code: str, name: str, content: bytes) -> Document:
    """Keeps a file for versions to come. Refuses with NotFound, TooLarge and UnsupportedContent."""
    catalogue = operations.hold(code)
    kind = _kind(name, content)
    known = select(File.id).where(File.operation_id == catalogue.id).limit(MOST_FILES)
    if len(session().scalars(known).all()) == MOST_FILES:
        raise TooLarge(f"This operation has {MOST_FILES} files already, and no more are taken.")
    row = {"id": uuid7(), "operation_id": catalogue.id, "name": name, "kind": kind.media_type, "size": len(content)}
    row |= {"digest": hashlib.sha256(content).digest(), "content": content, "by_id": actor.id, "by_name": actor.name}
    session().execute(insert(File).values(row))
    audit.record(actor, "briefing file added", catalogue.id, {"file": str(row["id"]), "name": name, "size": len(content)})
    return file(session().get_one(File, row["id"]))


def find(code: str, id: UUID) -> File:
    """A file with its content; NotFound."""
    of = (File.operation_id == operations.find(code).id, File.id == id)
    found = session().scalars(select(File).where(*of).options(undefer(File.content))).one_or_none()
    if found is None:
        raise NotFound("There is no such file.")
    return found


def _kind(name: str, content: bytes) -> Kind:
    """The kind a file says it is of by its name, which its content must be."""
    if len(content) > MOST_BYTES:
        raise TooLarge(f"{name} is larger than 5 MB. Make it smaller, or split it.")
    kind = KINDS.get(name.rpartition(".")[2].lower()) if "." in name else None
    if kind is None:
        raise UnsupportedContent(f"{name} is of a kind that is not taken. A briefing takes {TAKEN}.")
    if not content or not kind.holds(content):
        raise UnsupportedContent(f"{name} is not what its name says: it is empty, or of another kind. Save it anew, then send that.")
    return kind
