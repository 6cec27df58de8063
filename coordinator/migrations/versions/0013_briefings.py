"""Briefings: the versions of an operation's pack, its files, who has received and read which, and who has passed the short check of the
counting rules. An operation names the version in force, and a report the one it was counted under.

All of it is record: added, read, and never changed by anyone. Operations without a briefing, and reports of before, stay as they were.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"

ROLE = "tallyroom_app"

ADD = ("briefings", "briefing_files", "briefing_receipts", "briefing_checks")


def upgrade() -> None:
    op.add_column("operations", sa.Column("rules_version", sa.Integer(), nullable=True))
    op.add_column("reports", sa.Column("rules_version", sa.Integer(), nullable=True))
    _make_briefings()
    _make_heard()
    op.execute(f"GRANT SELECT, INSERT ON {', '.join(ADD)} TO {ROLE}")
    for table in ADD:
        op.execute(
            f"CREATE TRIGGER sealed BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def _made(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["tokens.id"], name=op.f(f"fk_{table}_by_id")),
        sa.ForeignKeyConstraint(["operation_id"], ["operations.id"], name=op.f(f"fk_{table}_operation_id")),
    ]


def _make_briefings() -> None:
    op.create_table(
        "briefings",
        sa.Column("operation_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("pages", postgresql.JSONB(), nullable=False),
        sa.Column("questions", postgresql.JSONB(), nullable=False),
        sa.Column("rules", postgresql.JSONB(), nullable=False),
        sa.Column("files", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("asks", sa.Boolean(), nullable=False),
        sa.Column("acknowledge_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bulletin_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("version > 0", name=op.f("ck_briefings_version")),
        sa.CheckConstraint("asks OR acknowledge_by IS NULL", name=op.f("ck_briefings_acknowledge_by")),
        sa.ForeignKeyConstraint(
            ["operation_id", "bulletin_id"],
            ["bulletins.operation_id", "bulletins.id"],
            name=op.f("fk_briefings_operation_id_bulletin_id"),
        ),
        sa.PrimaryKeyConstraint("operation_id", "version", name=op.f("pk_briefings")),
        *_made("briefings"),
    )
    op.create_table(
        "briefing_files",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("operation_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("digest = sha256(content)", name=op.f("ck_briefing_files_digest")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_briefing_files")),
        *_made("briefing_files"),
    )
    op.create_index(op.f("ix_briefing_files_operation_id"), "briefing_files", ["operation_id"], unique=False)


def _version(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["operation_id", "version"], ["briefings.operation_id", "briefings.version"], name=op.f(f"fk_{table}_operation_id_version")
    )


def _make_heard() -> None:
    op.create_table(
        "briefing_receipts",
        sa.Column("operation_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("right_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint("what IN ('received', 'read')", name=op.f("ck_briefing_receipts_what")),
        _version("briefing_receipts"),
        sa.ForeignKeyConstraint(["right_id"], ["tokens.id"], name=op.f("fk_briefing_receipts_right_id")),
        sa.PrimaryKeyConstraint("operation_id", "version", "right_id", "what", name=op.f("pk_briefing_receipts")),
    )
    op.create_table(
        "briefing_checks",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("operation_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("right_id", sa.Uuid(), nullable=False),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("answers", postgresql.JSONB(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        _version("briefing_checks"),
        sa.ForeignKeyConstraint(
            ["operation_id", "unit_id"], ["units.operation_id", "units.id"], name=op.f("fk_briefing_checks_operation_id_unit_id")
        ),
        sa.ForeignKeyConstraint(["right_id"], ["tokens.id"], name=op.f("fk_briefing_checks_right_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_briefing_checks")),
    )
    op.create_index("ix_briefing_checks_operation_id_right_id", "briefing_checks", ["operation_id", "right_id"], unique=False)
