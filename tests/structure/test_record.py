"""The database's own wall: what the record holds stays, whoever asks; and what belongs together can't be torn apart.

Everything here goes round the application: raw SQL, as the role its processes take, and as the owner of the tables.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError

from coordinator.briefings.models import RECORD as BRIEFED
from coordinator.db import APPLICATION_ROLE, driver_url, transaction
from coordinator.exports.models import RECORD as SHOWN
from coordinator.messages.models import RECORD as SPOKEN
from coordinator.models import metadata
from coordinator.operations.catalogue import Catalogue
from coordinator.operations.models import RECORD as SIGNED
from coordinator.reconciliation.models import RECORD as STATED
from coordinator.releases.models import RECORD as RELEASED
from coordinator.reports.models import RECORD as REPORTED
from coordinator.situation.models import RECORD as SITUATION
from coordinator.verification import acts, checkpoints, signing
from coordinator.verification.models import RECORD as SEALED
from tests.conftest import Caller, fold_all, report_body
from tests.releases.signing import Signing
from tests.structure.worlds import brief, hear, live_operation, new_token, speak, state, step

RECORD = (*SIGNED, *REPORTED, *STATED, *RELEASED, *SHOWN, *SEALED, *SPOKEN, *BRIEFED, *SITUATION)

CHAINED = ("reports", "lines", "assists", "journal", "definitions", "checkpoints")
"""What a bundle holds itself, by seals that follow from all before."""

NO_RIGHT = "42501"
FOREIGN_KEY = "23503"
UNIQUE = "23505"
CHECK = "23514"

POWERS = "SELECT rolsuper, rolcreaterole, rolcreatedb, rolbypassrls FROM pg_roles WHERE rolname = current_user"


@pytest.fixture(scope="module")
def operation(app: Flask) -> Catalogue:
    """One operation for all: nothing here can be taken back, and nothing needs to be."""
    return live_operation()


@pytest.fixture(scope="module")
def desk(app: Flask, operation: Catalogue) -> Caller:
    """Its desk."""
    return new_token(app.test_client(), "desk", operation.code)


@pytest.fixture(scope="module")
def night(app: Flask, operation: Catalogue, desk: Caller) -> Catalogue:
    """The same with something in every table of the record."""
    joint = {"unit": "KY", "name": "Warehouse, south side"}
    assert desk.post(f"/operations/{operation.code}/joint-actions", joint).status_code == 201
    body = report_body(lines=[{"measure": "arrests", "quantity": 3, "assisting": ["KY-KSP"]}])
    assert desk.post(f"/operations/{operation.code}/reports", body).status_code == 201
    hear(operation, desk)
    assert fold_all(operation.id) == 2
    speak(operation, desk)
    brief(operation, desk)
    state(operation, uuid.UUID(desk.id))
    _amended(app)
    with transaction():
        assert checkpoints.make(operation.id, signing.signer())
    return operation


def _amended(app: Flask) -> None:
    """An operation that was signed, waived, released and is being amended."""
    catalogue = live_operation()
    step(catalogue.code, "standing_down", "reconciling")
    signing = Signing(catalogue, partial(new_token, app.test_client()))
    signing.sign_units("KY")
    signing.waive_all()
    signing.release()
    assert signing.amend().status_code == 201


@pytest.fixture
def owner(owner_url: str) -> Iterator[Connection]:
    """A connection as the owner of the tables."""
    engine = create_engine(driver_url(owner_url))
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def refused(state: str, statement: str, **parameters: Any) -> str:
    """Runs ``statement`` as the application's role, which must fail with this SQLSTATE; answers what was said."""
    with pytest.raises(DBAPIError) as found, transaction() as session:
        session.execute(text(statement), parameters)
        raise AssertionError(f"nothing stood against: {statement}")  # and rolls it back
    assert found.value.orig is not None
    assert found.value.orig.sqlstate == state, found.value.orig  # type: ignore[attr-defined]
    return str(found.value.orig)


def as_owner_refused(owner: Connection, statement: str) -> str:
    """The same as the owner."""
    with pytest.raises(DBAPIError) as found, owner.begin():
        owner.execute(text(statement))
    assert found.value.orig.sqlstate == NO_RIGHT, found.value.orig  # type: ignore[union-attr]
    return str(found.value.orig)


def changeable(table: str) -> str:
    """A column that an UPDATE may name."""
    return next(one.name for one in metadata.tables[table].columns if not one.identity)


def count(table: str) -> int:
    """How many rows a table has."""
    with transaction() as session:
        return session.scalar(text(f"SELECT count(*) FROM {table}")) or 0


