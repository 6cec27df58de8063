"""A person is counted once in the nation: the unit OVERLAP, where adjustments stand below 0, and joint actions, which count
where they are led. And how much of each figure the desk entered.

Every operation gets the unit now rather than with its first adjustment: units are part of an operation's version. What the
desk entered is derived, so it is filled from the entries there are.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

ROLE = "tallyroom_app"


def upgrade() -> None:
    _make_overlap()
    _allow_below_zero()
    _make_joint_actions()
    _tell_entries()
    _tell_cells()


def _make_overlap() -> None:
    op.drop_constraint(op.f("ck_units_kind"), "units")
    op.drop_constraint(op.f("ck_units_built_in"), "units")
    op.execute("""
        INSERT INTO units (operation_id, code, kind, name, expected)
        SELECT id, 'OVERLAP', 'overlap', 'Counted by more than one unit', false FROM operations
    """)
    op.execute("UPDATE operations SET version = version + 1")
    op.create_check_constraint(
        op.f("ck_units_kind"), "units", "kind IN ('jurisdiction', 'agency', 'site', 'nation', 'unattributed', 'overlap')"
    )
    op.create_check_constraint(
        op.f("ck_units_built_in"),
        "units",
        "(kind = 'nation') = (code = 'NATIONAL') AND (kind = 'unattributed') = (code = 'UNATTRIBUTED')"
        " AND (kind = 'overlap') = (code = 'OVERLAP')",
    )


def _allow_below_zero() -> None:
    """A constraint sees one row; that its report is OVERLAP's only a trigger can see, which costs nothing where a line is not
    below 0. It runs at the statement's end, when the report stored by the same statement is there."""
    op.drop_constraint(op.f("ck_lines_quantity"), "lines")
    op.create_check_constraint(op.f("ck_lines_quantity"), "lines", "quantity BETWEEN -1000000000000000000 AND 1000000000000000000")
    op.execute("""
        CREATE FUNCTION refuse_below_zero() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NOT EXISTS (SELECT FROM reports r JOIN units u ON u.id = r.unit_id WHERE r.id = NEW.report_id AND u.kind = 'overlap') THEN
                RAISE EXCEPTION 'only OVERLAP has figures below 0' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER below_zero AFTER INSERT ON lines FOR EACH ROW WHEN (NEW.quantity < 0) EXECUTE FUNCTION refuse_below_zero()
    """)
    op.drop_constraint(op.f("ck_cells_figures"), "cells")
    op.create_check_constraint(op.f("ck_cells_figures"), "cells", "own = 0 OR total = own OR (own > 0 AND total > own)")
    op.create_check_constraint(op.f("ck_cells_given"), "cells", "own_figures >= 0 AND figures >= own_figures")


def _make_joint_actions() -> None:
    op.create_table(
        "joint_actions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("operation_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint(
            "code ~ '^[0123456789ABCDEFGHJKMNPQRSTVWXYZ]{4}-[0123456789ABCDEFGHJKMNPQRSTVWXYZ]$'", name=op.f("ck_joint_actions_code")
        ),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 200", name=op.f("ck_joint_actions_name")),
        sa.ForeignKeyConstraint(["opened_by"], ["tokens.id"], name="fk_joint_actions_opened_by"),
        sa.ForeignKeyConstraint(
            ["operation_id", "unit_id"], ["units.operation_id", "units.id"], name="fk_joint_actions_operation_id_unit_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_joint_actions"),
        sa.UniqueConstraint("operation_id", "code", name="uq_joint_actions_operation_id_code"),
        sa.UniqueConstraint("operation_id", "id", name="uq_joint_actions_operation_id_id"),
    )
    op.execute(f"GRANT SELECT, INSERT ON joint_actions TO {ROLE}")
    op.execute(
        "CREATE TRIGGER sealed BEFORE UPDATE OR DELETE OR TRUNCATE ON joint_actions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.add_column("reports", sa.Column("joint_action_id", sa.BigInteger(), nullable=True))
    op.add_column("reports", sa.Column("credit", sa.Boolean(), server_default="false", nullable=False))
    op.create_foreign_key(
        "fk_reports_operation_id_joint_action_id",
        "reports",
        "joint_actions",
        ["operation_id", "joint_action_id"],
        ["operation_id", "id"],
    )
    op.create_check_constraint(
        op.f("ck_reports_credit"),
        "reports",
        "NOT credit OR (joint_action_id IS NOT NULL AND basis IS NOT DISTINCT FROM 'increment')",
    )


def _tell_entries() -> None:
    op.add_column("entries", sa.Column("by_desk", sa.Boolean(), nullable=True))
    op.add_column("entries", sa.Column("credit", sa.Boolean(), nullable=True))
    op.execute("""
        UPDATE entries e SET by_desk = r.channel = 'telephone', credit = r.credit FROM journal j JOIN reports r ON r.id = j.report_id
        WHERE j.operation_id = e.operation_id AND j.position = e.position
    """)
    op.alter_column("entries", "by_desk", nullable=False)
    op.alter_column("entries", "credit", nullable=False)


def _tell_cells() -> None:
    """How much of each total the desk entered, and the nation's credit, which is the sum of all units'."""
    op.add_column("cells", sa.Column("by_desk", sa.Numeric(), server_default="0", nullable=False))
    op.execute("""
        WITH RECURSIVE counting AS (
            SELECT * FROM entries WHERE superseded_at IS NULL AND category_id IS NOT NULL AND quantity IS NOT NULL
        ), latest AS (
            SELECT DISTINCT ON (operation_id, unit_id, category_id) * FROM counting WHERE standing
            ORDER BY operation_id, unit_id, category_id, observed_at DESC, position DESC, number DESC
        ), own AS (
            SELECT c.operation_id, c.unit_id, c.category_id, sum(c.quantity) AS by_desk
            FROM counting c LEFT JOIN latest l USING (operation_id, unit_id, category_id)
            WHERE c.by_desk AND (l.position IS NULL OR (NOT c.standing AND c.observed_at > l.observed_at)
                                 OR (c.position = l.position AND c.number = l.number))
            GROUP BY c.operation_id, c.unit_id, c.category_id
        ), lineages AS (
            SELECT operation_id, id AS unit_id, id AS above, parent_id FROM units WHERE kind <> 'nation'
            UNION ALL
            SELECT l.operation_id, l.unit_id, u.id, u.parent_id FROM lineages l JOIN units u ON u.id = l.parent_id
        ), everywhere AS (
            SELECT unit_id, above FROM lineages
            UNION ALL
            SELECT u.id, n.id FROM units u JOIN units n ON n.operation_id = u.operation_id AND n.kind = 'nation' WHERE u.kind <> 'nation'
        ), summed AS (
            SELECT e.above AS unit_id, o.category_id, sum(o.by_desk) AS by_desk
            FROM own o JOIN everywhere e USING (unit_id) GROUP BY e.above, o.category_id
        )
        UPDATE cells c SET by_desk = s.by_desk FROM summed s WHERE s.unit_id = c.unit_id AND s.category_id = c.category_id
    """)
    op.execute("""
        UPDATE cells c SET assisted = s.assisted
        FROM (SELECT operation_id, category_id, sum(assisted) AS assisted FROM cells GROUP BY operation_id, category_id) s, units n
        WHERE n.kind = 'nation' AND c.unit_id = n.id AND s.operation_id = c.operation_id AND s.category_id = c.category_id
    """)
