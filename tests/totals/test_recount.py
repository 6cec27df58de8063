"""The recount finds what is not as it should be, and says which; each safety net is shown to catch a deliberate break.

A little over 300 lines: there is a row for each thing that can be changed by hand.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from sqlalchemy import TextClause, text
from sqlalchemy.exc import IntegrityError

from coordinator import live
from coordinator.db import transaction
from coordinator.totals import fold, ledger, recount
from tests.totals.evening import Evening, arrests, money, victims

Difference = dict[str, Any]


@pytest.fixture
def told(evening: Evening) -> Evening:
    """An evening with something of everything: positions 1 to 7, of which 2 is corrected by 4."""
    evening.say(arrests(3, "TN"), victims(1, "minor"), at=10)
    said = evening.say(arrests(5), unit="KY-KSP", at=12)
    evening.say(arrests(4), at=20, basis="to_date")
    evening.fold()
    evening.correct(said, arrests(2), unit="KY-KSP", at=12)
    evening.say(arrests(1), at=25)
    evening.say(money(None), unit="TN")
    evening.say(unit="UNATTRIBUTED")
    evening.fold()
    assert evening.differences() == []
    return evening


def cell(what: str, unit: str, stored: object, recounted: object, measure: str = "arrests", category: str = "unspecified") -> Difference:
    """A difference in a cell or in a cell's series."""
    where = {"unit": unit, "measure": measure, "category": category}
    return {"what": what, **where, "stored": str(stored), "recounted": str(recounted)}


def own_and_total(name: str, unit: str, stored: object, recounted: object) -> list[Difference]:
    """The same difference in a cell's own and its total."""
    names = ("own", "total") if name == "quantity" else (f"own_{name}", name)
    return [cell(one, unit, stored, recounted) for one in names]


MINUTE_12 = "series 2021-08-26T23:12:00+00:00"
BY_HAND: dict[str, tuple[str, list[Difference]]] = {
    "a cell's own figure": (
        "UPDATE cells SET own = own + 1, total = total + 1 WHERE unit_id = {KSP} AND category_id = {arrests}",
        own_and_total("quantity", "KY-KSP", 3, 2),
    ),
    "the nation's total": (
        "UPDATE cells SET total = total - 1 WHERE unit_id = {NATIONAL} AND category_id = {arrests}",
        [cell("total", "NATIONAL", 6, 7)],
    ),
    "how many figures a cell has": (
        "UPDATE cells SET figures = figures + 1 WHERE unit_id = {KY} AND category_id = {minor}",
        [cell("figures", "KY", 2, 1, "victims_rescued", "minor")],
    ),
    "a credit": (
        "UPDATE cells SET assisted = 0 WHERE unit_id = {TN} AND category_id = {arrests}",
        [cell("assisted", "TN", 0, 3)],
    ),
    "what is not yet quantified": (
        "UPDATE cells SET own_unquantified = 0 WHERE unit_id = {TN} AND category_id = {money}",
        [cell("own_unquantified", "TN", 0, 1, "currency_seized")],
    ),
    "since when a figure stands, by which the next fold goes": (
        "UPDATE cells SET standing_at = NULL WHERE unit_id = {KY} AND category_id = {arrests}",
        [cell("standing_at", "KY", None, "2021-08-26 23:20:00+00:00")],
    ),
    "a cell taken away": (
        "DELETE FROM cells WHERE unit_id = {KSP} AND category_id = {arrests}",
        [*own_and_total("quantity", "KY-KSP", 0, 2), *own_and_total("figures", "KY-KSP", 0, 1)],
    ),
    "a cell put in": (
        "INSERT INTO cells (operation_id, unit_id, category_id, own, total) VALUES ({operation}, {US}, {arrests}, 9, 9)",
        own_and_total("quantity", "US", 9, 0),
    ),
    "a minute of the series": (
        "UPDATE series SET change = 8 WHERE unit_id = {KSP} AND category_id = {arrests}",
        [cell(MINUTE_12, "KY-KSP", 8, 2)],
    ),
    "a minute taken away": (
        "DELETE FROM series WHERE unit_id = {KSP} AND category_id = {arrests}",
        [cell(MINUTE_12, "KY-KSP", None, 2)],
    ),
    "a minute put in": (
        "INSERT INTO series VALUES ({operation}, {US}, {arrests}, '2021-08-26T23:12:00Z', 7)",
        [cell(MINUTE_12, "US", 7, None)],
    ),
    "an entry's figure": (
        "UPDATE entries SET quantity = 9 WHERE operation_id = {operation} AND position = 5",
        [{"what": "entry", "position": 5, "line": 0}],
    ),
    "where an entry stopped counting": (
        "UPDATE entries SET superseded_at = NULL WHERE operation_id = {operation} AND position = 2",
        [{"what": "entry", "position": 2, "line": 0}],
    ),
    "whom an entry credits": (
        "UPDATE entries SET assisting = NULL WHERE operation_id = {operation} AND position = 1",
        [{"what": "entry", "position": 1, "line": 0}],
    ),
    "an entry taken away": (
        "DELETE FROM entries WHERE operation_id = {operation} AND position = 1 AND number = 1",
        [{"what": "entry", "position": 1, "line": 1}],
    ),
    "an entry put in": (
        "INSERT INTO entries VALUES ({operation}, 7, 3, {KY}, {arrests}, false, '2021-08-26T23:12:00Z', 1, NULL, NULL, now(), false, 'f')",
        [{"what": "entry", "position": 7, "line": 3}],
    ),
    "how far the journal goes": (
        "UPDATE heads SET position = 9 WHERE operation_id = {operation}",
        [{"what": "position", "stored": "9", "recounted": "7"}],
    ),
}


