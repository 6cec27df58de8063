"""Random alterations: of a bundle's bytes, lines and values, and of the tables themselves as the database's superuser."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from coordinator.verification import acts
from coordinator.verification.archive import Reader, Writer
from coordinator.verification.canonical import encode

Files = dict[str, bytes]


def unpacked(content: bytes) -> Files:
    """The files of a bundle."""
    reader = Reader(io.BytesIO(content))
    return {name: reader.content(name) for name in reader.members}


def packed(files: Files) -> bytes:
    """A bundle of these files, faultless as a container."""
    file = io.BytesIO()
    writer = Writer(file)
    for name, content in files.items():
        writer.add(name, [content])
    writer.close()
    return file.getvalue()


def altered(content: bytes, chance: random.Random) -> tuple[str, bytes]:
    """A bundle with one alteration, and what it was: of bytes, of lines, or of a value in a file; of the latter two half go on to
    write the altered file's digest into ``bundle.json``, which whoever has no key can do."""
    how = chance.choice((_bytes, _bytes, _lines, _value, _value))
    if how is _bytes:
        return _bytes(content, chance)
    files = unpacked(content)
    name = chance.choice([name for name in files if files[name]])
    what, files[name] = how(files[name], chance)
    if chance.random() < 0.5 and name not in ("bundle.json", "bundle.sig"):
        files["bundle.json"] = restated(files)
    return f"{name}: {what}", packed(files)


def restated(files: Files) -> bytes:
    """``bundle.json`` with the digests of the files as they are."""
    reader = Reader(io.BytesIO(packed(files)))
    head = json.loads(files["bundle.json"])
    head["files"] = {name: {"bytes": one.size, "sha256": one.sha256} for name, one in reader.members.items() if name in head["files"]}
    return encode(head)


def _bytes(content: bytes, chance: random.Random) -> tuple[str, bytes]:
    at, how = chance.randrange(len(content)), chance.choice(("changed", "left out", "put in", "cut", "added"))
    if how == "changed":
        return f"byte {at} changed", content[:at] + bytes([content[at] ^ chance.randrange(1, 256)]) + content[at + 1 :]
    if how == "left out":
        return f"byte {at} left out", content[:at] + content[at + 1 :]
    if how == "put in":
        return f"byte put in at {at}", content[:at] + bytes([chance.randrange(256)]) + content[at:]
    return (f"cut at {at}", content[:at]) if how == "cut" else ("bytes added", content + chance.randbytes(chance.randrange(1, 40)))


def _lines(content: bytes, chance: random.Random) -> tuple[str, bytes]:
    lines = content.splitlines(keepends=True)
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    if lines[one] != lines[other] and chance.random() < 0.4:
        lines[one], lines[other] = lines[other], lines[one]
        return f"lines {one} and {other} changed places", b"".join(lines)
    if chance.random() < 0.5:
        return f"line {one} left out", b"".join(lines[:one] + lines[one + 1 :])
    return f"line {one} written twice", b"".join(lines[: one + 1] + lines[one:])


def _value(content: bytes, chance: random.Random) -> tuple[str, bytes]:
    lines = content.splitlines()
    number = chance.randrange(len(lines))
    try:
        document = json.loads(lines[number])
    except ValueError:
        return _bytes(content, chance)
    places = list(_places(document))
    if not places:
        return _bytes(content, chance)
    holder, key = chance.choice(places)
    was = holder[key]
    holder[key] = other(was, chance)
    lines[number] = encode(document)
    return f"line {number}: {key} was {was!r:.60} and is {holder[key]!r:.60}", b"\n".join(lines) + (
        b"\n" if content.endswith(b"\n") else b""
    )


def _places(document: Any) -> Iterator[tuple[Any, Any]]:
    items = document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    for key, value in items:
        yield document, key
        yield from _places(value)


def other(was: Any, chance: random.Random) -> Any:
    """Another value of the same kind."""
    if isinstance(was, bool) or was is None:
        return not was
    if isinstance(was, int):
        return was + chance.choice((-1, 1, 10))
    if isinstance(was, str) and was:
        at = chance.randrange(len(was))
        return was[:at] + chr((ord(was[at]) - 32 + chance.randrange(1, 94)) % 95 + 32) + was[at + 1 :]
    return "x" if isinstance(was, str) else None


OF_OPERATION = {
    "reports": "operation_id = :operation",
    "lines": "operation_id = :operation",
    "assists": "operation_id = :operation",
    "journal": "operation_id = :operation",
    **dict.fromkeys(acts.TABLES, "operation_id = :operation"),
    "definitions": "operation_id = :operation",
    "checkpoints": "operation_id = :operation",
    "units": "operation_id = :operation AND code <> 'NATIONAL'",
    "measures": "operation_id = :operation",
    "categories": "operation_id = :operation",
    "operations": "id = :operation",
}
"""Tables of the record and of what figures depend on, with the rows that may be altered: nothing depends on what the nation is called."""

