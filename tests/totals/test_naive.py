"""The oracle itself: the contract's rules one by one, with figures worked out by hand, then what must hold of any night.

Longer than 300 lines: it is the contract's section on figures, rule by rule, and reads best in one piece.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.totals import naive
from tests.totals.naive import Line, Record
from tests.totals.nights import DAWN, DUSK, Night, arrivals, groupings, moments, nights

TREE = {"KY": None, "KY-KSP": "KY", "KY-KSP-P1": "KY-KSP", "MO": None, "UNATTRIBUTED": None}


def minute(number: float) -> datetime:
    """That many minutes into the night."""
    return DUSK + timedelta(minutes=number)


def reported(id: str, unit: str, basis: str, at: float, *lines: Line, supersedes: str | None = None) -> Record:
    """A report of ``at`` minutes into the night, a nil report where it has no lines; a correction where it supersedes one."""
    kind = "report" if supersedes is None else "correction"
    return Record(id, unit, kind, supersedes, basis, minute(at), DAWN, not lines, lines)


def withdrawn(id: str, record: Record) -> Record:
    """The withdrawal of a record."""
    return replace(record, id=id, kind="withdrawal", supersedes=record.id, nil=False, lines=())


def arrests(quantity: int | None, *assisting: str) -> Line:
    """A line of arrests."""
    return Line("arrests", "unspecified", quantity, assisting)


def kentucky(*records: Record, as_of: float | None = None, at: int | None = None) -> naive.Number | None:
    """Kentucky's own arrests."""
    return naive.cell(records, "KY", "arrests", "unspecified", None if as_of is None else minute(as_of), at)


def test_without_a_standing_figure_increments_add_up() -> None:
    assert kentucky(reported("a", "KY", "increment", 10, arrests(3)), reported("b", "KY", "increment", 5, arrests(4))) == 7


def test_a_cell_no_one_has_reported_is_absent_and_a_zero_is_a_figure() -> None:
    assert kentucky() is None
    assert kentucky(reported("a", "MO", "increment", 1, arrests(3))) is None
    assert kentucky(reported("a", "KY", "increment", 1, Line("arrests", "felony", 3))) is None
    assert kentucky(reported("a", "KY", "increment", 1, arrests(0))) == 0
    assert kentucky(reported("a", "KY", "increment", 1)) is None
    assert kentucky(reported("a", "KY", "to_date", 1, arrests(None))) is None


def test_the_latest_standing_figure_covers_what_was_observed_before_it_and_what_comes_after_adds() -> None:
    night = (
        reported("a", "KY", "increment", 1, arrests(5)),
        reported("b", "KY", "to_date", 10, arrests(20)),
        reported("c", "KY", "increment", 12, arrests(2)),
        reported("d", "KY", "to_date", 4, arrests(9)),  # came late, and is overtaken
        reported("e", "KY", "increment", 8, arrests(100)),  # came late, and is in the 20
    )
    assert kentucky(*night) == 22
    assert [kentucky(*night, as_of=then) for then in (0, 1, 4, 8, 10, 11, 12)] == [None, 5, 9, 109, 20, 20, 22]
    assert [kentucky(*night, at=position) for position in range(6)] == [None, 5, 20, 22, 22, 22]
    assert kentucky(*night, as_of=9, at=4) == 9, "the 100 of minute 8 was not known at position 4"


def test_an_increment_at_the_very_instant_of_a_standing_figure_is_covered_by_it() -> None:
    increment, standing = reported("a", "KY", "increment", 10, arrests(3)), reported("b", "KY", "to_date", 10, arrests(8))
    assert kentucky(increment, standing) == kentucky(standing, increment) == 8


def test_of_two_standing_figures_of_one_instant_the_later_in_the_journal_holds() -> None:
    eight, six = reported("a", "KY", "to_date", 10, arrests(8)), reported("b", "KY", "to_date", 10, arrests(6))
    assert (kentucky(eight, six), kentucky(six, eight)) == (6, 8)
    assert kentucky(eight, six, at=1) == 8


def test_a_standing_figure_of_zero_stands() -> None:
    assert kentucky(reported("a", "KY", "increment", 1, arrests(5)), reported("b", "KY", "to_date", 2, arrests(0))) == 0


