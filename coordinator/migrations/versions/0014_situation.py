"""Situation reports: the reports and their approvals, which are record, and how often the hub makes one by itself; new contacts happen.

What no key can hold, a trigger does: numbers without a gap, each period beginning where the one before ended, and two people.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

ROLE = "tallyroom_app"

ADD = ("situation_reports", "situation_approvals")
"""The record: rows are added and read, never changed."""


def upgrade() -> None:
    _make_reports()
    _make_approvals()
    _make_schedules()
    op.execute(f"GRANT SELECT, INSERT ON {', '.join((*ADD, 'situation_schedules'))} TO {ROLE}")
    op.execute(f"GRANT UPDATE, DELETE ON situation_schedules TO {ROLE}")
    for table in ADD:
        op.execute(
            f"CREATE TRIGGER sealed BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    _hold_order()
    _hold_approvers()
    _let_contacts_happen()


def _let_contacts_happen() -> None:
    """That a unit's contact is another is told to whoever watches, as all that happens is; who it is, is not."""
    kinds = ("bulletin", "acknowledgement", "message", "check_in", "contact", "call", "reminder", "interval", "stand_down")
    op.drop_constraint(op.f("ck_happenings_kind"), "happenings")
    op.create_check_constraint(op.f("ck_happenings_kind"), "happenings", f"kind IN ({', '.join(repr(kind) for kind in kinds)})")


def _hold_order() -> None:
    """A report follows the last one."""
    op.execute("""
        CREATE FUNCTION check_situation_report() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            before situation_reports;
        BEGIN
            SELECT * INTO before FROM situation_reports WHERE operation_id = NEW.operation_id ORDER BY number DESC LIMIT 1;
            IF NEW.number <> coalesce(before.number, 0) + 1 OR NEW.from_position <> coalesce(before.position, 0) THEN
                RAISE EXCEPTION 'a situation report follows the one before' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("CREATE TRIGGER checked BEFORE INSERT ON situation_reports FOR EACH ROW EXECUTE FUNCTION check_situation_report()")


def _hold_approvers() -> None:
    """Who approves a report is of its operation's desk, is who the right says, and has not prepared it."""
    op.execute("""
        CREATE FUNCTION check_situation_approval() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NOT EXISTS (
                SELECT FROM tokens t WHERE t.id = NEW.by_id AND NEW.person = coalesce(t.account_id, t.id)
                  AND (t.role = 'admin' OR t.role = 'desk' AND t.operation_id = NEW.operation_id)
            ) OR EXISTS (
                SELECT FROM situation_reports r WHERE r.operation_id = NEW.operation_id AND r.number = NEW.number AND r.person = NEW.person
            ) THEN
                RAISE EXCEPTION 'this right can not approve it' USING ERRCODE = 'insufficient_privilege';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("CREATE TRIGGER checked BEFORE INSERT ON situation_approvals FOR EACH ROW EXECUTE FUNCTION check_situation_approval()")


def _make_reports() -> None:
    op.create_table(
        "situation_reports",
        sa.Column("operation_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("from_position", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("bulletin_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("prepared_by", sa.Uuid(), nullable=True),
        sa.Column("person", sa.Uuid(), nullable=True),
        sa.Column("prepared_name", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('initial', 'update', 'final')", name=op.f("ck_situation_reports_kind")),
        sa.CheckConstraint("number > 0 AND (number = 1 OR kind <> 'initial')", name=op.f("ck_situation_reports_number")),
        sa.CheckConstraint("from_position >= 0 AND position >= from_position", name=op.f("ck_situation_reports_period")),
        sa.CheckConstraint("digest = sha256(content)", name=op.f("ck_situation_reports_digest")),
        sa.ForeignKeyConstraint(["operation_id"], ["operations.id"], name=op.f("fk_situation_reports_operation_id")),
        sa.ForeignKeyConstraint(["prepared_by"], ["tokens.id"], name=op.f("fk_situation_reports_prepared_by")),
        sa.ForeignKeyConstraint(
            ["operation_id", "bulletin_id"],
            ["bulletins.operation_id", "bulletins.id"],
            name=op.f("fk_situation_reports_operation_id_bulletin_id"),
        ),
        sa.PrimaryKeyConstraint("operation_id", "number", name=op.f("pk_situation_reports")),
        sa.UniqueConstraint("operation_id", "due_at", name=op.f("uq_situation_reports_operation_id_due_at")),
    )


def _make_approvals() -> None:
    op.create_table(
        "situation_approvals",
        sa.Column("operation_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["tokens.id"], name=op.f("fk_situation_approvals_by_id")),
        sa.ForeignKeyConstraint(
            ["operation_id", "number"],
            ["situation_reports.operation_id", "situation_reports.number"],
            name=op.f("fk_situation_approvals_operation_id_number"),
        ),
        sa.PrimaryKeyConstraint("operation_id", "number", name=op.f("pk_situation_approvals")),
    )


def _make_schedules() -> None:
    op.create_table(
        "situation_schedules",
        sa.Column("operation_id", sa.BigInteger(), nullable=False),
        sa.Column("every_minutes", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint("every_minutes BETWEEN 5 AND 1440", name=op.f("ck_situation_schedules_every_minutes")),
        sa.ForeignKeyConstraint(["operation_id"], ["operations.id"], name=op.f("fk_situation_schedules_operation_id")),
        sa.PrimaryKeyConstraint("operation_id", name=op.f("pk_situation_schedules")),
    )
