"""Acts: what is on an operation's record beside reports and definitions, each known to others by its digest alone.

Joint actions, signatures, waivers, amendments, releases, publications, situation reports, briefings, what was said and answered, and
the audit record have no one order: who commits late may stand before who has committed. So a checkpoint names those acts that none
before it has named, and that is enough: what was named once must be there, as it was, for ever.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import text

from coordinator.db import session
from coordinator.fields import moment_text
from coordinator.verification.canonical import digest, encode

TABLES = {
    "joint_actions": "id, code, unit_id, name, opened_by, opened_at",
    "zeros": "signed_by, signed_by_name, signed_at",
    "heard": "unit_id, mark, report_id, line",
    "adjustments": "report_id, category_id, method, result, reason",
    "adjusted": "report_id, unit_id, quantity",
    "finals": "id, unit_id, category_id, quantity, words, position, author_id, stated_at",
    "explanations": 'id, "check", inputs, text, position, author_id, made_at',
    "controls": "id, measure_id, category_id, quantity, source, position, author_id, entered_at",
    "signatures": "id, kind, unit_id, number, position, digest, right_id, account_id, person, name, signed_at",
    "waivers": "id, item, detail, reason, right_id, name, given_at",
    "amendments": "number, amends, reason, right_id, name, opened_at",
    "releases": "number, position, status, content, digest, previous_digest, signed, released_by, released_at",
    "publications": "id, position, release, patterns, digest, name, published_at",
    "bulletins": "id, number, kind, priority, text, supersedes, to_all, acknowledge_by, exercise, phase, by_id, by_name, at",
    "addressees": "bulletin_id, unit_id",
    "acknowledgements": "id, bulletin_id, unit_id, answer, reason, channel, by_id, by_name, at",
    "bulletin_messages": "id, bulletin_id, unit_id, text, from_unit, by_id, by_name, at",
    "deliveries": "bulletin_id, token_id, way, at",
    "check_ins": "id, unit_id, channel, by_id, by_name, at",
    "calls": "id, unit_id, outcome, note, by_id, by_name, at",
    "reminders": "id, unit_id, bulletin_id, due_at, step, at",
    "stand_downs": "reason, missing, by_id, by_name, at",
    "happenings": "version, kind, unit_id, bulletin_id, at",
    "briefings": "version, pages, questions, rules, files, asks, acknowledge_by, bulletin_id, by_id, by_name, at",
    "briefing_files": "id, name, kind, size, digest, by_id, by_name, at",
    "briefing_receipts": "version, right_id, what, at",
    "briefing_checks": "id, version, unit_id, right_id, by_name, answers, passed, at",
    "situation_reports": "number, kind, from_position, position, content, digest, bulletin_id, due_at, prepared_by, person, "
    "prepared_name, made_at",
    "situation_approvals": "number, by_id, person, by_name, at",
    "audit": "id, at, actor_id, actor_name, origin, act, detail",
}
"""Each table of acts with its columns, all but the operation, and the content of files, whose digest the database holds to it."""


def digests(operation_id: int) -> Iterator[tuple[str, str]]:
    """Table and SHA-256 of every act of an operation."""
    for table in TABLES:
        for row in rows(table, operation_id):
            yield table, digest(encode(row)).hex()


def rows(table: str, operation_id: int) -> Iterator[list[Any]]:
    """The rows of one table of acts as JSON has them: the table's name, the operation's id, the columns of TABLES."""
    query = text(f"SELECT {TABLES[table]} FROM {table} WHERE operation_id = :operation")  # noqa: S608 (constants)
    for row in session().execute(query, {"operation": operation_id}):
        yield [table, operation_id, *map(_plain, row)]


def _plain(value: Any) -> Any:
    """A value of a row as JSON has it."""
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if value is None or isinstance(value, int | str | dict):
        return value
    return moment_text(value) if hasattr(value, "astimezone") else str(value)
