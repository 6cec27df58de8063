"""Reading what reconciliation goes by, as it stood at a position. Read it in a snapshot: many statements must see one moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select, text
from sqlalchemy.orm import aliased

from coordinator.access.models import Token
from coordinator.db import session
from coordinator.operations.catalogue import Catalogue
from coordinator.reconciliation.facts import Adjustment, By, Document, Expected, Explained, Facts, Fallen, Joint, Stated
from coordinator.reconciliation.models import Control, Explanation, Final
from coordinator.reports.models import Adjusted, JournalEntry, Report
from coordinator.reports.models import Adjustment as AdjustmentRow
from coordinator.totals import document
from coordinator.totals import reading as totals
from coordinator.totals.document import SILENT
from coordinator.wire import encode


def facts(catalogue: Catalogue, at: int | None = None, earlier: Document | None = None) -> Facts:
    """Everything at the position ``at``, None for the newest. Refuses with Invalid a position that is not there yet."""
    figures = totals.now(catalogue) if at is None else totals.then(catalogue, None, at)
    position = figures.position
    return Facts(
        catalogue,
        document.totals(catalogue, figures),
        frozenset(unit.code for unit in catalogue.expected if not figures.hearings.get(unit.id, SILENT).reports),
        finals(catalogue.id, position),
        joints(catalogue, position),
        controls(catalogue, position),
        adjustments(catalogue, position),
        explanations(catalogue.id, position),
        earlier,
    )


def finals(operation_id: int, position: int) -> dict[tuple[int, int], Stated]:
    """The last final of each unit and category."""
    rows = session().execute(_latest(Final, operation_id, position).order_by(Final.id))
    return {
        (row.unit_id, row.category_id): Stated(row.id, row.quantity, row.words, row.position, By(name, role, row.stated_at))
        for row, name, role in rows
    }


def explanations(operation_id: int, position: int) -> dict[str, Explained]:
    """The last explanation of each check."""
    rows = session().execute(_latest(Explanation, operation_id, position).order_by(Explanation.id))
    return {row.check: Explained(row.inputs, row.text, row.position, By(name, role, row.made_at)) for row, name, role in rows}


def controls(catalogue: Catalogue, position: int) -> list[Expected]:
    """The last control total from each source of each measure or category, in the order in which they were entered."""
    measures = {measure.id: measure for measure in catalogue.measures}
    latest = {}
    for row, name, role in session().execute(_latest(Control, catalogue.id, position).order_by(Control.id)):
        category = None if row.category_id is None else catalogue.measure_of_category[row.category_id][1]
        who = By(name, role, row.entered_at)
        found = Expected(row.id, measures[row.measure_id], category, row.quantity, row.source, row.position, who)
        latest[row.measure_id, row.category_id, row.source.casefold()] = found
    return list(latest.values())


def _latest(table: Any, operation_id: int, position: int) -> Select[Any]:
    query: Select[Any] = select(table, Token.name, Token.role).join(Token, Token.id == table.author_id)
    return query.where(table.operation_id == operation_id, table.position <= position)


_Next, _NextEntry, _NextToken = aliased(Report), aliased(JournalEntry), aliased(Token)


def adjustments(catalogue: Catalogue, position: int) -> list[Adjustment]:
    """Every adjustment that the journal holds at ``position``, in its order; fallen where the journal holds its withdrawal too."""
    query = (
        select(AdjustmentRow, Report.received_at, Token, JournalEntry.position, _Next, _NextEntry.position, _NextToken)
        .join(Report, Report.id == AdjustmentRow.report_id)
        .join(Token, Token.id == Report.author_id)
        .join(JournalEntry, JournalEntry.report_id == Report.id)
        .outerjoin(_Next, _Next.supersedes == Report.id)
        .outerjoin(_NextEntry, _NextEntry.report_id == _Next.id)
        .outerjoin(_NextToken, _NextToken.id == _Next.author_id)
        .where(AdjustmentRow.operation_id == catalogue.id, JournalEntry.position <= position)
        .order_by(JournalEntry.position)
    )
    sources = _sources(catalogue)
    return [_adjustment(row, sources[row[0].report_id], position) for row in session().execute(query)]


def _sources(catalogue: Catalogue) -> Mapping[UUID, dict[str, int]]:
    found: dict[UUID, dict[str, int]] = defaultdict(dict)
    for row in session().scalars(select(Adjusted).where(Adjusted.operation_id == catalogue.id).order_by(Adjusted.unit_id)):
        found[row.report_id][catalogue.unit_by_id[row.unit_id].code] = row.quantity
    return found


def _adjustment(row: Any, sources: Mapping[str, int], position: int) -> Adjustment:
    made, received_at, author, entry, following, ended, whose = row
    fallen = None
    if ended is not None and ended <= position:
        fallen = Fallen(following.reason, ended, By(whose.name, whose.role, following.received_at))
    who = By(author.name, author.role, received_at)
    return Adjustment(made.report_id, made.category_id, made.method, made.result, made.reason, sources, entry, who, fallen)


_JOINTS = text("""
    WITH counting AS NOT MATERIALIZED (
        SELECT * FROM entries
        WHERE operation_id = :operation AND position <= :at AND (superseded_at IS NULL OR superseded_at > :at) AND quantity > 0
              AND NOT credit
    ), places AS (
        SELECT u, top FROM json_to_recordset(CAST(:places AS json)) AS p (u bigint, top bigint)
    ), led AS (
        SELECT e.unit_id AS leader, h.helper, e.category_id, e.observed_at, e.position, e.number, e.quantity
        FROM counting e, unnest(e.assisting) AS h (helper) WHERE e.assisting IS NOT NULL
    ), pairs AS (
        SELECT l.*, o.position AS their_position, o.number AS their_number, o.quantity AS theirs
        FROM led l JOIN places p ON p.top = l.helper
        JOIN counting o ON o.unit_id = p.u AND o.category_id = l.category_id AND o.observed_at > l.observed_at - CAST(:interval AS interval)
             AND (o.standing OR o.observed_at < l.observed_at + CAST(:interval AS interval))
    ), leaders AS (
        SELECT leader, helper, category_id, sum(quantity) AS led, count(*) AS leads
        FROM (SELECT DISTINCT leader, helper, category_id, position, number, quantity FROM pairs) d GROUP BY leader, helper, category_id
    ), helpers AS (
        SELECT leader, helper, category_id, sum(theirs) AS helped, count(*) AS helps
        FROM (SELECT DISTINCT leader, helper, category_id, their_position, their_number, theirs FROM pairs) d
        GROUP BY leader, helper, category_id
    )
    SELECT * FROM leaders JOIN helpers USING (leader, helper, category_id) ORDER BY leader, helper, category_id
""")


def joints(catalogue: Catalogue, position: int) -> list[Joint]:
    """Units that name another as assisting, while that, or one below it, has figures of its own of the same time.

    An increment is of the reporting interval before it was observed, a to-date figure of all the time before: the same time is
    where those meet. Pairs within each other are left out, since for those there is a check of its own.
    """
    interval = timedelta(minutes=catalogue.interval_minutes)
    places = [{"u": unit.id, "top": top} for unit in catalogue.units for top in unit.lineage if top != catalogue.nation]
    parameters = {"operation": catalogue.id, "at": position, "interval": interval, "places": encode(places).decode()}
    units = catalogue.unit_by_id
    return [
        Joint(units[row.leader].code, units[row.helper].code, row.category_id, int(row.led), row.leads, int(row.helped), row.helps)
        for row in session().execute(_JOINTS, parameters)
        if row.leader not in units[row.helper].lineage and row.helper not in units[row.leader].lineage
    ]