def test_an_unquantified_standing_line_covers_nothing() -> None:
    assert kentucky(reported("a", "KY", "increment", 1, arrests(5)), reported("b", "KY", "to_date", 2, arrests(None))) == 5


def test_a_correction_puts_its_lines_basis_and_time_in_the_place_of_the_report() -> None:
    night = (
        reported("a", "KY", "increment", 10, arrests(5)),
        reported("b", "KY", "increment", 20, arrests(1)),
        reported("c", "KY", "to_date", 30, arrests(4), supersedes="a"),
    )
    assert kentucky(*night) == 4, "the 1 of minute 20 is in the standing figure of minute 30"
    assert kentucky(*night, at=2) == 6, "before the correction was in the journal"
    assert kentucky(*night, as_of=20) == 1, "the corrected report is gone though the correction speaks of a later minute"
    assert kentucky(*night, as_of=20, at=2) == 6


def test_a_correction_may_take_a_cell_away_and_be_corrected_itself() -> None:
    first = reported("a", "KY", "increment", 10, arrests(5))
    second = reported("b", "KY", "increment", 10, Line("arrests", "felony", 5), supersedes="a")
    third = reported("c", "KY", "increment", 10, arrests(6), supersedes="b")
    assert [kentucky(first, second, third, at=position) for position in (1, 2, 3)] == [5, None, 6]


def test_what_is_withdrawn_was_never_sent_from_that_position_on() -> None:
    first, second = reported("a", "KY", "increment", 10, arrests(5)), reported("b", "KY", "to_date", 20, arrests(50))
    night = (first, second, withdrawn("c", second), withdrawn("d", first))
    assert [kentucky(*night, at=position) for position in (1, 2, 3, 4)] == [5, 50, 5, None]


def test_a_withdrawn_correction_does_not_bring_back_what_it_corrected() -> None:
    first = reported("a", "KY", "increment", 10, arrests(5))
    second = reported("b", "KY", "increment", 10, arrests(6), supersedes="a")
    assert kentucky(first, second, withdrawn("c", second)) is None


def test_a_unit_has_its_own_figures_and_all_below_and_the_nation_the_top_of_the_tree() -> None:
    night = [
        reported("a", "KY", "increment", 1, arrests(1), Line("arrests", "felony", 10)),
        reported("b", "KY-KSP", "increment", 1, arrests(100)),
        reported("c", "KY-KSP-P1", "to_date", 1, arrests(1000)),
        reported("d", "MO", "increment", 1, arrests(20_000)),
        reported("e", "UNATTRIBUTED", "increment", 1, Line("arrests", "felony", 300_000)),
    ]
    assert [naive.unit_total(night, TREE, unit, "arrests") for unit in TREE] == [1111, 1100, 1000, 20_000, 300_000]
    assert naive.unit_total(night, TREE, "KY", "arrests", "felony") == 10
    assert naive.unit_total(night, TREE, "MO", "arrests", "felony") is None
    assert naive.own_total(night, "KY", "arrests") == 11
    assert naive.national(night, TREE, "arrests") == 321_111
    assert naive.national(night, TREE, "arrests", "felony") == 300_010
    assert naive.national(night, TREE, "victims_rescued") is None


def test_a_standing_figure_of_a_unit_covers_nothing_of_the_units_below_it() -> None:
    night = [reported("a", "KY-KSP", "increment", 1, arrests(2)), reported("b", "KY", "to_date", 5, arrests(3))]
    assert naive.unit_total(night, TREE, "KY", "arrests") == 5


def test_kentuckys_two_minors_are_in_addition_and_money_is_exact() -> None:
    night = [
        reported("a", "KY", "to_date", 1, Line("victims_rescued", "unspecified", 21), Line("victims_rescued", "minor", 2)),
        reported("b", "KY", "increment", 1, Line("currency_seized", "unspecified", Decimal("0.10"))),
        reported("c", "KY", "increment", 2, Line("currency_seized", "unspecified", Decimal("0.20"))),
    ]
    assert naive.unit_total(night, TREE, "KY", "victims_rescued") == 23
    assert naive.national(night, TREE, "currency_seized") == Decimal("0.30")


