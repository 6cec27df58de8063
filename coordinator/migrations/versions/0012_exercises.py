"""Exercises and the spoken line: what rehearses what, letters for figures, reports taken by telephone, and counters signed at zero."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"

ROLE = "tallyroom_app"


def upgrade() -> None:
    op.add_column("operations", sa.Column("exercise_of", sa.String(), nullable=True))
    op.add_column("operations", sa.Column("letters", postgresql.JSONB(), server_default="{}", nullable=False))
    op.create_foreign_key("fk_operations_exercise_of", "operations", "operations", ["exercise_of"], ["code"])
    op.create_index("ix_operations_exercise_of", "operations", ["exercise_of"])
    op.create_check_constraint(op.f("ck_operations_exercise_of"), "operations", "exercise_of IS NULL OR exercise")
    _make_heard()
    _make_zeros()
    op.execute(f"GRANT SELECT, INSERT ON heard, zeros TO {ROLE}")
    for table in ("heard", "zeros"):
        op.execute(
            f"CREATE TRIGGER sealed BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def _make_heard() -> None:
    op.create_table(
        "heard",
        sa.Column("operation_id", sa.BigInteger(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.String(), nullable=False),
        sa.CheckConstraint("mark ~ '^[0-9A-HJKMNP-TV-Z]{9}$'", name=op.f("ck_heard_mark")),
        sa.ForeignKeyConstraint(
            ["operation_id", "unit_id", "report_id"],
            ["reports.operation_id", "reports.unit_id", "reports.id"],
            name=op.f("fk_heard_operation_id_unit_id_report_id"),
        ),
        sa.PrimaryKeyConstraint("operation_id", "unit_id", "mark", name=op.f("pk_heard")),
        sa.UniqueConstraint("report_id", name=op.f("uq_heard_report_id")),
    )


def _make_zeros() -> None:
    op.create_table(
        "zeros",
        sa.Column("operation_id", sa.BigInteger(), nullable=False),
        sa.Column("signed_by", sa.Uuid(), nullable=True),
        sa.Column("signed_by_name", sa.String(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.ForeignKeyConstraint(["operation_id"], ["operations.id"], name=op.f("fk_zeros_operation_id")),
        sa.ForeignKeyConstraint(["signed_by"], ["tokens.id"], name=op.f("fk_zeros_signed_by")),
        sa.PrimaryKeyConstraint("operation_id", name=op.f("pk_zeros")),
    )
