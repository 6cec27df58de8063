"""An index of the to-date figures alone: which one stands at a moment is asked by every fold that goes behind the newest, and by
every question about the past."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_index(
        "ix_entries_standing",
        "entries",
        ["operation_id", "unit_id", "category_id", "observed_at"],
        postgresql_where="standing AND quantity IS NOT NULL AND NOT credit",
    )
