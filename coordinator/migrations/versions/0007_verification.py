"""What anyone can verify by: the record of definitions, and checkpoints, which say under a signature how far the record goes.

Both belong to the record: rows are added and read, never changed. An operation that is there already gets its first definitions with
its next change or checkpoint.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

ROLE = "tallyroom_app"
ADDED = ("definitions", "checkpoints")


def upgrade() -> None:
    _make_table("definitions", "seal", 32)
    _make_table("checkpoints", "signature", 64)
    op.execute(f"GRANT SELECT, INSERT ON {', '.join(ADDED)} TO {ROLE}")
    for table in ADDED:
        op.execute(
            f"CREATE TRIGGER sealed BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def _make_table(name: str, proof: str, octets: int) -> None:
    """Numbered texts of an operation, each with the seal or signature that holds it."""
    op.create_table(
        name,
        sa.Column("operation_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column(proof, sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f(f"ck_{name}_number")),
        sa.CheckConstraint(f"octet_length({proof}) = {octets}", name=op.f(f"ck_{name}_{proof}")),
        sa.ForeignKeyConstraint(["operation_id"], ["operations.id"], name=f"fk_{name}_operation_id"),
        sa.PrimaryKeyConstraint("operation_id", "number", name=f"pk_{name}"),
    )