@pytest.mark.parametrize("table", RECORD)
@pytest.mark.parametrize("statement", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_the_application_can_neither_change_nor_delete_the_record(night: Catalogue, table: str, statement: str) -> None:
    before = count(table)
    column = changeable(table)
    refused(NO_RIGHT, statement.format(table, column, column))
    assert count(table) == before > 0


@pytest.mark.parametrize("table", RECORD)
@pytest.mark.parametrize("statement", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {} CASCADE", "DELETE FROM {} WHERE false"])
def test_nor_can_the_owner_while_the_seal_is_on(night: Catalogue, owner: Connection, table: str, statement: str) -> None:
    column = changeable(table)
    assert "the record is never changed" in as_owner_refused(owner, statement.format(table, column, column))
    assert count(table) > 0


def test_the_seal_is_on_every_table_of_the_record(app: Flask, owner: Connection) -> None:
    sealed = owner.scalars(text("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'sealed' AND tgenabled <> 'D'"))
    assert set(sealed) == set(RECORD)


def test_every_table_of_the_record_is_sealed_by_checkpoints_with_all_its_columns() -> None:
    assert {*acts.TABLES, *CHAINED} == set(RECORD)
    for table, columns in acts.TABLES.items():
        named = {column.strip().strip('"') for column in columns.split(",")}
        left_out = {"operation_id"} | ({"content"} if table == "briefing_files" else set())
        assert named == {column.name for column in metadata.tables[table].columns} - left_out, table


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE reports DISABLE TRIGGER sealed",
        "ALTER TABLE reports DISABLE TRIGGER ALL",
        "DROP TRIGGER sealed ON reports",
        "DROP TABLE journal",
        "DROP TABLE cells",
        "ALTER TABLE lines DROP CONSTRAINT ck_lines_one_of",
        "ALTER TABLE lines ADD COLUMN person text",
        "CREATE TABLE persons (name text)",
        "CREATE TEMPORARY TABLE reports (id uuid)",
        "CREATE SCHEMA elsewhere",
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "CREATE ROLE someone",
        "GRANT tallyroom TO tallyroom_app",
        "SET ROLE tallyroom",
        "SET session_replication_role = replica",
        "DELETE FROM operations",
        "DELETE FROM tokens",
        "DELETE FROM answers",
        "UPDATE tokens SET role = 'admin', operation_id = NULL",
        "UPDATE tokens SET digest = digest",
        "UPDATE alembic_version SET version_num = '0000'",
        "COPY reports FROM PROGRAM 'true'",
    ],
)
def test_the_application_can_not_widen_its_rights_or_change_the_schema(night: Catalogue, statement: str) -> None:
    refused(NO_RIGHT, statement)


def test_a_right_the_application_grants_itself_is_none(night: Catalogue) -> None:
    """PostgreSQL only warns here, so the proof is in the using."""
    refused(NO_RIGHT, "GRANT DELETE ON reports TO tallyroom_app; DELETE FROM reports")


