"""The first schema: operations, the record, what is derived from it, and who may do what to each.

Two walls keep the record: the role of the hub's processes has no UPDATE or DELETE on it, and a trigger refuses both to the
owner as well.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

ROLE = "tallyroom_app"

ADD = ("reports", "lines", "assists", "journal", "audit")
"""The record: rows are added and read, never changed."""

KEEP = ("answers", "operations", "tokens")
"""Rows are added and changed, never deleted."""

CHANGE = (
    "units", "measures", "categories", "grants", "inbox", "heads", "entries", "cells", "series", "hearings", "recounts", "heartbeats",
)  # fmt: skip
"""What can be taken back, and what is derived."""


def upgrade() -> None:
    _make_role()
    _make_tables()
    _grant()
    _seal_record()


def _make_role() -> None:
    """The role is the cluster's, not the database's: it may be there already, also from a run at the same moment."""
    op.execute(f"""
        DO $$ BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{ROLE}') THEN CREATE ROLE {ROLE} NOLOGIN; END IF;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
        END $$
    """)
    op.execute(f"""
        DO $$ BEGIN
            IF NOT pg_has_role(current_user, '{ROLE}', 'MEMBER') THEN EXECUTE 'GRANT {ROLE} TO ' || quote_ident(current_user); END IF;
        END $$
    """)


def _grant() -> None:
    op.execute("DO $$ BEGIN EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database()); END $$")
    op.execute(f"GRANT USAGE ON SCHEMA public TO {ROLE}")
    op.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {ROLE}")
    op.execute(f"GRANT INSERT ON {', '.join((*ADD, *KEEP, *CHANGE))} TO {ROLE}")
    op.execute(f"GRANT UPDATE ON {', '.join(('answers', 'operations', *CHANGE))} TO {ROLE}")
    op.execute(f"GRANT UPDATE (revoked_at) ON tokens TO {ROLE}")
    op.execute(f"GRANT DELETE ON {', '.join(CHANGE)} TO {ROLE}")


def _seal_record() -> None:
    op.execute("""
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'the record is never changed: % on % refused', lower(TG_OP), TG_TABLE_NAME
                USING ERRCODE = 'insufficient_privilege';
        END $$
    """)
    for table in ADD:
        op.execute(
            f"CREATE TRIGGER sealed BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def _make_tables() -> None:
    op.create_table(
        "heartbeats",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_heartbeats"),
    )
    op.create_table(
        "operations",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reporting_interval_minutes", sa.Integer(), nullable=False),
        sa.Column("exercise", sa.Boolean(), nullable=False),
        sa.Column("phase", sa.String(), server_default="planned", nullable=False),
        sa.Column("live_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("rules", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("derived", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint("code ~ '^[a-z0-9][a-z0-9-]{0,62}$'", name=op.f("ck_operations_code")),
        sa.CheckConstraint(
            "phase IN ('planned', 'briefing', 'live', 'standing_down', 'reconciling', 'certified', 'archived')",
            name=op.f("ck_operations_phase"),
        ),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_operations_window")),
        sa.CheckConstraint("reporting_interval_minutes BETWEEN 1 AND 10080", name=op.f("ck_operations_interval")),
        sa.PrimaryKeyConstraint("id", name="pk_operations"),
        sa.UniqueConstraint("code", name="uq_operations_code"),
    )
    op.create_table(
        "entries",
        sa.Column("operation_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("category_id", sa.BigInteger(), nullable=False),
        sa.Column("standing", sa.Boolean(), nullable=False),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=True),
        sa.Column("assisting", sa.ARRAY(sa.BigInteger()), nullable=True),
        sa.Column("superseded_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["operation_id"], ["operations.id"], name="fk_entries_operation_id"),
        sa.PrimaryKeyConstraint("operation_id", "position", "number", name="pk_entries"),
    )
    op.create_index("ix_entries_cell", "entries", ["operation_id", "unit_id", "category_id", "observed_at"], unique=False)
    op.create_table(
        "heads",
        sa.Column("operation_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("seal", sa.LargeBinary(), nullable=False),
        sa.Column("folded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["operation_id"], ["operations.id"], name="fk_heads_operation_id"),
        sa.PrimaryKeyConstraint("operation_id", name="pk_heads"),
    )
    op.create_table(
        "hearings",
        sa.Column("operation_id", sa.BigInteger(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("reports", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("with_figures", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("last_report_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("position", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("reports >= 0 AND with_figures BETWEEN 0 AND reports", name=op.f("ck_hearings_reports")),
        sa.ForeignKeyConstraint(["operation_id"], ["operations.id"], name="fk_hearings_operation_id"),
        sa.PrimaryKeyConstraint("operation_id", "unit_id", name="pk_hearings"),
    )
    op.create_index("ix_hearings_position", "hearings", ["operation_id", "position"], unique=False)
    op.create_table(
        "measures",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("operation_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("scale", sa.Integer(), nullable=False),
        sa.Column("definition", sa.String(), nullable=True),
        sa.CheckConstraint("code ~ '^[a-z][a-z0-9_]{0,62}$'", name=op.f("ck_measures_code")),
        sa.CheckConstraint("scale BETWEEN 0 AND 6", name=op.f("ck_measures_scale")),
        sa.ForeignKeyConstraint(["operation_id"], ["operations.id"], name="fk_measures_operation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_measures"),
        sa.UniqueConstraint("operation_id", "code", name="uq_measures_operation_id_code"),
        sa.UniqueConstraint("operation_id", "id", name="uq_measures_operation_id_id"),
    )
    op.create_table(
        "recounts",
        sa.Column("operation_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.Column("differences", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["operation_id"], ["operations.id"], name="fk_recounts_operation_id"),
        sa.PrimaryKeyConstraint("operation_id", name="pk_recounts"),
    )
    op.create_table(
        "series",
        sa.Column("operation_id", sa.BigInteger(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("category_id", sa.BigInteger(), nullable=False),
        sa.Column("minute", sa.DateTime(timezone=True), nullable=False),
        sa.Column("change", sa.Numeric(), nullable=False),
        sa.ForeignKeyConstraint(["operation_id"], ["operations.id"], name="fk_series_operation_id"),
        sa.PrimaryKeyConstraint("operation_id", "unit_id", "category_id", "minute", name="pk_series"),
    )
    op.create_table(
        "tokens",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("operation_id", sa.BigInteger(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("issued_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(role = 'admin') = (operation_id IS NULL)", name=op.f("ck_tokens_scope")),
        sa.CheckConstraint("role IN ('admin', 'desk', 'liaison', 'observer')", name=op.f("ck_tokens_role")),
        sa.CheckConstraint("octet_length(digest) = 32", name=op.f("ck_tokens_digest")),
        sa.ForeignKeyConstraint(["issued_by"], ["tokens.id"], name="fk_tokens_issued_by"),
        sa.ForeignKeyConstraint(["operation_id"], ["operations.id"], name="fk_tokens_operation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_tokens"),
        sa.UniqueConstraint("digest", name="uq_tokens_digest"),
        sa.UniqueConstraint("id", "operation_id", name="uq_tokens_id_operation_id"),
    )
    op.create_index("ix_tokens_operation_id", "tokens", ["operation_id"], unique=False)
    op.create_table(
        "units",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("operation_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("level", sa.String(), nullable=True),
        sa.Column("time_zone", sa.String(), nullable=True),
        sa.Column("expected", sa.Boolean(), nullable=False),
        sa.Column("conducted_separately", postgresql.JSONB(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'nation') = (code = 'NATIONAL') AND (kind = 'unattributed') = (code = 'UNATTRIBUTED')", name=op.f("ck_units_built_in")
        ),
        sa.CheckConstraint("code ~ '^[A-Z0-9][A-Z0-9-]{0,31}$'", name=op.f("ck_units_code")),
        sa.CheckConstraint("kind IN ('jurisdiction', 'agency', 'site', 'unattributed', 'nation')", name=op.f("ck_units_kind")),
        sa.ForeignKeyConstraint(["operation_id", "parent_id"], ["units.operation_id", "units.id"], name="fk_units_operation_id_parent_id"),
        sa.ForeignKeyConstraint(["operation_id"], ["operations.id"], name="fk_units_operation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_units"),
        sa.UniqueConstraint("operation_id", "code", name="uq_units_operation_id_code"),
        sa.UniqueConstraint("operation_id", "id", name="uq_units_operation_id_id"),
    )
    op.create_table(
        "answers",
        sa.Column("caller", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("asked", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.ForeignKeyConstraint(["caller"], ["tokens.id"], name="fk_answers_caller"),
        sa.PrimaryKeyConstraint("caller", "key", name="pk_answers"),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("operation_id", sa.BigInteger(), nullable=True),
        sa.Column("detail", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["tokens.id"], name="fk_audit_actor_id"),
        sa.ForeignKeyConstraint(["operation_id"], ["operations.id"], name="fk_audit_operation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_operation_id", "audit", ["operation_id"], unique=False)
    op.create_table(
        "categories",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("operation_id", sa.BigInteger(), nullable=False),
        sa.Column("measure_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 80", name=op.f("ck_categories_name")),
        sa.ForeignKeyConstraint(
            ["operation_id", "measure_id"], ["measures.operation_id", "measures.id"], name="fk_categories_operation_id_measure_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_categories"),
        sa.UniqueConstraint("measure_id", "name", name="uq_categories_measure_id_name"),
        sa.UniqueConstraint("operation_id", "id", name="uq_categories_operation_id_id"),
    )
    op.create_table(
        "grants",
        sa.Column("token_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("operation_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["operation_id", "unit_id"], ["units.operation_id", "units.id"], name="fk_grants_operation_id_unit_id"),
        sa.ForeignKeyConstraint(["token_id", "operation_id"], ["tokens.id", "tokens.operation_id"], name="fk_grants_token_id_operation_id"),
        sa.PrimaryKeyConstraint("token_id", "unit_id", name="pk_grants"),
    )
    op.create_table(
        "reports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("operation_id", sa.BigInteger(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("supersedes", sa.Uuid(), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("idempotency_key", sa.String(), nullable=True),
        sa.Column("asked", sa.LargeBinary(), nullable=False),
        sa.Column("basis", sa.String(), nullable=True),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("nil", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("warnings", postgresql.JSONB(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'report') = (supersedes IS NULL) AND (kind = 'report' OR reason IS NOT NULL)", name=op.f("ck_reports_supersedes")
        ),
        sa.CheckConstraint(
            "(kind = 'withdrawal') = (basis IS NULL) AND (basis IS NULL) = (observed_at IS NULL)", name=op.f("ck_reports_withdrawal")
        ),
        sa.CheckConstraint("basis IN ('increment', 'to_date')", name=op.f("ck_reports_basis")),
        sa.CheckConstraint("kind IN ('report', 'correction', 'withdrawal')", name=op.f("ck_reports_kind")),
        sa.CheckConstraint("octet_length(digest) = 32", name=op.f("ck_reports_digest")),
        sa.ForeignKeyConstraint(["author_id"], ["tokens.id"], name="fk_reports_author_id"),
        sa.ForeignKeyConstraint(
            ["operation_id", "unit_id", "supersedes"],
            ["reports.operation_id", "reports.unit_id", "reports.id"],
            name="fk_reports_operation_id_unit_id_supersedes",
        ),
        sa.ForeignKeyConstraint(["operation_id", "unit_id"], ["units.operation_id", "units.id"], name="fk_reports_operation_id_unit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_reports"),
        sa.UniqueConstraint("author_id", "idempotency_key", name="uq_reports_author_id_idempotency_key"),
        sa.UniqueConstraint("operation_id", "id", name="uq_reports_operation_id_id"),
        sa.UniqueConstraint("operation_id", "unit_id", "id", name="uq_reports_operation_id_unit_id_id"),
        sa.UniqueConstraint("supersedes", name="uq_reports_supersedes"),
    )
    op.create_table(
        "cells",
        sa.Column("operation_id", sa.BigInteger(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("category_id", sa.BigInteger(), nullable=False),
        sa.Column("own", sa.Numeric(), server_default="0", nullable=False),
        sa.Column("own_figures", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("own_unquantified", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("total", sa.Numeric(), server_default="0", nullable=False),
        sa.Column("figures", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("unquantified", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("assisted", sa.Numeric(), server_default="0", nullable=False),
        sa.Column("standing_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("position", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("assisted >= 0 AND own_unquantified >= 0 AND unquantified >= own_unquantified", name=op.f("ck_cells_credits")),
        sa.CheckConstraint("own >= 0 AND total >= own AND own_figures >= 0 AND figures >= own_figures", name=op.f("ck_cells_figures")),
        sa.ForeignKeyConstraint(
            ["operation_id", "category_id"], ["categories.operation_id", "categories.id"], name="fk_cells_operation_id_category_id"
        ),
        sa.ForeignKeyConstraint(["operation_id", "unit_id"], ["units.operation_id", "units.id"], name="fk_cells_operation_id_unit_id"),
        sa.PrimaryKeyConstraint("operation_id", "unit_id", "category_id", name="pk_cells"),
    )
    op.create_index("ix_cells_position", "cells", ["operation_id", "position"], unique=False)
    op.create_table(
        "inbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("operation_id", sa.BigInteger(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["operation_id", "report_id"], ["reports.operation_id", "reports.id"], name="fk_inbox_operation_id_report_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_inbox"),
    )
    op.create_index("ix_inbox_operation_id_id", "inbox", ["operation_id", "id"], unique=False)
    op.create_table(
        "journal",
        sa.Column("operation_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("folded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seal", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("octet_length(seal) = 32", name=op.f("ck_journal_seal")),
        sa.CheckConstraint("position > 0", name=op.f("ck_journal_position")),
        sa.ForeignKeyConstraint(["operation_id"], ["operations.id"], name="fk_journal_operation_id"),
        sa.ForeignKeyConstraint(
            ["operation_id", "report_id"], ["reports.operation_id", "reports.id"], name="fk_journal_operation_id_report_id"
        ),
        sa.PrimaryKeyConstraint("operation_id", "position", name="pk_journal"),
        sa.UniqueConstraint("report_id", name="uq_journal_report_id"),
    )
    op.create_table(
        "lines",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("operation_id", sa.BigInteger(), nullable=False),
        sa.Column("category_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=True),
        sa.Column("unquantified", sa.String(), nullable=True),
        sa.CheckConstraint("(quantity IS NULL) <> (unquantified IS NULL)", name=op.f("ck_lines_one_of")),
        sa.CheckConstraint("quantity BETWEEN 0 AND 1000000000000000000", name=op.f("ck_lines_quantity")),
        sa.ForeignKeyConstraint(
            ["operation_id", "category_id"], ["categories.operation_id", "categories.id"], name="fk_lines_operation_id_category_id"
        ),
        sa.ForeignKeyConstraint(
            ["operation_id", "report_id"], ["reports.operation_id", "reports.id"], name="fk_lines_operation_id_report_id"
        ),
        sa.PrimaryKeyConstraint("report_id", "number", name="pk_lines"),
    )
    op.create_table(
        "assists",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("operation_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["operation_id", "unit_id"], ["units.operation_id", "units.id"], name="fk_assists_operation_id_unit_id"),
        sa.ForeignKeyConstraint(
            ["operation_id", "report_id"], ["reports.operation_id", "reports.id"], name="fk_assists_operation_id_report_id"
        ),
        sa.ForeignKeyConstraint(["report_id", "number"], ["lines.report_id", "lines.number"], name="fk_assists_report_id_number"),
        sa.PrimaryKeyConstraint("report_id", "number", "unit_id", name="pk_assists"),
    )