@pytest.mark.parametrize(("statement", "expected"), BY_HAND.values(), ids=BY_HAND.keys())
def test_what_was_changed_by_hand_is_found_and_named_and_a_rebuild_mends_it(
    told: Evening, owner: psycopg.Connection, statement: str, expected: list[Difference]
) -> None:
    before = without_time(told.totals())
    by_hand(told, owner, statement)
    found = told.differences()
    assert sorted(found, key=str) == sorted(expected, key=str)
    assert rebuild(told) == 7
    assert (told.differences(), without_time(told.totals())) == ([], before)


@pytest.mark.parametrize(
    ("statement", "unit"),
    [
        ("UPDATE hearings SET reports = reports + 1 WHERE unit_id = {TN}", "TN"),
        ("UPDATE hearings SET with_figures = 0 WHERE unit_id = {NATIONAL}", "NATIONAL"),
        ("UPDATE hearings SET last_report_at = now() + interval '1 hour' WHERE unit_id = {KSP}", "KY-KSP"),
        ("DELETE FROM hearings WHERE unit_id = {KY}", "KY"),
        ("INSERT INTO hearings (operation_id, unit_id, reports) VALUES ({operation}, {US}, 1)", "US"),
    ],
)
def test_a_hearing_changed_by_hand_is_found_and_mended(told: Evening, owner: psycopg.Connection, statement: str, unit: str) -> None:
    by_hand(told, owner, statement)
    assert [(one["what"], one["unit"]) for one in told.differences()] == [("heard", unit)]
    rebuild(told)
    assert told.differences() == []


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("UPDATE heads SET seal = sha256('x') WHERE operation_id = {operation}", ["seal of the head"]),
        ("DELETE FROM heads WHERE operation_id = {operation}", ["position", "seal of the head"]),
    ],
)
def test_a_head_that_is_not_the_journals_end_is_found_and_the_next_fold_goes_on_from_a_rebuilt_one(
    told: Evening, owner: psycopg.Connection, statement: str, expected: list[str]
) -> None:
    by_hand(told, owner, statement)
    assert [one["what"] for one in told.differences()][-len(expected) :] == expected
    assert rebuild(told) == 7
    told.say(arrests(1), at=30)
    assert (told.fold(), told.nation(), told.totals()["position"], told.differences()) == (1, 8, 8, [])


