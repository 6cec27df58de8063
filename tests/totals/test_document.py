"""The totals document from figures made by hand: what each of its members says, and when it says nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from coordinator.operations.catalogue import Catalogue
from coordinator.totals import document
from coordinator.totals.figures import CellFigure, Figures, Hearing
from tests.totals.catalogues import (
    ARRESTS,
    KSP,
    KY,
    LIVE,
    MINORS,
    MONEY,
    NATION,
    NOBODY,
    START,
    TN,
    US,
    VICTIMS,
    WEIGHT,
    catalogue,
    derived,
    rule,
    unit,
)

Cells = dict[tuple[int, int], CellFigure]
NOW = START + timedelta(hours=3)


def figures(cells: Cells | None = None, moment: datetime = NOW, **members: Any) -> Figures:
    """Figures at position 7."""
    return Figures(7, moment, cells or {}, **members)


def given(own: int, below: int = 0, **members: Any) -> CellFigure:
    """A cell with a figure of its own and one from below."""
    return CellFigure(own=own, own_figures=1, total=own + below, figures=2 if below else 1, **members)


def above(total: int, **members: Any) -> CellFigure:
    """A cell with figures from below alone."""
    return CellFigure(total=total, figures=1, **members)


def some(own: bool = True) -> CellFigure:
    """A cell of which it is only known that there is some."""
    return CellFigure(own_unquantified=int(own), unquantified=1)


def units_of(shown: dict[str, Any]) -> dict[str, Any]:
    """Unit -> its measures."""
    return {unit["code"]: unit["measures"] for unit in shown["units"]}


def test_a_document_of_nothing_names_every_unit_and_measure_and_no_category() -> None:
    shown = document.totals(catalogue(), figures())
    assert (shown["operation"], shown["position"], shown["phase"], shown["generated_at"]) == ("night", 7, "live", "2021-08-27T02:00:00Z")
    assert units_of(shown) == {"KY": {}, "KY-KSP": {}, "TN": {}, "US": {}, "UNATTRIBUTED": {}}
    assert {code: (one["total"], one["categories"], one["unquantified"]) for code, one in shown["national"].items()} == {
        "arrests": (0, {}, []), "victims": (0, {}, []), "money": ("0.00", {}, []), "weight": ("0.000", {}, [])
    }  # fmt: skip


def test_a_figure_of_0_is_there_and_no_figure_is_absent() -> None:
    shown = document.totals(catalogue(), figures({(KY, MINORS): given(0), (NATION, MINORS): above(0), (NATION, VICTIMS): CellFigure()}))
    assert shown["national"]["victims"]["categories"] == {"minor": 0}
    assert units_of(shown)["KY"]["victims"] == {
        "total": 0, "by_desk": 0, "own": 0, "assisted": 0, "categories": {"minor": 0}, "unquantified": False
    }  # fmt: skip


def test_a_measures_total_is_the_sum_of_its_categories() -> None:
    cells = {(NATION, MINORS): above(2), (NATION, VICTIMS): above(45), (KY, MINORS): given(2), (KY, VICTIMS): given(40, 3)}
    shown = document.totals(catalogue(), figures(cells))
    assert shown["national"]["victims"]["total"] == 47
    assert shown["national"]["victims"]["categories"] == {"minor": 2, "unspecified": 45}
    assert units_of(shown)["KY"]["victims"]["total"] == 45
    assert units_of(shown)["KY"]["victims"]["own"] == 42


def test_money_and_weights_are_texts_with_the_measures_decimals() -> None:
    cells = {(NATION, MONEY): above(1_250_005), (NATION, WEIGHT): above(7), (TN, MONEY): given(5, assisted=100)}
    shown = document.totals(catalogue(), figures(cells, recent={MONEY: (-5, 1_000)}))
    assert shown["national"]["money"] == {
        "total": "12500.05", "by_desk": "0.00", "credited": "0.00", "categories": {"unspecified": "12500.05"},
        "last_15_minutes": "-0.05", "last_60_minutes": "10.00", "unquantified": [],
    }  # fmt: skip
    assert shown["national"]["weight"]["total"] == "0.007"
    assert units_of(shown)["TN"]["money"] == {
        "total": "0.05", "by_desk": "0.00", "own": "0.05", "assisted": "1.00", "categories": {"unspecified": "0.05"}, "unquantified": False
    }  # fmt: skip


def test_what_is_new_is_summed_over_categories() -> None:
    shown = document.totals(catalogue(), figures(recent={MINORS: (1, 4), VICTIMS: (2, 8)}))
    assert (shown["national"]["victims"]["last_15_minutes"], shown["national"]["victims"]["last_60_minutes"]) == (3, 12)
    assert shown["national"]["arrests"]["last_60_minutes"] == 0


def test_the_nation_names_the_units_that_owe_a_quantity_and_those_above_only_say_so() -> None:
    cells = {(KSP, MONEY): some(), (KY, MONEY): some(own=False), (NATION, MONEY): some(own=False), (NOBODY, MONEY): some()}
    shown = document.totals(catalogue(), figures(cells))
    assert shown["national"]["money"]["unquantified"] == ["KY-KSP", "UNATTRIBUTED"]
    assert {code: measures["money"]["unquantified"] for code, measures in units_of(shown).items() if measures} == {
        "KY": True, "KY-KSP": True, "UNATTRIBUTED": True
    }  # fmt: skip
    assert units_of(shown)["KY"]["money"] == {"total": "0.00", "own": "0.00", "assisted": "0.00", "categories": {}, "unquantified": True}


def test_a_unit_that_only_assisted_has_the_measure_without_a_figure() -> None:
    shown = document.totals(catalogue(), figures({(TN, ARRESTS): CellFigure(assisted=4)}))
    assert units_of(shown)["TN"] == {"arrests": {"total": 0, "own": 0, "assisted": 4, "categories": {}, "unquantified": False}}


def test_a_unit_says_who_it_is_and_when_it_was_last_heard() -> None:
    shown = document.totals(catalogue(), figures(hearings={KSP: Hearing(1, 1, START)}))
    police = next(unit for unit in shown["units"] if unit["code"] == "KY-KSP")
    assert police == {
        "code": "KY-KSP", "name": "State Police", "kind": "agency", "parent": "KY", "level": "state",
        "conducted_separately": None, "last_report_at": "2021-08-26T23:00:00Z", "measures": {},
    }  # fmt: skip
    assert [unit["last_report_at"] for unit in shown["units"] if unit["code"] != "KY-KSP"] == [None] * 4


def test_what_the_desk_entered_and_what_is_credited_stand_beside_the_total_where_there_is_a_figure() -> None:
    cells = {(NATION, MINORS): above(9, by_desk=4), (NATION, VICTIMS): above(3, by_desk=1, assisted=2), (KY, MINORS): given(9, by_desk=4)}
    shown = document.totals(catalogue(), figures(cells))
    assert [(one.get("by_desk"), one["credited"]) for one in shown["national"].values()] == [
        (None, 0),
        (5, 2),
        (None, "0.00"),
        (None, "0.000"),
    ]
    assert units_of(shown)["KY"]["victims"]["by_desk"] == 4


def test_a_derived_measure_is_the_nations_and_may_fall_below_0() -> None:
    cells = {(NATION, ARRESTS): above(3), (NATION, VICTIMS): above(5), (NATION, MINORS): above(1), (KY, ARRESTS): given(99)}
    shown = document.totals(catalogue(derived=(derived("arrests - victims"), derived("victims.minor"))), figures(cells))
    assert shown["derived"] == {"arrests - victims": -3, "victims.minor": 1}


def test_a_derived_measure_has_the_decimals_of_the_finest_in_it() -> None:
    cells = {(NATION, ARRESTS): above(3), (NATION, MONEY): above(1_25), (NATION, WEIGHT): above(7)}
    sums = tuple(map(derived, ("arrests + money", "money - weight", "weight + weight")))
    assert document.totals(catalogue(derived=sums), figures(cells))["derived"] == {
        "arrests + money": "4.25", "money - weight": "1.243", "weight + weight": "0.014"
    }  # fmt: skip


def test_derived_measures_and_rules_are_exact_whatever_the_number_of_digits() -> None:
    cells = {(NATION, ARRESTS): above(10**40), (NATION, VICTIMS): above(10**40 - 1), (NATION, WEIGHT): above(1)}
    operation = catalogue(derived=(derived("arrests - victims"), derived("arrests + weight")), rules=(rule("victims >= arrests"),))
    shown = document.totals(operation, figures(cells))
    assert shown["derived"] == {"arrests - victims": 1, "arrests + weight": f"1{'0' * 40}.001"}
    assert shown["rules"][0]["holds"] is False


def test_a_rule_holds_or_not_for_the_nation_and_for_each_jurisdiction_that_has_figures_for_all_of_it() -> None:
    cells = {
        (NATION, ARRESTS): above(10), (NATION, VICTIMS): above(4), (KY, ARRESTS): given(2), (KY, MINORS): given(3), (TN, ARRESTS): given(8),
        (KSP, ARRESTS): given(0), (KSP, VICTIMS): given(9), (US, ARRESTS): given(1), (US, VICTIMS): given(1),
    }  # fmt: skip
    shown = document.totals(catalogue(rules=(rule("victims <= arrests"),)), figures(cells))
    assert shown["rules"] == [
        {"code": "victims <= arrests", "message": "victims <= arrests", "holds": True, "units": {"KY": False, "US": True}}
    ]


def test_a_rule_about_a_category_asks_for_that_category() -> None:
    cells = {(NATION, VICTIMS): above(9), (KY, VICTIMS): given(9), (KY, ARRESTS): given(1), (TN, MINORS): given(2), (TN, ARRESTS): given(1)}
    shown = document.totals(catalogue(rules=(rule("victims.minor <= arrests"),)), figures(cells))
    assert shown["rules"][0]["holds"] is True, "what no one has reported counts as 0 for the nation"
    assert shown["rules"][0]["units"] == {"TN": False}


def test_a_rule_compares_measures_of_different_decimals_by_what_they_are_worth() -> None:
    cells = {(NATION, MONEY): above(1_00), (NATION, ARRESTS): above(1), (NATION, WEIGHT): above(1_000)}
    expressions = ("money = arrests", "weight = money", "arrests < weight")
    shown = document.totals(catalogue(rules=tuple(map(rule, expressions))), figures(cells))
    assert [one["holds"] for one in shown["rules"]] == [True, True, False]


def test_reporting_counts_expected_jurisdictions_alone() -> None:
    hearings = {KY: Hearing(1, 1, NOW), US: Hearing(3, 3, NOW), NOBODY: Hearing(1, 1, NOW), NATION: Hearing(5, 5, NOW)}
    shown = document.totals(catalogue(), figures(hearings=hearings))
    assert shown["reporting"] == {"expected": 2, "heard": 1, "overdue": ["TN"], "nil": []}


def test_a_jurisdiction_all_of_whose_reports_are_nil_is_named_and_one_with_none_left_is_not_heard() -> None:
    hearings = {KY: Hearing(2, 0, NOW), TN: Hearing(0, 0, NOW)}
    assert document.reporting(catalogue(), figures(hearings=hearings)) == {"expected": 2, "heard": 1, "overdue": [], "nil": ["KY"]}


@pytest.mark.parametrize(
    ("word", "minutes", "overdue"),
    [(START, 60, False), (START, 60.01, True), (START, 59, False), (None, 30, False), (None, 30.01, True)],
    ids=str,
)
def test_overdue_is_who_has_been_silent_for_longer_than_the_interval_since_the_last_word_or_the_start(
    word: datetime | None, minutes: float, overdue: bool
) -> None:
    """Live since half an hour before the window opens: what was never heard is counted from there."""
    hearings = {KY: Hearing(1, 1, word)} if word else {}
    moment = START + timedelta(minutes=minutes)
    assert ("KY" in document.reporting(catalogue(), figures(moment=moment, hearings=hearings))["overdue"]) is overdue


@pytest.mark.parametrize("phase", ["planned", "briefing", "reconciling", "certified", "archived"])
def test_no_one_is_overdue_before_or_after_the_night(phase: str) -> None:
    assert document.reporting(catalogue(phase=phase), figures())["overdue"] == []


def test_everyone_can_be_overdue_while_standing_down_but_not_who_acted_at_another_time() -> None:
    apart = {"starts_at": "2021-08-12T00:00:00+00:00", "ends_at": "2021-08-13T00:00:00+00:00", "footnote": "At the rally."}
    units = (unit(KY, "KY", "Kentucky"), unit(TN, "TN", "Tennessee", conducted_separately=apart))
    assert document.reporting(catalogue(phase="standing_down", units=units), figures())["overdue"] == ["KY"]


def test_without_a_time_of_going_live_the_windows_start_is_the_start() -> None:
    late = figures(moment=START + timedelta(minutes=61))
    assert document.reporting(catalogue(live_at=None), late)["overdue"] == ["KY", "TN"]
    assert document.reporting(catalogue(live_at=None), figures(moment=START + timedelta(minutes=59)))["overdue"] == []
    assert document.reporting(catalogue(live_at=LIVE), figures(moment=START + timedelta(minutes=31)))["overdue"] == ["KY", "TN"]


ALL_HEARD, NOT_ALL = {KY: Hearing(1, 1, NOW), TN: Hearing(1, 0, NOW)}, {KY: Hearing(1, 1, NOW)}


@pytest.mark.parametrize(
    ("phase", "hearings", "status"),
    [
        ("planned", {}, "unofficial-partial"),
        ("briefing", {}, "unofficial-partial"),
        ("live", ALL_HEARD, "unofficial-partial"),
        ("standing_down", NOT_ALL, "unofficial-partial"),
        ("standing_down", ALL_HEARD, "unofficial-complete"),
        ("reconciling", ALL_HEARD, "unofficial-complete"),
        ("reconciling", NOT_ALL, "unofficial-partial"),
        ("certified", NOT_ALL, "certified"),
        ("archived", ALL_HEARD, "certified"),
    ],
)
def test_the_status_says_how_far_figures_can_be_trusted(phase: str, hearings: dict[int, Hearing], status: str) -> None:
    assert document.totals(catalogue(phase=phase), figures(hearings=hearings))["status"] == status
    assert document.totals(catalogue(phase=phase, exercise=True), figures(hearings=hearings))["status"] == "exercise"


class TestChanges:
    """What a stream sends after a fold: what moved, whole, and nothing else."""

    cells: Cells = {
        (KY, ARRESTS): given(4, 3), (KSP, ARRESTS): given(3), (NATION, ARRESTS): above(7), (TN, MINORS): given(1),
        (NATION, MINORS): above(1), (KY, MONEY): given(500), (NATION, MONEY): above(500),
    }  # fmt: skip

    def changes(self, moved: dict[int, set[int]], operation: Catalogue | None = None) -> dict[str, Any]:
        """The document of what moved."""
        return document.changes(operation or catalogue(), figures(self.cells), moved)

    def test_units_and_measures_that_did_not_move_are_left_out(self) -> None:
        shown = self.changes({KSP: {ARRESTS}, KY: {ARRESTS}, NATION: {ARRESTS}})
        assert list(shown["national"]) == ["arrests"]
        assert {unit["code"]: list(unit["measures"]) for unit in shown["units"]} == {"KY": ["arrests"], "KY-KSP": ["arrests"]}

    def test_a_measure_one_category_of_which_moved_is_shown_whole(self) -> None:
        whole = document.totals(catalogue(), figures(self.cells))
        shown = self.changes({TN: {VICTIMS}, NATION: {VICTIMS}})
        assert shown["national"] == {"victims": whole["national"]["victims"]}
        assert shown["units"] == [unit for unit in whole["units"] if unit["code"] == "TN"]

    def test_a_unit_that_was_only_heard_is_shown_without_measures(self) -> None:
        shown = self.changes({TN: set(), NATION: set()})
        assert ([unit["code"] for unit in shown["units"]], shown["units"][0]["measures"], shown["national"]) == (["TN"], {}, {})

    def test_a_measure_that_a_unit_no_longer_has_is_shown_empty_so_that_a_watcher_sees(self) -> None:
        shown = self.changes({US: {ARRESTS}})
        assert shown["units"][0]["measures"] == {
            "arrests": {"total": 0, "own": 0, "assisted": 0, "categories": {}, "unquantified": False}
        }  # fmt: skip

    def test_derived_measures_and_rules_come_with_every_change(self) -> None:
        shown = self.changes(
            {KY: {MONEY}, NATION: {MONEY}}, catalogue(derived=(derived("arrests - victims"),), rules=(rule("money > arrests"),))
        )
        assert (shown["derived"], [one["holds"] for one in shown["rules"]], shown["position"]) == ({"arrests - victims": 6}, [False], 7)