def test_whoever_logs_in_for_the_hub_takes_the_role_of_the_application_and_has_no_more_by_itself(app: Flask) -> None:
    with transaction() as session:
        assert session.scalar(text("SELECT current_user")) == APPLICATION_ROLE
        session.execute(text("RESET ROLE"))
        owned = session.scalar(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tableowner = current_user"))
        powers = session.execute(text(POWERS)).one()
        session.execute(text(f"SET ROLE {APPLICATION_ROLE}"))
    assert (owned, any(powers)) == (0, False)


def test_the_application_adds_to_the_record_and_changes_only_what_is_derived_or_planned(app: Flask) -> None:
    query = text("""
        SELECT table_name, privilege_type FROM information_schema.role_table_grants
        WHERE grantee = :role AND privilege_type IN ('UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER', 'REFERENCES')
    """)
    with transaction() as session:
        rights = {(table, right) for table, right in session.execute(query, {"role": APPLICATION_ROLE})}
    assert {right for _, right in rights} == {"UPDATE", "DELETE"}
    kept = {*RECORD, "operations", "tokens", "answers", "alembic_version"}
    assert not {table for table, right in rights if right == "DELETE"} & kept
    assert {table for table, right in rights if right == "UPDATE"} & kept == {"operations", "answers"}


class Raw:
    """Rows as whoever has broken into the application might write them."""

    def __init__(self, operation: Catalogue, author: str) -> None:
        self.operation, self.author = operation, author

    def unit(self, code: str) -> int:
        """A unit's id."""
        return self.operation.unit_by_code[code].id

    def report(self, **members: Any) -> dict[str, Any]:
        """The columns of a report of Kentucky."""
        columns = {"id": uuid.uuid4(), "operation": self.operation.id, "unit": self.unit("KY"), "author": self.author, "key": None}
        said = {"kind": "report", "supersedes": None, "basis": "increment", "observed_at": "2021-08-26T22:15:00Z", "reason": None}
        return columns | said | {"digest": bytes(32)} | members


REPORT = """
    INSERT INTO reports (id, operation_id, unit_id, kind, supersedes, author_id, channel, idempotency_key, asked, basis, observed_at,
                         received_at, nil, reason, digest)
    VALUES (:id, :operation, :unit, :kind, :supersedes, :author, 'api', :key, '', :basis, :observed_at, now(), false, :reason, :digest)
"""
CORRECTION = {"kind": "correction", "reason": "miscounted"}
WITHDRAWAL = {"kind": "withdrawal", "reason": "twice", "basis": None, "observed_at": None}
LINE = (
    "INSERT INTO lines (report_id, number, operation_id, category_id, quantity) VALUES (:report, :number, :operation, :category, :quantity)"
)


def write(statement: str, **parameters: Any) -> None:
    """Runs it as the application's role."""
    with transaction() as session:
        session.execute(text(statement), parameters)


@pytest.fixture
def raw(operation: Catalogue, desk: Caller) -> Raw:
    """Rows of ``operation``."""
    return Raw(operation, desk.id)


@pytest.fixture(scope="module")
def elsewhere(app: Flask) -> Catalogue:
    """Another operation with the same codes."""
    return live_operation()


def category(catalogue: Catalogue) -> int:
    """The id of arrests, unspecified."""
    return catalogue.measure_by_code["arrests"].categories["unspecified"]


def test_a_report_has_one_successor_however_it_is_written(raw: Raw) -> None:
    first = raw.report()
    write(REPORT, **first)
    write(REPORT, **raw.report(**CORRECTION, supersedes=first["id"]))
    for second in (CORRECTION, WITHDRAWAL):
        assert "uq_reports_supersedes" in refused(UNIQUE, REPORT, **raw.report(**second, supersedes=first["id"]))


def test_a_correction_names_a_report_of_its_own_unit_and_operation(raw: Raw, elsewhere: Catalogue) -> None:
    first = raw.report()
    write(REPORT, **first)
    for kind in (CORRECTION, WITHDRAWAL):
        refused(FOREIGN_KEY, REPORT, **raw.report(**kind, supersedes=first["id"], unit=raw.unit("TN")))
        refused(FOREIGN_KEY, REPORT, **raw.report(**kind, supersedes=first["id"], unit=raw.unit("KY-KSP")))
        other = {"operation": elsewhere.id, "unit": elsewhere.unit_by_code["KY"].id}
        refused(FOREIGN_KEY, REPORT, **raw.report(**kind, **other, supersedes=first["id"]))
        refused(FOREIGN_KEY, REPORT, **raw.report(**kind, supersedes=uuid.uuid4()))


def test_a_report_is_of_a_unit_of_its_operation(raw: Raw, elsewhere: Catalogue) -> None:
    refused(FOREIGN_KEY, REPORT, **raw.report(unit=elsewhere.unit_by_code["KY"].id))
    refused(FOREIGN_KEY, REPORT, **raw.report(operation=elsewhere.id))
    refused(FOREIGN_KEY, REPORT, **raw.report(author=uuid.uuid4()))


@pytest.mark.parametrize(
    "members",
    [
        {"kind": "guess"},
        {"kind": "correction", "reason": "names none"},
        {"kind": "withdrawal", "reason": "names none", "basis": None, "observed_at": None},
        {"basis": "sum"},
        {"basis": None},
        {"observed_at": None},
        {"digest": b"short"},
    ],
)
def test_a_report_that_contradicts_itself_is_not_written(raw: Raw, members: dict[str, Any]) -> None:
    refused(CHECK, REPORT, **raw.report(**members))


def test_what_supersedes_gives_a_reason(raw: Raw) -> None:
    first = raw.report()
    write(REPORT, **first)
    for kind in (CORRECTION, WITHDRAWAL):
        refused(CHECK, REPORT, **raw.report(**(kind | {"reason": None}), supersedes=first["id"]))
    refused(CHECK, REPORT, **raw.report(supersedes=first["id"], reason="a report that supersedes"))


def test_a_key_of_a_caller_is_used_once(raw: Raw) -> None:
    write(REPORT, **raw.report(key="k"))
    assert "idempotency_key" in refused(UNIQUE, REPORT, **raw.report(key="k"))


def test_a_line_counts_a_category_of_its_operation(raw: Raw, elsewhere: Catalogue) -> None:
    report = raw.report()
    write(REPORT, **report)
    common = {"report": report["id"], "operation": raw.operation.id, "quantity": 3}
    refused(FOREIGN_KEY, LINE, **common, number=0, category=category(elsewhere))
    refused(FOREIGN_KEY, LINE, **common, number=0, category=0)
    write(LINE, **common, number=0, category=category(raw.operation))
    refused(UNIQUE, LINE, **common, number=0, category=category(raw.operation))


def test_a_line_is_of_its_reports_operation(raw: Raw, elsewhere: Catalogue) -> None:
    report = raw.report()
    write(REPORT, **report)
    refused(FOREIGN_KEY, LINE, report=report["id"], operation=elsewhere.id, number=0, category=category(elsewhere), quantity=3)


@pytest.mark.parametrize("quantity", [-(10**18) - 1, 10**18 + 1, None])
def test_a_line_holds_a_figure_that_can_be(raw: Raw, quantity: int | None) -> None:
    report = raw.report()
    write(REPORT, **report)
    line = {"report": report["id"], "operation": raw.operation.id, "number": 0, "category": category(raw.operation)}
    refused(CHECK, LINE, **line, quantity=quantity)


def test_a_figure_below_0_is_of_overlap_alone(raw: Raw) -> None:
    for code in ("KY", "UNATTRIBUTED"):
        report = raw.report(unit=raw.unit(code))
        write(REPORT, **report)
        line = {"report": report["id"], "operation": raw.operation.id, "number": 0, "category": category(raw.operation)}
        assert "only OVERLAP has figures below 0" in refused(CHECK, LINE, **line, quantity=-1)
    report = raw.report(unit=raw.unit("OVERLAP"))
    write(REPORT, **report)
    write(LINE, **line | {"report": report["id"]}, quantity=-1)


def test_a_unit_of_another_operation_does_not_assist(raw: Raw, elsewhere: Catalogue) -> None:
    report = raw.report()
    write(REPORT, **report)
    write(LINE, report=report["id"], operation=raw.operation.id, number=0, category=category(raw.operation), quantity=3)
    assist = "INSERT INTO assists (report_id, number, unit_id, operation_id) VALUES (:report, :number, :unit, :operation)"
    foreign = elsewhere.unit_by_code["KY-KSP"].id
    refused(FOREIGN_KEY, assist, report=report["id"], number=0, unit=foreign, operation=raw.operation.id)
    refused(FOREIGN_KEY, assist, report=report["id"], number=1, unit=raw.unit("KY-KSP"), operation=raw.operation.id)


def test_a_token_speaks_for_no_unit_of_another_operation(raw: Raw, elsewhere: Catalogue) -> None:
    grant = "INSERT INTO grants (token_id, unit_id, operation_id) VALUES (:token, :unit, :operation)"
    foreign = elsewhere.unit_by_code["KY"].id
    refused(FOREIGN_KEY, grant, token=raw.author, unit=foreign, operation=raw.operation.id)
    refused(FOREIGN_KEY, grant, token=raw.author, unit=foreign, operation=elsewhere.id)


@pytest.mark.parametrize(("role", "bound"), [("admin", True), ("desk", False), ("liaison", False), ("observer", False), ("king", True)])
def test_a_token_is_of_one_operation_unless_it_is_an_admins(raw: Raw, role: str, bound: bool) -> None:
    token = "INSERT INTO tokens (id, name, role, operation_id, digest) VALUES (:id, 'x', :role, :operation, sha256(uuid_send(:id)))"
    refused(CHECK, token, id=uuid.uuid4(), role=role, operation=raw.operation.id if bound else None)


def test_a_parent_is_a_unit_of_the_same_operation(raw: Raw, elsewhere: Catalogue) -> None:
    unit = "INSERT INTO units (operation_id, code, name, kind, expected, parent_id) VALUES (:operation, 'X', 'x', 'site', false, :parent)"
    refused(FOREIGN_KEY, unit, operation=raw.operation.id, parent=elsewhere.unit_by_code["KY"].id)


def test_a_position_and_a_report_stand_in_the_journal_once(night: Catalogue, raw: Raw) -> None:
    entry = "INSERT INTO journal (operation_id, position, report_id, folded_at, seal) VALUES (:operation, :position, :report, now(), :seal)"
    with transaction() as session:
        folded = session.scalar(text("SELECT report_id FROM journal WHERE operation_id = :id"), {"id": night.id})
    fresh = raw.report()
    write(REPORT, **fresh)
    refused(UNIQUE, entry, operation=night.id, position=2, report=folded, seal=bytes(32))
    refused(UNIQUE, entry, operation=night.id, position=1, report=fresh["id"], seal=bytes(32))
    refused(CHECK, entry, operation=night.id, position=0, report=fresh["id"], seal=bytes(32))
    refused(CHECK, entry, operation=night.id, position=2, report=fresh["id"], seal=b"short")


def test_what_has_reports_or_tokens_can_not_be_deleted(night: Catalogue, raw: Raw, create_token: Callable[..., Caller]) -> None:
    create_token("liaison", night.code, "TN")
    for code in ("KY", "KY-KSP", "TN"):
        refused(FOREIGN_KEY, "DELETE FROM units WHERE id = :id", id=raw.unit(code))
    refused(FOREIGN_KEY, "DELETE FROM categories WHERE id = :id", id=category(night))