def test_a_seal_changed_past_the_trigger_is_found_at_its_position(told: Evening, owner: psycopg.Connection) -> None:
    with unsealed(owner, "journal"):
        by_hand(told, owner, "UPDATE journal SET seal = sha256('x') WHERE operation_id = {operation} AND position = 3")
    found = told.differences()
    assert [(one["what"], one["position"]) for one in found] == [("seal", 3)]


def test_a_place_in_the_journal_changed_past_the_trigger_is_found(told: Evening, owner: psycopg.Connection) -> None:
    with unsealed(owner, "journal"):
        by_hand(told, owner, "UPDATE journal SET position = 9 WHERE operation_id = {operation} AND position = 7")
    assert [(one["what"], one["position"]) for one in told.differences() if one["what"] == "seal"] == [("seal", 9)]


def test_a_line_of_the_record_changed_past_the_trigger_is_found_in_its_cell_and_all_above(told: Evening, owner: psycopg.Connection) -> None:
    said = "(SELECT report_id FROM journal WHERE operation_id = {operation} AND position = 4)"
    with unsealed(owner, "lines"):
        by_hand(told, owner, f"UPDATE lines SET quantity = 30 WHERE report_id = {said}")
    found = [(one["what"], one.get("unit")) for one in told.differences()]
    totals = [("own", "KY-KSP"), ("total", "KY-KSP"), ("total", "KY"), ("total", "NATIONAL")]
    assert set(found) == {*totals, *((MINUTE_12, unit) for unit in ("KY-KSP", "KY", "NATIONAL")), ("entry", None)}


