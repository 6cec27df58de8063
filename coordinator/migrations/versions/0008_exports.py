"""Exports: publications of public forms, which are only added to, and files that workers make, which come and go."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"

ROLE = "tallyroom_app"


def upgrade() -> None:
    _make_publications()
    _make_exports()
    op.execute(f"GRANT SELECT, INSERT ON publications, exports TO {ROLE}")
    op.execute(f"GRANT UPDATE (state, progress, attempts, seen_at, expires_at, content) ON exports TO {ROLE}")
    op.execute(f"GRANT DELETE ON exports TO {ROLE}")


def _moment(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False)


def _make_publications() -> None:
    op.create_table(
        "publications",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("operation_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("release", sa.Integer(), nullable=False),
        sa.Column("patterns", postgresql.JSONB(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        _moment("published_at"),
        sa.CheckConstraint("octet_length(digest) = 32", name=op.f("ck_publications_digest")),
        sa.CheckConstraint("position >= 0 AND release >= 0", name=op.f("ck_publications_place")),
        sa.ForeignKeyConstraint(["operation_id"], ["operations.id"], name="fk_publications_operation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_publications"),
        sa.UniqueConstraint("operation_id", "position", "release", name="uq_publications_operation_id_position_release"),
    )


def _make_exports() -> None:
    op.create_table(
        "exports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("operation_id", sa.BigInteger(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("release", sa.Integer(), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), server_default="waiting", nullable=False),
        sa.Column("progress", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        _moment("asked_at"),
        _moment("seen_at"),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'working', 'ready', 'failed')", name=op.f("ck_exports_state")),
        sa.CheckConstraint("progress BETWEEN 0 AND 1000", name=op.f("ck_exports_progress")),
        sa.CheckConstraint("(state = 'ready') = (content IS NOT NULL)", name=op.f("ck_exports_content")),
        sa.ForeignKeyConstraint(["operation_id"], ["operations.id"], name="fk_exports_operation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_exports"),
    )
    op.create_index("ix_exports_operation_id_id", "exports", ["operation_id", "id"])