def test_those_who_assisted_are_credited_for_every_standing_increment_covered_or_not() -> None:
    corrected = reported("b", "KY", "increment", 2, arrests(10, "MO"))
    gone = reported("c", "KY", "increment", 3, arrests(100, "MO"))
    night = [
        reported("a", "KY", "increment", 1, arrests(3, "MO", "KY-KSP")),
        corrected,
        gone,
        reported("d", "KY", "to_date", 5, arrests(4)),
        reported("e", "KY", "increment", 2, arrests(20, "KY-KSP"), supersedes="b"),
        withdrawn("f", gone),
    ]
    credited = {unit: naive.assisted(night, unit, "arrests") for unit in ("MO", "KY-KSP", "KY", "UNATTRIBUTED")}
    assert credited == {"MO": 3, "KY-KSP": 23, "KY": 0, "UNATTRIBUTED": 0}
    assert naive.assisted(night, "MO", "arrests", at=4) == 113
    assert naive.assisted(night, "KY-KSP", "arrests", minute(1)) == 3
    assert naive.assisted(night, "MO", "victims_rescued") == 0
    assert kentucky(*night) == 4, "credit never moves a figure"


def test_the_desk_entered_the_standing_figure_if_that_was_its_own_and_its_increments_after_it() -> None:
    night = [
        replace(reported("a", "KY", "increment", 1, arrests(5)), by_desk=True),
        replace(reported("b", "KY", "to_date", 2, arrests(20)), by_desk=True),
        replace(reported("c", "KY", "increment", 3, arrests(3)), by_desk=True),
        reported("d", "KY", "increment", 4, arrests(100)),
        reported("e", "KY", "to_date", 5, arrests(130)),
        replace(reported("f", "KY", "increment", 6, arrests(0)), by_desk=True),
        replace(reported("g", "KY", "increment", 7, arrests(None)), by_desk=True),
    ]
    by_desk = [naive.cell_by_desk(night, "KY", "arrests", "unspecified", at=position) for position in range(8)]
    assert by_desk == [0, 5, 20, 23, 23, 0, 0, 0]
    assert naive.by_desk(night, TREE, "KY", "arrests", minute(4)) == 23
    assert naive.by_desk([*night, withdrawn("h", night[4])], TREE, "KY", "arrests") == 23
    assert naive.by_desk(night[:1], TREE, "KY-KSP", "arrests") == 0


def test_a_joint_action_that_another_leads_is_credit_alone() -> None:
    ours = replace(reported("a", "KY", "increment", 1, arrests(3)), lead="KY")
    theirs = replace(reported("b", "MO", "increment", 1, arrests(3), Line("arrests", "felony", None)), lead="KY", credit=True)
    night = [ours, theirs]
    assert (naive.national(night, TREE, "arrests"), naive.unit_total(night, TREE, "MO", "arrests")) == (3, None)
    assert (naive.assisted(night, "MO", "arrests"), naive.assisted(night, "KY", "arrests")) == (3, 0)
    assert naive.unquantified(night) == set()
    assert (naive.heard([theirs], TREE), naive.nil([theirs], TREE)) == ({"MO"}, set())
    assert naive.assisted([*night, withdrawn("c", theirs)], "MO", "arrests") == 0


def test_an_unquantified_line_is_open_until_a_standing_figure_of_its_cell_speaks_of_its_moment() -> None:
    some = reported("a", "KY", "increment", 10, arrests(None))
    asked = {("KY", "arrests")}
    assert naive.unquantified([some]) == asked
    assert naive.unquantified([some], minute(9)) == set()
    for settles, other in [
        (False, reported("b", "KY", "to_date", 9, arrests(5))),
        (True, reported("b", "KY", "to_date", 10, arrests(5))),
        (True, reported("b", "KY", "to_date", 11, arrests(0))),
        (False, reported("b", "KY", "to_date", 11, arrests(None))),
        (False, reported("b", "KY", "to_date", 11, Line("arrests", "felony", 5))),
        (False, reported("b", "KY-KSP", "to_date", 11, arrests(5))),
        (False, reported("b", "KY", "increment", 11, arrests(5))),
    ]:
        assert (naive.unquantified([some, other]) & asked == set()) is settles, other
        assert naive.unquantified([some, other], at=1) == asked
        assert naive.unquantified([other, some]) == naive.unquantified([some, other])
    later = reported("b", "KY", "to_date", 11, arrests(5))
    assert naive.unquantified([some, later], minute(10)) == asked
    assert naive.unquantified([some, later, withdrawn("c", later)]) == asked
    assert naive.unquantified([some, reported("b", "KY", "increment", 10, arrests(7), supersedes="a")]) == set()
    assert naive.unquantified([some, withdrawn("b", some)]) == set()


