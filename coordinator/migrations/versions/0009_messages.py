"""Messages: who has checked in and whom to call, bulletins and who has acknowledged them, and what has happened, by its number.

What was said, answered, called and reminded is record: added, read, and never changed by anyone. Contacts are the opposite, they
are forgotten when the operation is archived.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

ROLE = "tallyroom_app"

ADD = (
    "bulletins", "addressees", "acknowledgements", "bulletin_messages", "deliveries", "check_ins", "calls", "reminders", "stand_downs",
    "happenings",
)  # fmt: skip
"""The record: rows are added and read, never changed."""

CHANGE = ("contacts", "cadences")
"""What can be taken back."""


def upgrade() -> None:
    _make_switchboards()
    _make_bulletins()
    _make_answers()
    _make_presence()
    _make_happenings()
    _grant()


def _grant() -> None:
    op.execute(f"GRANT SELECT, INSERT ON {', '.join((*ADD, *CHANGE, 'switchboards'))} TO {ROLE}")
    op.execute(f"GRANT UPDATE ON {', '.join((*CHANGE, 'switchboards'))} TO {ROLE}")
    op.execute(f"GRANT DELETE ON {', '.join(CHANGE)} TO {ROLE}")
    for table in ADD:
        op.execute(
            f"CREATE TRIGGER sealed BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def _make_switchboards() -> None:
    op.create_table(
        "switchboards",
        sa.Column("operation_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("bulletins", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["operation_id"], ["operations.id"], name=op.f("fk_switchboards_operation_id")),
        sa.PrimaryKeyConstraint("operation_id", name=op.f("pk_switchboards")),
    )


def _make_bulletins() -> None:
    op.create_table(
        "bulletins",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("operation_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("priority", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("supersedes", sa.Uuid(), nullable=True),
        sa.Column("to_all", sa.Boolean(), nullable=False),
        sa.Column("acknowledge_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("exercise", sa.Boolean(), nullable=False),
        sa.Column("phase", sa.String(), nullable=True),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint("(kind = 'alert') = (supersedes IS NULL)", name=op.f("ck_bulletins_supersedes")),
        sa.CheckConstraint("kind IN ('alert', 'update', 'cancel')", name=op.f("ck_bulletins_kind")),
        sa.CheckConstraint("phase IN ('live', 'standing_down')", name=op.f("ck_bulletins_phase")),
        sa.CheckConstraint("priority IN ('routine', 'immediate', 'flash')", name=op.f("ck_bulletins_priority")),
        sa.CheckConstraint("length(text) BETWEEN 1 AND 2000", name=op.f("ck_bulletins_text")),
        sa.ForeignKeyConstraint(["by_id"], ["tokens.id"], name=op.f("fk_bulletins_by_id")),
        sa.ForeignKeyConstraint(
            ["operation_id", "supersedes"], ["bulletins.operation_id", "bulletins.id"], name=op.f("fk_bulletins_operation_id_supersedes")
        ),
        sa.ForeignKeyConstraint(["operation_id"], ["operations.id"], name=op.f("fk_bulletins_operation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulletins")),
        sa.UniqueConstraint("operation_id", "id", name=op.f("uq_bulletins_operation_id_id")),
        sa.UniqueConstraint("operation_id", "number", name=op.f("uq_bulletins_operation_id_number")),
        sa.UniqueConstraint("supersedes", name=op.f("uq_bulletins_supersedes")),
    )
    op.create_table(
        "addressees",
        sa.Column("bulletin_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("operation_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["operation_id", "bulletin_id"], ["bulletins.operation_id", "bulletins.id"], name=op.f("fk_addressees_operation_id_bulletin_id")
        ),
        sa.ForeignKeyConstraint(
            ["operation_id", "unit_id"], ["units.operation_id", "units.id"], name=op.f("fk_addressees_operation_id_unit_id")
        ),
        sa.PrimaryKeyConstraint("bulletin_id", "unit_id", name=op.f("pk_addressees")),
    )
    op.create_table(
        "deliveries",
        sa.Column("bulletin_id", sa.Uuid(), nullable=False),
        sa.Column("token_id", sa.Uuid(), nullable=False),
        sa.Column("operation_id", sa.BigInteger(), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint("way IN ('stream', 'page', 'api')", name=op.f("ck_deliveries_way")),
        sa.ForeignKeyConstraint(
            ["operation_id", "bulletin_id"], ["bulletins.operation_id", "bulletins.id"], name=op.f("fk_deliveries_operation_id_bulletin_id")
        ),
        sa.ForeignKeyConstraint(["token_id"], ["tokens.id"], name=op.f("fk_deliveries_token_id")),
        sa.PrimaryKeyConstraint("bulletin_id", "token_id", name=op.f("pk_deliveries")),
    )


def _make_answers() -> None:
    op.create_table(
        "acknowledgements",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("operation_id", sa.BigInteger(), nullable=False),
        sa.Column("bulletin_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint("answer = 'understood' OR reason IS NOT NULL", name=op.f("ck_acknowledgements_reason")),
        sa.CheckConstraint("answer IN ('understood', 'cannot_comply', 'question')", name=op.f("ck_acknowledgements_answer")),
        sa.ForeignKeyConstraint(
            ["bulletin_id", "unit_id"],
            ["addressees.bulletin_id", "addressees.unit_id"],
            name=op.f("fk_acknowledgements_bulletin_id_unit_id"),
        ),
        sa.ForeignKeyConstraint(["by_id"], ["tokens.id"], name=op.f("fk_acknowledgements_by_id")),
        sa.ForeignKeyConstraint(["operation_id"], ["operations.id"], name=op.f("fk_acknowledgements_operation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acknowledgements")),
    )
    op.create_index("ix_acknowledgements_bulletin_id_unit_id", "acknowledgements", ["bulletin_id", "unit_id"], unique=False)
    op.create_index(op.f("ix_acknowledgements_operation_id"), "acknowledgements", ["operation_id"], unique=False)
    op.create_table(
        "bulletin_messages",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("operation_id", sa.BigInteger(), nullable=False),
        sa.Column("bulletin_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("from_unit", sa.Boolean(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["bulletin_id", "unit_id"],
            ["addressees.bulletin_id", "addressees.unit_id"],
            name=op.f("fk_bulletin_messages_bulletin_id_unit_id"),
        ),
        sa.ForeignKeyConstraint(["by_id"], ["tokens.id"], name=op.f("fk_bulletin_messages_by_id")),
        sa.ForeignKeyConstraint(["operation_id"], ["operations.id"], name=op.f("fk_bulletin_messages_operation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulletin_messages")),
    )
    op.create_index("ix_bulletin_messages_bulletin_id_unit_id", "bulletin_messages", ["bulletin_id", "unit_id"], unique=False)
    op.create_index(op.f("ix_bulletin_messages_operation_id"), "bulletin_messages", ["operation_id"], unique=False)


def _make_presence() -> None:
    op.create_table(
        "check_ins",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("operation_id", sa.BigInteger(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["tokens.id"], name=op.f("fk_check_ins_by_id")),
        sa.ForeignKeyConstraint(
            ["operation_id", "unit_id"], ["units.operation_id", "units.id"], name=op.f("fk_check_ins_operation_id_unit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_ins")),
    )
    op.create_index("ix_check_ins_operation_id_unit_id", "check_ins", ["operation_id", "unit_id", "id"], unique=False)
    op.create_table(
        "calls",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("operation_id", sa.BigInteger(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint("outcome IN ('reached', 'no_answer', 'message_left', 'wrong_number')", name=op.f("ck_calls_outcome")),
        sa.ForeignKeyConstraint(["by_id"], ["tokens.id"], name=op.f("fk_calls_by_id")),
        sa.ForeignKeyConstraint(
            ["operation_id", "unit_id"], ["units.operation_id", "units.id"], name=op.f("fk_calls_operation_id_unit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calls")),
    )
    op.create_index("ix_calls_operation_id_unit_id", "calls", ["operation_id", "unit_id", "id"], unique=False)
    op.create_table(
        "contacts",
        sa.Column("operation_id", sa.BigInteger(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("telephone", sa.String(), nullable=False),
        sa.Column("alternate", sa.String(), nullable=True),
        sa.Column("alternate_telephone", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["operation_id", "unit_id"], ["units.operation_id", "units.id"], name=op.f("fk_contacts_operation_id_unit_id")
        ),
        sa.PrimaryKeyConstraint("operation_id", "unit_id", name=op.f("pk_contacts")),
    )
    op.create_table(
        "cadences",
        sa.Column("operation_id", sa.BigInteger(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.CheckConstraint("minutes BETWEEN 1 AND 10080", name=op.f("ck_cadences_minutes")),
        sa.ForeignKeyConstraint(
            ["operation_id", "unit_id"], ["units.operation_id", "units.id"], name=op.f("fk_cadences_operation_id_unit_id")
        ),
        sa.PrimaryKeyConstraint("operation_id", "unit_id", name=op.f("pk_cadences")),
    )


def _make_happenings() -> None:
    op.create_table(
        "reminders",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("operation_id", sa.BigInteger(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("bulletin_id", sa.Uuid(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("step", sa.SmallInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint("step BETWEEN 1 AND 3", name=op.f("ck_reminders_step")),
        sa.ForeignKeyConstraint(
            ["operation_id", "bulletin_id"], ["bulletins.operation_id", "bulletins.id"], name=op.f("fk_reminders_operation_id_bulletin_id")
        ),
        sa.ForeignKeyConstraint(
            ["operation_id", "unit_id"], ["units.operation_id", "units.id"], name=op.f("fk_reminders_operation_id_unit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminders")),
        sa.UniqueConstraint(
            "operation_id", "unit_id", "bulletin_id", "due_at", "step", name="uq_reminders_step", postgresql_nulls_not_distinct=True
        ),
    )
    op.create_table(
        "stand_downs",
        sa.Column("operation_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("missing", sa.ARRAY(sa.String()), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["tokens.id"], name=op.f("fk_stand_downs_by_id")),
        sa.ForeignKeyConstraint(["operation_id"], ["operations.id"], name=op.f("fk_stand_downs_operation_id")),
        sa.PrimaryKeyConstraint("operation_id", name=op.f("pk_stand_downs")),
    )
    op.create_table(
        "happenings",
        sa.Column("operation_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=True),
        sa.Column("bulletin_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('bulletin', 'acknowledgement', 'message', 'check_in', 'call', 'reminder', 'interval', 'stand_down')",
            name=op.f("ck_happenings_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["operation_id", "bulletin_id"], ["bulletins.operation_id", "bulletins.id"], name=op.f("fk_happenings_operation_id_bulletin_id")
        ),
        sa.ForeignKeyConstraint(
            ["operation_id", "unit_id"], ["units.operation_id", "units.id"], name=op.f("fk_happenings_operation_id_unit_id")
        ),
        sa.ForeignKeyConstraint(["operation_id"], ["operations.id"], name=op.f("fk_happenings_operation_id")),
        sa.PrimaryKeyConstraint("operation_id", "version", name=op.f("pk_happenings")),
    )
