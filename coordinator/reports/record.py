"""Writing drafts to the record: reports, lines and inbox rows in one statement, for one draft or thousands.

It stands alone because it is the path every report takes and the only SQL written out by hand on it: arrays in, no row at
a time. ``ON CONFLICT DO NOTHING`` waits for a twin in flight and then leaves it be; who was left out is looked at in a new
statement, since this one can't see what committed while it waited.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import orjson
from sqlalchemy import text

from coordinator.db import session
from coordinator.operations.models import OPEN_PHASES
from coordinator.reports.drafts import Draft

_STORE = text("""
WITH open AS (
    SELECT id, coalesce(rules_version, 0) AS in_force FROM operations WHERE id = :operation AND phase = ANY(CAST(:phases AS text[]))
), stored AS (
    INSERT INTO reports (id, operation_id, unit_id, kind, supersedes, author_id, channel, idempotency_key, asked,
                         basis, observed_at, received_at, nil, note, reason, warnings, digest, joint_action_id, credit,
                         rules_version)
    SELECT d.id, open.id, d.unit_id, d.kind, d.supersedes, d.author_id, d.channel, d.key, d.asked,
           d.basis, d.observed_at, d.received_at, d.nil, d.note, d.reason, d.warnings, d.digest, d.joint_action_id, d.credit,
           d.rules_version
    FROM open, unnest(
        CAST(:id AS uuid[]), CAST(:unit_id AS bigint[]), CAST(:kind AS text[]), CAST(:supersedes AS uuid[]), CAST(:author_id AS uuid[]),
        CAST(:channel AS text[]), CAST(:key AS text[]), CAST(:asked AS bytea[]), CAST(:basis AS text[]),
        CAST(:observed_at AS timestamptz[]), CAST(:received_at AS timestamptz[]), CAST(:nil AS boolean[]), CAST(:note AS text[]),
        CAST(:reason AS text[]), CAST(:warnings AS jsonb[]), CAST(:digest AS bytea[]),
        CAST(:joint_action_id AS bigint[]), CAST(:credit AS boolean[]), CAST(:mark AS text[]), CAST(:rules_version AS integer[]),
        CAST(:in_force AS integer[])
    ) WITH ORDINALITY AS d (id, unit_id, kind, supersedes, author_id, channel, key, asked, basis, observed_at, received_at, nil, note,
                            reason, warnings, digest, joint_action_id, credit, mark, rules_version, in_force, place)
    WHERE (d.in_force IS NULL OR d.in_force = open.in_force)
      AND NOT EXISTS (SELECT FROM heard h WHERE h.operation_id = open.id AND h.unit_id = d.unit_id AND h.mark = d.mark)
    ORDER BY d.place
    ON CONFLICT DO NOTHING
    RETURNING id, operation_id, received_at
), stored_lines AS (
    INSERT INTO lines (report_id, number, operation_id, category_id, quantity, unquantified)
    SELECT l.report_id, l.number, stored.operation_id, l.category_id, l.quantity, l.unquantified
    FROM unnest(
        CAST(:line_report AS uuid[]), CAST(:line_number AS smallint[]), CAST(:line_category AS bigint[]),
        CAST(:line_quantity AS bigint[]), CAST(:line_unquantified AS text[])
    ) AS l (report_id, number, category_id, quantity, unquantified)
    JOIN stored ON stored.id = l.report_id
), stored_assists AS (
    INSERT INTO assists (report_id, number, operation_id, unit_id)
    SELECT a.report_id, a.number, stored.operation_id, a.unit_id
    FROM unnest(CAST(:assist_report AS uuid[]), CAST(:assist_number AS smallint[]), CAST(:assist_unit AS bigint[]))
        AS a (report_id, number, unit_id)
    JOIN stored ON stored.id = a.report_id
), waiting AS (
    INSERT INTO inbox (operation_id, report_id, received_at)
    SELECT stored.operation_id, stored.id, stored.received_at
    FROM stored JOIN unnest(CAST(:as_given AS uuid[])) WITH ORDINALITY AS d (id, place) USING (id) ORDER BY d.place
)
SELECT id FROM stored
""")


def store(operation_id: int, drafts: Sequence[Draft], phases: Sequence[str] = OPEN_PHASES) -> set[UUID]:
    """Records drafts of one operation; answers the ids of those recorded.

    Left out, without an error: all where the operation is in none of the ``phases``, each whose key or superseded report was taken, and
    each that the desk has taken as a spoken line, and each that was drafted under other counting rules than those in force. They wait in
    the inbox, and so stand in the journal, in the order given.
    """
    if not drafts:
        return set()
    as_given = [draft.id for draft in drafts]
    drafts = sorted(drafts, key=lambda draft: (draft.author_id, draft.key or ""))  # the same order everywhere, so twins can't deadlock
    parameters = {
        "operation": operation_id,
        "phases": list(phases),
        "as_given": as_given,
        **_report_columns(drafts),
        **_line_columns(drafts),
        **_assist_columns(drafts),
    }
    return set(session().scalars(_STORE, parameters))


def _report_columns(drafts: Sequence[Draft]) -> dict[str, list]:
    plain = (
        "id",
        "kind",
        "supersedes",
        "author_id",
        "channel",
        "key",
        "asked",
        "basis",
        "observed_at",
        "received_at",
        "nil",
        "note",
        "reason",
        "digest",
        "credit",
        "mark",
        "rules_version",
        "in_force",
    )
    columns = {name: [getattr(draft, name) for draft in drafts] for name in plain}
    columns["unit_id"] = [draft.unit.id for draft in drafts]
    columns["joint_action_id"] = [draft.joint_action and draft.joint_action.id for draft in drafts]
    columns["warnings"] = [orjson.dumps(draft.warnings).decode() if draft.warnings else None for draft in drafts]
    return columns


def _line_columns(drafts: Sequence[Draft]) -> dict[str, list]:
    rows = [(draft.id, number, line) for draft in drafts for number, line in enumerate(draft.lines)]
    return {
        "line_report": [id for id, _, _ in rows],
        "line_number": [number for _, number, _ in rows],
        "line_category": [line.category_id for _, _, line in rows],
        "line_quantity": [line.quantity for _, _, line in rows],
        "line_unquantified": [line.unquantified for _, _, line in rows],
    }


def _assist_columns(drafts: Sequence[Draft]) -> dict[str, list]:
    rows = [(draft.id, number, unit) for draft in drafts for number, line in enumerate(draft.lines) for unit in line.assisting]
    return {"assist_report": [row[0] for row in rows], "assist_number": [row[1] for row in rows], "assist_unit": [row[2] for row in rows]}