def test_a_unit_is_heard_from_by_anything_standing_from_it_or_below_and_nil_while_that_is_nil() -> None:
    nothing, some = reported("a", "KY-KSP", "increment", 1), reported("b", "KY-KSP-P1", "increment", 2, arrests(0))
    night = [nothing, some, withdrawn("c", some), withdrawn("d", nothing)]
    below, all_three = {"KY", "KY-KSP"}, {"KY", "KY-KSP", "KY-KSP-P1"}
    assert [naive.heard(night, TREE, at=position) for position in range(5)] == [set(), below, all_three, below, set()]
    assert [naive.nil(night, TREE, at=position) for position in range(5)] == [set(), below, set(), below, set()]
    assert naive.heard(night, TREE, minute(1), 2) == naive.nil(night, TREE, minute(1), 2) == below
    assert naive.nil([reported("a", "KY", "increment", 1, arrests(None))], TREE) == set()


def test_a_series_gives_the_change_within_each_minute_by_the_time_of_what_happened() -> None:
    night = [
        reported("a", "KY", "increment", 10, arrests(5)),
        reported("b", "KY-KSP", "increment", 10.5, Line("arrests", "felony", 2)),
        reported("c", "KY", "to_date", 12, arrests(4)),
        reported("d", "KY", "increment", 11, arrests(3)),
        reported("e", "KY", "increment", 20, arrests(0)),
        reported("f", "MO", "increment", 13, arrests(9)),
    ]
    assert naive.series(night, TREE, "KY", "arrests") == {minute(10): 7, minute(11): 3, minute(12): -4}
    assert naive.series(night, TREE, "KY", "arrests", at=3) == {minute(10): 7, minute(12): -1}
    assert naive.series(night, TREE, "KY", "arrests", as_of=minute(10.25)) == {minute(10): 5}
    assert naive.series(night, TREE, "KY", "arrests", "felony") == {minute(10): 2}
    assert naive.series(night, TREE, "UNATTRIBUTED", "arrests") == {}


def test_a_figure_that_stops_short_of_the_next_minute_belongs_to_the_minute_it_is_in() -> None:
    night = [reported("a", "KY", "increment", 10 + 59.999999 / 60, arrests(5)), reported("b", "KY", "increment", 11, arrests(1))]
    assert naive.series(night, TREE, "KY", "arrests") == {minute(10): 5, minute(11): 1}


few = settings(max_examples=40, deadline=None)
"""The oracle recounts everything for every question: a few dozen nights take seconds."""


def everything(night: Night, records: tuple[Record, ...], as_of: datetime | None = None, at: int | None = None) -> dict[str, object]:
    """Every answer the oracle has about a night."""
    tree, codes = night.tree, [measure.code for measure in night.measures]
    return {
        "cells": {key: naive.cell(records, *key, as_of, at) for key in night.cells()},
        "units": {(unit, code): naive.unit_total(records, tree, unit, code, None, as_of, at) for unit in tree for code in codes},
        "national": {code: naive.national(records, tree, code, None, as_of, at) for code in codes},
        "by desk": {(unit, code): naive.by_desk(records, tree, unit, code, as_of, at) for unit in tree for code in codes},
        "assisted": {(unit, code): naive.assisted(records, unit, code, as_of, at) for unit in tree for code in codes},
        "series": {code: naive.series(records, tree, next(iter(tree)), code, None, as_of, at) for code in codes},
        "unquantified": naive.unquantified(records, as_of, at),
        "heard": naive.heard(records, tree, as_of, at),
        "nil": naive.nil(records, tree, as_of, at),
    }


@few
@given(st.data(), nights(most=9, ties=False), st.none() | moments)
def test_without_ties_the_order_of_arrival_changes_nothing(data: st.DataObject, night: Night, as_of: datetime | None) -> None:
    other = data.draw(arrivals(night.records, keep_ties=False))
    assert everything(night, other, as_of) == everything(night, night.records, as_of)


@few
@given(st.data(), nights(most=9), st.none() | moments)
def test_with_ties_nothing_but_the_order_among_them_matters(data: st.DataObject, night: Night, as_of: datetime | None) -> None:
    assert everything(night, data.draw(arrivals(night.records)), as_of) == everything(night, night.records, as_of)