_NEW = {
    "bigint": "{0} + {k}",
    "integer": "{0} + {k}",
    "smallint": "{0} + {k}",
    "text": "coalesce({0}, '') || 'x'",
    "character varying": "coalesce({0}, '') || 'x'",
    "boolean": "NOT {0}",
    "timestamp with time zone": "coalesce({0}, now()) + interval '1 second' * {k}",
    "ARRAY": "array_append({0}, 'x')",
    "uuid": "gen_random_uuid()",
    "bytea": "set_byte({0}, {k} % octet_length({0}), (get_byte({0}, {k} % octet_length({0})) + 1) % 256)",
    "jsonb": """CASE WHEN {0} IS NULL OR {0} = '[]' THEN '[{{"code": "x"}}]'::jsonb ELSE '[]'::jsonb END""",
}


MOST_TRIES = 1_000


@dataclass
class Tampering:
    """Changes of one operation's rows by the superuser, with all triggers and foreign keys off, in an open transaction."""

    session: Session
    operation: int
    chance: random.Random

    def begin(self) -> None:
        """Takes all power there is."""
        self.session.execute(text("RESET ROLE"))
        self.session.execute(text("SET LOCAL session_replication_role = replica"))

    def end(self) -> None:
        """Becomes the hub again."""
        self.session.flush()
        self.session.execute(text("SET LOCAL session_replication_role = origin"))
        self.session.execute(text("SET ROLE tallyroom_app"))

    def tamper(self, only: str = "") -> str:
        """One change that changes something, of one table or any, and that no check of a row refuses; answers what it was."""
        for _ in range(MOST_TRIES):
            how: Callable[[str], tuple[str, str]] = self.chance.choice((self._change, self._change, self._delete, self._insert, self._swap))
            what, statement = how(only or self.chance.choice(list(OF_OPERATION)))
            try:
                with self.session.begin_nested():
                    if self.session.execute(text(statement), {"operation": self.operation}).rowcount:  # type: ignore[attr-defined]
                        return what
            except DBAPIError:
                continue
        raise AssertionError(f"nothing of {only or 'all tables'} could be changed: has it a row?")

    def _change(self, table: str) -> tuple[str, str]:
        column, kind = self._column(table)
        value = "NULL" if self.chance.random() < 0.1 else _NEW[kind].format(column, k=self.chance.randrange(1, 5))
        where = f"ctid = {self._row(table)} AND {column} IS DISTINCT FROM {value}"
        return f"{table}.{column} = {value}", f"UPDATE {table} SET {column} = {value} WHERE {where}"

    def _delete(self, table: str) -> tuple[str, str]:
        return f"a row of {table} deleted", f"DELETE FROM {table} WHERE ctid = {self._row(table)}"

    def _insert(self, table: str) -> tuple[str, str]:
        """A row like another, but for what must be its own."""
        own = {"id": "gen_random_uuid()", "report_id": "report_id", "number": "number + 50", "position": "position + 500"}
        own |= {"code": "code || '9'", "name": "name || 'x'", "supersedes": "NULL", "idempotency_key": "NULL"}
        names = [name for name, _ in self._columns(table)]
        if table in ("operations", *acts.TABLES):  # another operation; and an act after the last checkpoint is an act like any other
            return "nothing", "SELECT 1 WHERE false"
        if table in ("units", "measures", "categories", "operations"):
            names = [name for name in names if name != "id"]
        if table == "assists":
            own["unit_id"] = "unit_id + 1"
        values = ", ".join(own.get(name, name) for name in names)
        return (
            f"a row put into {table}",
            f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM {table} WHERE ctid = {self._row(table)}",
        )

    def _swap(self, table: str) -> tuple[str, str]:
        column, _ = self._column(table)
        rows = f"SELECT ctid, {column} AS was, lead({column}) OVER w AS next, lag({column}) OVER w AS last FROM {table}"
        pair = f"SELECT ctid FROM {table} WHERE {OF_OPERATION[table]} ORDER BY md5(ctid::text || '{self.chance.random()}') LIMIT 2"
        values = f"{rows} WHERE ctid IN ({pair}) WINDOW w AS (ORDER BY ctid)"
        return (
            f"{table}.{column} of two rows exchanged",
            (
                f"UPDATE {table} t SET {column} = coalesce(v.next, v.last) FROM ({values}) AS v "
                f"WHERE t.ctid = v.ctid AND v.was IS DISTINCT FROM coalesce(v.next, v.last)"
            ),
        )

    def _row(self, table: str) -> str:
        order = f"md5(ctid::text || '{self.chance.random()}')"
        return f"(SELECT ctid FROM {table} WHERE {OF_OPERATION[table]} ORDER BY {order} LIMIT 1)"

    def _column(self, table: str) -> tuple[str, str]:
        return self.chance.choice([one for one in self._columns(table) if one[0] != "id" or table == "reports"])

    def _columns(self, table: str) -> list[tuple[str, str]]:
        query = text("SELECT column_name, data_type FROM information_schema.columns WHERE table_name = :table ORDER BY ordinal_position")
        return [(row[0], row[1]) for row in self.session.execute(query, {"table": table})]
