"""Entries of every word: a report without lines has one too, and each says when it was received. The inbox can set aside.

Entries are derived, so what is missing is filled from the record.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.alter_column("entries", "category_id", nullable=True)
    op.alter_column("entries", "observed_at", nullable=True)
    op.add_column("entries", sa.Column("received_at", sa.DateTime(timezone=True)))
    op.execute("""
        UPDATE entries e SET received_at = r.received_at FROM journal j JOIN reports r ON r.id = j.report_id
        WHERE j.operation_id = e.operation_id AND j.position = e.position
    """)
    op.execute("""
        INSERT INTO entries (operation_id, position, number, unit_id, standing, observed_at, received_at, superseded_at)
        SELECT j.operation_id, j.position, 0, r.unit_id, r.basis IS NOT DISTINCT FROM 'to_date', r.observed_at, r.received_at,
               (SELECT js.position FROM reports s JOIN journal js ON js.report_id = s.id WHERE s.supersedes = r.id)
        FROM journal j JOIN reports r ON r.id = j.report_id
        WHERE NOT EXISTS (SELECT FROM lines l WHERE l.report_id = r.id)
    """)
    op.alter_column("entries", "received_at", nullable=False)
    op.add_column("inbox", sa.Column("set_aside_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("inbox", sa.Column("problem", sa.String(), nullable=True))
    op.create_check_constraint(op.f("ck_inbox_set_aside"), "inbox", "(set_aside_at IS NULL) = (problem IS NULL)")
    op.create_index("ix_inbox_set_aside", "inbox", ["operation_id"], postgresql_where=sa.text("set_aside_at IS NOT NULL"))
