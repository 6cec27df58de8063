"""What leaves the hub: addresses, and the outbox of what goes to them.

Neither is record: a delivery changes until it has arrived, and both are forgotten when the operation is archived.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"

ROLE = "tallyroom_app"


def upgrade() -> None:
    _make_addresses()
    _make_outgoing()
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON addresses, outgoing TO {ROLE}")


def _make_addresses() -> None:
    op.create_table(
        "addresses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("operation_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("whose", sa.String(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=True),
        sa.Column("token_id", sa.Uuid(), nullable=True),
        sa.Column("key", sa.String(), nullable=True),
        sa.Column("auth", sa.String(), nullable=True),
        sa.Column("added_by", sa.String(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('mail', 'webhook', 'push')", name=op.f("ck_addresses_kind")),
        sa.CheckConstraint("whose IN ('liaison', 'alternate', 'desk')", name=op.f("ck_addresses_whose")),
        sa.CheckConstraint("length(address) BETWEEN 1 AND 1000", name=op.f("ck_addresses_address")),
        sa.CheckConstraint(
            "(kind = 'push') = (token_id IS NOT NULL) AND (kind = 'push') = (key IS NOT NULL AND auth IS NOT NULL)",
            name=op.f("ck_addresses_push"),
        ),
        sa.CheckConstraint("(whose = 'desk' OR kind = 'push') = (unit_id IS NULL)", name=op.f("ck_addresses_unit")),
        sa.ForeignKeyConstraint(["operation_id"], ["operations.id"], name=op.f("fk_addresses_operation_id")),
        sa.ForeignKeyConstraint(
            ["operation_id", "unit_id"], ["units.operation_id", "units.id"], name=op.f("fk_addresses_operation_id_unit_id")
        ),
        sa.ForeignKeyConstraint(["token_id"], ["tokens.id"], name=op.f("fk_addresses_token_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_addresses")),
    )
    op.create_index(
        "uq_addresses_standing",
        "addresses",
        ["operation_id", "kind", "address", "whose", "unit_id", "token_id"],
        unique=True,
        postgresql_where=sa.text("removed_at IS NULL"),
        postgresql_nulls_not_distinct=True,
    )


def _make_outgoing() -> None:
    op.create_table(
        "outgoing",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("operation_id", sa.BigInteger(), nullable=False),
        sa.Column("address_id", sa.Uuid(), nullable=False),
        sa.Column("message", postgresql.JSONB(), nullable=False),
        sa.Column("state", sa.String(), server_default="waiting", nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("problem", sa.String(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'sending', 'delivered', 'failed', 'given up')", name=op.f("ck_outgoing_state")),
        sa.CheckConstraint("(state = 'delivered') = (delivered_at IS NOT NULL)", name=op.f("ck_outgoing_delivered")),
        sa.ForeignKeyConstraint(["address_id"], ["addresses.id"], name=op.f("fk_outgoing_address_id")),
        sa.ForeignKeyConstraint(["operation_id"], ["operations.id"], name=op.f("fk_outgoing_operation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing")),
    )
    op.create_index("ix_outgoing_due", "outgoing", ["next_at"], postgresql_where=sa.text("state IN ('waiting', 'sending')"))
    op.create_index("ix_outgoing_operation_id_id", "outgoing", ["operation_id", "id"], unique=False)
    op.create_index("ix_outgoing_address_id_state", "outgoing", ["address_id", "state"], unique=False)
