"""Signing in: accounts, devices, sessions, attempts and invitations; a right to act may be held by an account or a device.

The hub's role can't take a right from one holder to another, nor give a session, device or invitation another secret: of each
it may change only what its life needs.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"

ROLE = "tallyroom_app"

CHANGING = {
    "accounts": ("passphrase", "changed_at", "locked_at"),
    "devices": ("failures", "revoked_at"),
    "sessions": ("seen_at", "wall", "revoked_at"),
    "invitations": ("revoked_at", "taken_at", "taken_by"),
    "attempts": ("failures", "last_at", "locked_until"),
}
"""What of each table the hub's role may change."""


def upgrade() -> None:
    _make_holders()
    _let_them_hold_rights()
    _make_sessions()
    _make_invitations()
    _grant()


def _grant() -> None:
    tables = (*CHANGING, "invited_units")
    op.execute(f"GRANT SELECT, INSERT ON {', '.join(tables)} TO {ROLE}")
    op.execute(f"GRANT DELETE ON attempts TO {ROLE}")
    for table, columns in CHANGING.items():
        op.execute(f"GRANT UPDATE ({', '.join(columns)}) ON {table} TO {ROLE}")


def _moment(name: str, **options: Any) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), **options)


def _now(name: str) -> sa.Column:
    return _moment(name, server_default=sa.text("clock_timestamp()"), nullable=False)


def _make_holders() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("passphrase", sa.String(), nullable=False),
        _now("created_at"),
        _now("changed_at"),
        _moment("locked_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.UniqueConstraint("login", name="uq_accounts_login"),
    )
    op.create_table(
        "devices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("browser", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        _now("created_at"),
        _moment("expires_at", nullable=False),
        _moment("revoked_at", nullable=True),
        sa.CheckConstraint("octet_length(digest) = 32", name=op.f("ck_devices_digest")),
        sa.CheckConstraint("failures BETWEEN 0 AND 5", name=op.f("ck_devices_failures")),
        sa.PrimaryKeyConstraint("id", name="pk_devices"),
        sa.UniqueConstraint("digest", name="uq_devices_digest"),
    )
    op.create_table(
        "attempts",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("failures", postgresql.ARRAY(sa.DateTime(timezone=True)), nullable=False),
        _moment("last_at", nullable=False),
        _moment("locked_until", nullable=True),
        sa.PrimaryKeyConstraint("digest", name="pk_attempts"),
    )
    op.create_index("ix_attempts_last_at", "attempts", ["last_at"])


def _let_them_hold_rights() -> None:
    op.alter_column("tokens", "digest", nullable=True)
    op.add_column("tokens", sa.Column("account_id", sa.Uuid(), nullable=True))
    op.add_column("tokens", sa.Column("device_id", sa.Uuid(), nullable=True))
    op.create_foreign_key("fk_tokens_account_id", "tokens", "accounts", ["account_id"], ["id"])
    op.create_foreign_key("fk_tokens_device_id", "tokens", "devices", ["device_id"], ["id"])
    op.create_check_constraint(op.f("ck_tokens_holder"), "tokens", "num_nonnulls(digest, account_id, device_id) = 1")
    op.create_unique_constraint("uq_tokens_device_id", "tokens", ["device_id"])
    op.create_index(
        "ix_tokens_account_id_operation_id",
        "tokens",
        ["account_id", "operation_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=sa.text("account_id IS NOT NULL AND revoked_at IS NULL"),
    )


def _make_sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("device_id", sa.Uuid(), nullable=True),
        sa.Column("browser", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("idle_seconds", sa.Integer(), nullable=False),
        sa.Column("wall", sa.Boolean(), server_default="false", nullable=False),
        _now("created_at"),
        _now("seen_at"),
        _moment("expires_at", nullable=False),
        _moment("revoked_at", nullable=True),
        sa.CheckConstraint("num_nonnulls(account_id, device_id) = 1", name=op.f("ck_sessions_holder")),
        sa.CheckConstraint("octet_length(digest) = 32", name=op.f("ck_sessions_digest")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_sessions_account_id"),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"], name="fk_sessions_device_id"),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        sa.UniqueConstraint("digest", name="uq_sessions_digest"),
    )
    op.create_index("ix_sessions_account_id", "sessions", ["account_id"])
    op.create_index("ix_sessions_device_id", "sessions", ["device_id"])


def _make_invitations() -> None:
    op.create_table(
        "invitations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("operation_id", sa.BigInteger(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("issued_by", sa.Uuid(), nullable=True),
        _now("created_at"),
        _moment("expires_at", nullable=False),
        _moment("revoked_at", nullable=True),
        _moment("taken_at", nullable=True),
        sa.Column("taken_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("role IN ('admin', 'desk', 'liaison', 'observer')", name=op.f("ck_invitations_role")),
        sa.CheckConstraint("(role = 'admin') = (operation_id IS NULL)", name=op.f("ck_invitations_scope")),
        sa.CheckConstraint("octet_length(digest) = 32", name=op.f("ck_invitations_digest")),
        sa.ForeignKeyConstraint(["operation_id"], ["operations.id"], name="fk_invitations_operation_id"),
        sa.ForeignKeyConstraint(["issued_by"], ["tokens.id"], name="fk_invitations_issued_by"),
        sa.ForeignKeyConstraint(["taken_by"], ["tokens.id"], name="fk_invitations_taken_by"),
        sa.PrimaryKeyConstraint("id", name="pk_invitations"),
        sa.UniqueConstraint("digest", name="uq_invitations_digest"),
        sa.UniqueConstraint("id", "operation_id", name="uq_invitations_id_operation_id"),
    )
    op.create_index("ix_invitations_operation_id", "invitations", ["operation_id"])
    op.create_table(
        "invited_units",
        sa.Column("invitation_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("operation_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invitation_id", "operation_id"],
            ["invitations.id", "invitations.operation_id"],
            name="fk_invited_units_invitation_id_operation_id",
        ),
        sa.ForeignKeyConstraint(
            ["operation_id", "unit_id"], ["units.operation_id", "units.id"], name="fk_invited_units_operation_id_unit_id"
        ),
        sa.PrimaryKeyConstraint("invitation_id", "unit_id", name="pk_invited_units"),
    )
