"""Reconciliation: finals, explanations, controls, and adjustments for what more than one unit counted. All append-only."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

ROLE = "tallyroom_app"

ADD = ("adjustments", "adjusted", "finals", "explanations", "controls")
"""Rows are added and read, never changed: kept so by the role's rights and by the record's trigger."""

CATEGORY = ["operation_id", "category_id"], ["categories.operation_id", "categories.id"]
UNIT = ["operation_id", "unit_id"], ["units.operation_id", "units.id"]
QUANTITY = "quantity BETWEEN 0 AND 1000000000000000000"


def upgrade() -> None:
    _make_adjustments()
    _make_statements()
    op.execute(f"GRANT SELECT, INSERT ON {', '.join(ADD)} TO {ROLE}")
    for table in ADD:
        op.execute(
            f"CREATE TRIGGER sealed BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def _make_adjustments() -> None:
    op.create_table(
        "adjustments",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("operation_id", sa.BigInteger(), nullable=False),
        sa.Column("category_id", sa.BigInteger(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("result", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint("method IN ('sum', 'maximum', 'number')", name=op.f("ck_adjustments_method")),
        sa.CheckConstraint("result >= 0", name=op.f("ck_adjustments_result")),
        sa.ForeignKeyConstraint(
            ["operation_id", "report_id"], ["reports.operation_id", "reports.id"], name="fk_adjustments_operation_id_report_id"
        ),
        sa.ForeignKeyConstraint(*CATEGORY, name="fk_adjustments_operation_id_category_id"),
        sa.PrimaryKeyConstraint("report_id", name="pk_adjustments"),
    )
    op.create_index("ix_adjustments_operation_id", "adjustments", ["operation_id"])
    op.create_table(
        "adjusted",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("operation_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["adjustments.report_id"], name="fk_adjusted_report_id"),
        sa.ForeignKeyConstraint(*UNIT, name="fk_adjusted_operation_id_unit_id"),
        sa.PrimaryKeyConstraint("report_id", "unit_id", name="pk_adjusted"),
    )


def _make_statements() -> None:
    op.create_table(
        "finals",
        *_head(),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("category_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=True),
        sa.Column("words", sa.String(), nullable=True),
        *_foot("finals", "stated_at"),
        sa.CheckConstraint("(quantity IS NULL) <> (words IS NULL)", name=op.f("ck_finals_one_of")),
        sa.CheckConstraint(QUANTITY, name=op.f("ck_finals_quantity")),
        sa.ForeignKeyConstraint(*UNIT, name="fk_finals_operation_id_unit_id"),
        sa.ForeignKeyConstraint(*CATEGORY, name="fk_finals_operation_id_category_id"),
    )
    op.create_table(
        "explanations",
        *_head(),
        sa.Column("check", sa.String(), nullable=False),
        sa.Column("inputs", sa.LargeBinary(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        *_foot("explanations", "made_at"),
        sa.CheckConstraint("octet_length(inputs) = 32", name=op.f("ck_explanations_inputs")),
        sa.ForeignKeyConstraint(["operation_id"], ["operations.id"], name="fk_explanations_operation_id"),
    )
    op.create_table(
        "controls",
        *_head(),
        sa.Column("measure_id", sa.BigInteger(), nullable=False),
        sa.Column("category_id", sa.BigInteger(), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        *_foot("controls", "entered_at"),
        sa.CheckConstraint(QUANTITY, name=op.f("ck_controls_quantity")),
        sa.ForeignKeyConstraint(
            ["operation_id", "measure_id"], ["measures.operation_id", "measures.id"], name="fk_controls_operation_id_measure_id"
        ),
        sa.ForeignKeyConstraint(*CATEGORY, name="fk_controls_operation_id_category_id"),
    )
    for table in ("finals", "explanations", "controls"):
        op.create_index(f"ix_{table}_operation_id", table, ["operation_id"])


def _head() -> tuple[sa.Column, ...]:
    return sa.Column("id", sa.Uuid(), nullable=False), sa.Column("operation_id", sa.BigInteger(), nullable=False)


def _foot(table: str, moment: str) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column(moment, sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["tokens.id"], name=f"fk_{table}_author_id"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
    )
