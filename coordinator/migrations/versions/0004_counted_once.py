"""A person is counted once in the nation: the unit OVERLAP, where adjustments stand below 0.

Every operation gets the unit now rather than with its first adjustment: units are part of an operation's version.
"""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    _make_overlap()
    _allow_below_zero()


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