@few
@given(st.data(), nights(most=9), st.none() | moments)
def test_what_was_known_at_a_position_is_what_a_journal_that_ends_there_says(
    data: st.DataObject, night: Night, as_of: datetime | None
) -> None:
    at = data.draw(st.integers(0, len(night.records)))
    assert everything(night, night.records, as_of, at) == everything(night, night.records[:at], as_of)


@few
@given(nights())
def test_a_series_adds_up_to_the_figure_and_the_nation_to_its_cells(night: Night) -> None:
    for code in (measure.code for measure in night.measures):
        for unit in night.tree:
            assert sum(naive.series(night.records, night.tree, unit, code).values()) == (
                naive.unit_total(night.records, night.tree, unit, code) or 0
            )
        cells = [naive.cell(night.records, *key) or 0 for key in night.cells() if key[1] == code]
        assert sum(cells) == (naive.national(night.records, night.tree, code) or 0)


@few
@given(st.data(), nights())
def test_a_night_is_one_the_hub_could_have_taken(data: st.DataObject, night: Night) -> None:
    for journal in (night.records, data.draw(arrivals(night.records))):
        assert [record for group in data.draw(groupings(journal)) for record in group] == list(journal)
        assert sorted(record.id for record in journal) == sorted(record.id for record in night.records)
        current: dict[str, Record] = {}
        for record in journal:
            if record.supersedes is not None:
                assert current.pop(record.supersedes).unit == record.unit
            if record.kind != "withdrawal":
                assert bool(record.lines) is not record.nil
                current[record.id] = record
            for line in record.lines:
                assert set(line.assisting) <= set(night.tree) - {record.unit}
                assert not line.assisting or record.basis == "increment"


def unquantified_lines(records: tuple[Record, ...]) -> set[tuple[str, str]]:
    """Unit and measure of every standing line without a quantity, settled or not."""
    return {(record.unit, line.measure) for record in naive.standing(records) for line in record.lines if line.quantity is None}


def awkward(night: Night) -> set[str]:
    """Which of the hard cases a night holds."""
    records, codes = night.records, [measure.code for measure in night.measures]
    kinds = [record.kind for record in records]
    corrections = {record.id for record in records if record.kind == "correction"}
    cases = {
        "several corrected": kinds.count("correction") > 1,
        "several withdrawn": kinds.count("withdrawal") > 1,
        "a correction superseded": any(record.supersedes in corrections for record in records),
        "a correction to nil": any(record.nil and record.kind == "correction" for record in records),
        "unquantified": bool(naive.unquantified(records)),
        "unquantified and settled": unquantified_lines(records) > naive.unquantified(records),
        "assisted": any(naive.assisted(records, unit, code) for unit in night.tree for code in codes),
        "nil": bool(naive.nil(records, night.tree)),
        "a figure of 0": any(naive.cell(records, *key) == 0 for key in night.cells()),
        "by the desk in part": any(0 < naive.cell_by_desk(records, *key) < (naive.cell(records, *key) or 0) for key in night.cells()),
        "credit": any(record.credit for record in naive.standing(records)),
        "led by its own": any(record.lead and not record.credit for record in naive.standing(records)),
        "an adjustment": any((naive.own_total(records, "OVERLAP", code) or 0) < 0 for code in codes),
        "a fall": any(min(naive.series(records, night.tree, unit, code).values(), default=0) < 0 for unit in night.tree for code in codes),
        "a tie": any(naive.cell(records, *key) != naive.cell(records[::-1], *key) for key in night.cells()),
        "three deep": any(parent and night.tree[parent] for parent in night.tree.values()),
        "money": any(line.quantity and line.measure == "currency_seized" for record in records for line in record.lines),
    }
    return {case for case, present in cases.items() if present} | {f"not {case}" for case, present in cases.items() if not present}


def test_nights_reach_every_awkward_case() -> None:
    """A strategy that never meets a case proves nothing of it: each must come, and be missing, in 150 nights."""
    seen: Counter[str] = Counter()

    @settings(
        max_examples=150, phases=[Phase.generate], database=None, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(nights())
    def look(night: Night) -> None:
        seen.update(awkward(night))

    look()
    assert len(seen) == 34 and min(seen.values()) >= 5, seen