def test_a_fold_that_forgets_to_empty_the_inbox_is_stopped_by_the_journals_key(evening: Evening, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as mutant:
        mutant.setattr(ledger, "_TAKE", without_emptying())
        evening.say(arrests(3))
        assert evening.fold() == 1
        with pytest.raises(IntegrityError, match="uq_journal_report_id"):
            evening.fold()
    assert (evening.nation(), evening.totals()["position"], evening.differences()) == (3, 1, [])


def test_numbers_from_a_sequence_leave_gaps_that_the_recount_finds(evening: Evening, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a sequence does, the counter keeps on counting when the fold that asked it is rolled back."""
    sequence, take, announce = itertools.count(1), ledger.take, live.announce
    monkeypatch.setattr(ledger, "take", lambda *asked: [one._replace(position=next(sequence)) for one in take(*asked)])
    evening.say(arrests(3))
    evening.fold()
    assert evening.differences() == []
    evening.say(arrests(4))
    monkeypatch.setattr(live, "announce", fail)
    with pytest.raises(ZeroDivisionError):
        evening.fold()
    monkeypatch.setattr(live, "announce", announce)
    assert evening.fold() == 1
    assert [(one["what"], one.get("position")) for one in evening.differences()][:1] == [("seal", 3)]


def test_a_fold_that_counts_a_report_twice_is_found(evening: Evening, monkeypatch: pytest.MonkeyPatch) -> None:
    for once in ("move_cells", "move_hearings"):
        moves = getattr(fold, once)
        monkeypatch.setattr(fold, once, lambda *asked, moves=moves: (moves(*asked), moves(*asked)))
    evening.say(arrests(3))
    evening.fold()
    found = {(one["what"], one.get("unit")) for one in evening.differences()}
    assert {("own", "KY"), ("total", "KY"), ("total", "NATIONAL"), ("heard", "KY"), ("heard", "NATIONAL")} <= found


def test_a_difference_is_an_alarm_on_the_desk_until_a_recount_holds_again(told: Evening, owner: psycopg.Connection) -> None:
    recount_now(told)
    assert told.totals()["alarms"] == []
    by_hand(told, owner, "UPDATE cells SET total = total + 1 WHERE unit_id = {NATIONAL} AND category_id = {arrests}")
    recount_now(told)
    (alarm,) = told.totals()["alarms"]
    assert (alarm["code"], alarm["position"], alarm["differences"]) == ("totals-differ", 7, [cell("total", "NATIONAL", 8, 7)])
    assert told.nation() == 8, "it is shown, not silently mended"
    rebuild(told)
    recount_now(told)
    assert (told.totals()["alarms"], told.nation()) == ([], 7)


def test_an_alarm_spells_out_no_more_than_can_be_read_and_says_that_there_are_more(told: Evening, owner: psycopg.Connection) -> None:
    minutes = "generate_series(timestamptz '2021-08-26T23:30:00Z', '2021-08-27T01:30:00Z', '1 minute')"
    by_hand(told, owner, f"INSERT INTO series SELECT {{operation}}, {{US}}, {{arrests}}, minute, 1 FROM {minutes} AS minute")
    recount_now(told)
    (alarm,) = told.totals()["alarms"]
    assert alarm["detail"] == "The recount at position 7 differs from the totals in 100 or more places."
    assert len(alarm["differences"]) == 20


def test_a_rebuild_of_an_operation_without_a_journal_leaves_it_empty_and_ready(evening: Evening) -> None:
    assert (rebuild(evening), evening.differences()) == (0, [])
    evening.say(arrests(3))
    assert (evening.fold(), evening.nation(), evening.differences()) == (1, 3, [])


def test_a_rebuild_leaves_what_waits_in_the_inbox_to_the_next_fold(told: Evening) -> None:
    told.say(arrests(1), at=30)
    assert (rebuild(told), told.nation()) == (7, 7)
    assert (told.fold(), told.nation(), told.differences()) == (1, 8, [])


def by_hand(evening: Evening, owner: psycopg.Connection, statement: str) -> None:
    """Runs a statement as the owner; it touches something, or the test is wrong."""
    units, measures = evening.catalogue.unit_by_code, evening.catalogue.measure_by_code
    ids = {"operation": evening.id, "NATIONAL": evening.catalogue.nation, "KSP": units["KY-KSP"].id}
    ids |= {code: units[code].id for code in ("KY", "TN", "US")}
    ids |= {"arrests": measures["arrests"].categories["unspecified"], "money": measures["currency_seized"].categories["unspecified"]}
    ids |= {"minor": measures["victims_rescued"].categories["minor"]}
    assert owner.execute(statement.format(**ids)).rowcount > 0


@contextmanager
def unsealed(owner: psycopg.Connection, table: str) -> Iterator[None]:
    """A table of the record without the trigger that guards it, for as long as the block lasts."""
    owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER sealed")
    try:
        yield
    finally:
        owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER sealed")


def rebuild(evening: Evening) -> int:
    """A rebuild; answers the position reached."""
    with transaction():
        return recount.rebuild(evening.id)


def recount_now(evening: Evening) -> None:
    """What the scheduled recount does."""
    with transaction(snapshot=True):
        found = recount.compare(evening.id)
    with transaction():
        recount.record(found)


def without_time(document: dict[str, Any]) -> dict[str, Any]:
    """A totals document without when it was made."""
    return {name: value for name, value in document.items() if name != "generated_at"}


def without_emptying() -> TextClause:
    """The mutant of the statement that takes what waits: it reads and does not delete."""
    emptying = "DELETE FROM inbox WHERE id = ANY(ARRAY(SELECT id FROM first)) RETURNING id, report_id"
    reading = "SELECT id, report_id FROM inbox WHERE id IN (SELECT id FROM first)"
    assert emptying in ledger._TAKE.text
    return text(ledger._TAKE.text.replace(emptying, reading))


def fail(*arguments: Any) -> None:
    """Breaks whatever it stands for."""
    raise ZeroDivisionError


def test_an_operation_compared_a_moment_ago_is_not_due_again_and_after_its_time_it_is(told: Evening) -> None:
    """What waited for a worker that was away comes all at once; one recount answers it."""
    with transaction():
        assert recount.due([told.id], 3600.0) == [told.id]
    recount_now(told)
    with transaction():
        assert (recount.due([told.id], 3600.0), recount.due([told.id], 0.0)) == ([], [told.id])
