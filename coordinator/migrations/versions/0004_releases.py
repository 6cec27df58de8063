"""Certification and releases: signatures, waivers, amendments, and the releases themselves, all append-only; headlines of an operation.

What no key can hold, triggers do: two people of the desk under every release, numbers without a gap, each release naming the one
before, and an amendment with its reason before the release that amends.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"

ROLE = "tallyroom_app"

ADD = ("signatures", "waivers", "amendments", "releases")
"""The record: rows are added and read, never changed."""


def upgrade() -> None:
    op.add_column("operations", sa.Column("headlines", postgresql.JSONB(), server_default="[]", nullable=False))
    op.add_column("operations", sa.Column("released", sa.Integer(), server_default="0", nullable=False))
    _make_signatures()
    _make_waivers()
    _make_releases()
    _make_amendments()
    op.execute(f"GRANT SELECT, INSERT ON {', '.join(ADD)} TO {ROLE}")
    for table in ADD:
        op.execute(
            f"CREATE TRIGGER sealed BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    _hold_signers()
    _hold_releases()


def _hold_signers() -> None:
    """A signature is of whoever the right says: of its operation, in its role, and with its account."""
    op.execute("""
        CREATE FUNCTION check_signature() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NOT EXISTS (
                SELECT FROM tokens t WHERE t.id = NEW.right_id AND t.account_id IS NOT DISTINCT FROM NEW.account_id
                  AND t.role IN ('desk', 'admin', 'liaison') AND (NEW.kind = 'unit') = (t.role = 'liaison')
                  AND (t.role = 'admin' OR t.operation_id = NEW.operation_id)
            ) THEN
                RAISE EXCEPTION 'this right can not sign so' USING ERRCODE = 'insufficient_privilege';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("CREATE TRIGGER checked BEFORE INSERT ON signatures FOR EACH ROW EXECUTE FUNCTION check_signature()")


def _hold_releases() -> None:
    """A release follows the last one, and two people have signed it."""
    op.execute("""
        CREATE FUNCTION check_release() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            before releases;
        BEGIN
            SELECT * INTO before FROM releases WHERE operation_id = NEW.operation_id ORDER BY number DESC LIMIT 1;
            IF NEW.number <> coalesce(before.number, 0) + 1 OR NEW.previous_digest IS DISTINCT FROM before.digest
               OR NEW.position < coalesce(before.position, 0) THEN
                RAISE EXCEPTION 'a release follows the one before' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            IF NEW.number > 1 AND NOT EXISTS (
                SELECT FROM amendments a WHERE a.operation_id = NEW.operation_id AND a.number = NEW.number
            ) THEN
                RAISE EXCEPTION 'an amendment needs its reason' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            IF (SELECT count(DISTINCT s.person) FROM signatures s WHERE s.operation_id = NEW.operation_id AND s.kind = 'desk'
                AND s.number = NEW.number AND s.position = NEW.position AND s.digest = NEW.signed) < 2 THEN
                RAISE EXCEPTION 'a release needs the signatures of two people' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("CREATE TRIGGER checked BEFORE INSERT ON releases FOR EACH ROW EXECUTE FUNCTION check_release()")


def _moment(name: str, **options: Any) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False, **options)


def _now(name: str) -> sa.Column:
    return _moment(name, server_default=sa.text("clock_timestamp()"))


def _make_signatures() -> None:
    op.create_table(
        "signatures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("operation_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("right_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        _now("signed_at"),
        sa.CheckConstraint("kind IN ('unit', 'desk')", name=op.f("ck_signatures_kind")),
        sa.CheckConstraint(
            "(kind = 'unit') = (unit_id IS NOT NULL) AND (kind = 'desk') = (number IS NOT NULL)", name=op.f("ck_signatures_what")
        ),
        sa.CheckConstraint("person = coalesce(account_id, right_id)", name=op.f("ck_signatures_person")),
        sa.CheckConstraint("octet_length(digest) = 32", name=op.f("ck_signatures_digest")),
        sa.CheckConstraint("position >= 0", name=op.f("ck_signatures_position")),
        sa.ForeignKeyConstraint(["operation_id"], ["operations.id"], name="fk_signatures_operation_id"),
        sa.ForeignKeyConstraint(["operation_id", "unit_id"], ["units.operation_id", "units.id"], name="fk_signatures_operation_id_unit_id"),
        sa.ForeignKeyConstraint(["right_id"], ["tokens.id"], name="fk_signatures_right_id"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_signatures_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_signatures"),
    )
    unit, desk = ["operation_id", "unit_id", "position"], ["operation_id", "number", "digest", "person"]
    op.create_index("ix_signatures_unit", "signatures", unit, unique=True, postgresql_where=sa.text("kind = 'unit'"))
    op.create_index("ix_signatures_desk", "signatures", desk, unique=True, postgresql_where=sa.text("kind = 'desk'"))


def _make_waivers() -> None:
    op.create_table(
        "waivers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("operation_id", sa.BigInteger(), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("right_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        _now("given_at"),
        sa.ForeignKeyConstraint(["operation_id"], ["operations.id"], name="fk_waivers_operation_id"),
        sa.ForeignKeyConstraint(["right_id"], ["tokens.id"], name="fk_waivers_right_id"),
        sa.PrimaryKeyConstraint("id", name="pk_waivers"),
        sa.UniqueConstraint("operation_id", "item", "detail", name="uq_waivers_operation_id_item_detail"),
    )


def _make_releases() -> None:
    status = "status = CASE number WHEN 1 THEN 'certified' ELSE 'amended-' || (number - 1)::text END"
    op.create_table(
        "releases",
        sa.Column("operation_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("previous_digest", sa.LargeBinary(), nullable=True),
        sa.Column("signed", sa.LargeBinary(), nullable=False),
        sa.Column("released_by", sa.Uuid(), nullable=False),
        _moment("released_at"),
        sa.CheckConstraint(status, name=op.f("ck_releases_status")),
        sa.CheckConstraint("digest = sha256(content)", name=op.f("ck_releases_digest")),
        sa.CheckConstraint("number > 0 AND (number = 1) = (previous_digest IS NULL)", name=op.f("ck_releases_number")),
        sa.CheckConstraint("position >= 0", name=op.f("ck_releases_position")),
        sa.ForeignKeyConstraint(["operation_id"], ["operations.id"], name="fk_releases_operation_id"),
        sa.ForeignKeyConstraint(["released_by"], ["tokens.id"], name="fk_releases_released_by"),
        sa.PrimaryKeyConstraint("operation_id", "number", name="pk_releases"),
    )


def _make_amendments() -> None:
    op.create_table(
        "amendments",
        sa.Column("operation_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("amends", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("right_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        _now("opened_at"),
        sa.CheckConstraint("number = amends + 1", name=op.f("ck_amendments_number")),
        sa.CheckConstraint("length(reason) > 0", name=op.f("ck_amendments_reason")),
        sa.ForeignKeyConstraint(["operation_id"], ["operations.id"], name="fk_amendments_operation_id"),
        sa.ForeignKeyConstraint(
            ["operation_id", "amends"], ["releases.operation_id", "releases.number"], name="fk_amendments_operation_id_amends"
        ),
        sa.ForeignKeyConstraint(["right_id"], ["tokens.id"], name="fk_amendments_right_id"),
        sa.PrimaryKeyConstraint("operation_id", "number", name="pk_amendments"),
    )
