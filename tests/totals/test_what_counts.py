"""What counts: reports, what answers them, standing figures, credits, and what was said without a quantity, through the doors."""

from __future__ import annotations

import pytest

from tests.totals.evening import Evening, arrests, money, victims


@pytest.mark.parametrize("together", [True, False])
class TestWhatAnswersAReport:
    """Corrections and withdrawals, in one fold with what they answer and in the next."""

    def test_a_correction_takes_the_reports_place(self, evening: Evening, together: bool) -> None:
        said = evening.say(arrests(3), victims(2, "minor"))
        fold_unless(together, evening)
        evening.correct(said, arrests(1))
        evening.fold()
        assert evening.unit() == {
            "total": 1, "by_desk": 0, "own": 1, "assisted": 0, "categories": {"unspecified": 1}, "unquantified": False
        }  # fmt: skip
        assert evening.unit(measure="victims_rescued") == {}
        assert evening.totals()["national"]["victims_rescued"]["categories"] == {}
        assert (evening.new(), evening.differences()) == ({15: 1}, [])

    def test_a_correction_of_a_correction_takes_its_place(self, evening: Evening, together: bool) -> None:
        said = evening.say(arrests(3))
        fold_unless(together, evening)
        second = evening.correct(said, arrests(30))
        fold_unless(together, evening)
        evening.correct(second, arrests(4), at=20)
        evening.fold()
        assert (evening.nation(), evening.new(), evening.differences()) == (4, {20: 4}, [])

    def test_a_withdrawn_report_was_never_sent(self, evening: Evening, together: bool) -> None:
        evening.say(arrests(1), at=5)
        said = evening.say(arrests(3), money(None))
        fold_unless(together, evening)
        evening.withdraw(said)
        evening.fold()
        assert (evening.nation(), evening.new()) == (1, {5: 1})
        assert evening.totals()["national"]["currency_seized"]["unquantified"] == []
        assert evening.differences() == []

    def test_a_withdrawn_correction_does_not_bring_back_what_it_corrected(self, evening: Evening, together: bool) -> None:
        said = evening.say(arrests(3))
        fold_unless(together, evening)
        second = evening.correct(said, arrests(4))
        fold_unless(together, evening)
        evening.withdraw(second)
        evening.fold()
        assert (evening.nation(), evening.unit(), evening.new(), evening.differences()) == (0, {}, {}, [])
        assert evening.totals()["reporting"]["heard"] == 0

    def test_a_correction_can_move_figures_to_another_category_and_basis(self, evening: Evening, together: bool) -> None:
        evening.say(victims(2), victims(1, "minor"), at=10)
        said = evening.say(victims(4), at=20)
        fold_unless(together, evening)
        evening.correct(said, victims(5, "minor"), at=20, basis="to_date")
        evening.fold()
        assert evening.unit(measure="victims_rescued")["categories"] == {"minor": 5, "unspecified": 2}
        assert evening.new("victims_rescued", category="minor") == {10: 1, 20: 4}
        assert (evening.new("victims_rescued", category="unspecified"), evening.differences()) == ({10: 2}, [])

    def test_credits_of_units_that_assisted_follow(self, evening: Evening, together: bool) -> None:
        said = evening.say(arrests(3, "TN", "KY-KSP"))
        other = evening.say(arrests(5, "TN"))
        fold_unless(together, evening)
        evening.correct(said, arrests(2, "KY-KSP", "US"))
        fold_unless(together, evening)
        evening.withdraw(other)
        evening.fold()
        assert [evening.unit(code)["assisted"] for code in ("KY", "KY-KSP", "US")] == [0, 2, 2]
        assert (evening.unit("TN"), evening.nation(), evening.differences()) == ({}, 2, [])

    def test_without_the_standing_figure_its_increments_count_again(self, evening: Evening, together: bool) -> None:
        evening.say(arrests(3), at=10)
        said = evening.say(arrests(2), at=20, basis="to_date")
        fold_unless(together, evening)
        evening.withdraw(said)
        evening.fold()
        assert (evening.nation(), evening.new(), evening.differences()) == (3, {10: 3}, [])

    def test_a_report_turned_into_a_nil_report_is_still_heard(self, evening: Evening, together: bool) -> None:
        said = evening.say(arrests(3))
        fold_unless(together, evening)
        evening.correct(said)
        evening.fold()
        assert evening.totals()["reporting"] == {"expected": 2, "heard": 1, "overdue": [], "nil": ["KY"]}
        assert evening.differences() == []


def test_a_standing_figure_is_remembered_while_newer_increments_come(evening: Evening) -> None:
    evening.say(arrests(10), at=30, basis="to_date")
    evening.fold()
    evening.say(arrests(1), at=40)
    evening.fold()
    evening.say(arrests(4), at=20)
    evening.fold()
    assert (evening.nation(), evening.new(), evening.differences()) == (11, {20: 4, 30: 6, 40: 1}, [])


def test_a_late_increment_under_a_standing_figure_changes_the_past_alone(evening: Evening) -> None:
    evening.say(arrests(10), at=30, basis="to_date")
    evening.fold()
    evening.say(arrests(4), at=20)
    evening.fold()
    assert (evening.nation(), evening.new(), evening.differences()) == (10, {20: 4, 30: 6}, [])
    assert evening.nation(as_of="2021-08-26T23:25:00Z") == 4


def test_an_increment_at_the_instant_of_a_standing_figure_is_in_it_and_one_just_after_is_not(evening: Evening) -> None:
    evening.say(arrests(10), at=30, basis="to_date")
    evening.fold()
    evening.say(arrests(4), at=30)
    evening.say(arrests(1), at=30 + 1e-6 / 60)
    evening.fold()
    assert (evening.nation(), evening.differences()) == (11, [])


def test_a_lower_standing_figure_steps_the_series_down(evening: Evening) -> None:
    evening.say(arrests(7), at=10)
    evening.fold()
    evening.say(arrests(5), at=20, basis="to_date")
    evening.fold()
    assert (evening.nation(), evening.new(), evening.differences()) == (5, {10: 7, 20: -2}, [])


def test_of_two_standing_figures_of_one_instant_the_later_in_the_journal_stands(evening: Evening) -> None:
    for quantity in (9, 4):
        evening.say(arrests(quantity), at=10, basis="to_date")
        evening.fold()
    assert (evening.nation(), evening.nation(at=1), evening.differences()) == (4, 9, [])


def test_of_a_nil_report_and_another_the_other_makes_the_unit_one_with_figures(evening: Evening) -> None:
    nil = evening.say()
    other = evening.say(arrests(0))
    evening.fold()
    assert evening.totals()["reporting"]["nil"] == []
    evening.withdraw(nil)
    evening.fold()
    assert (evening.totals()["reporting"]["nil"], evening.differences()) == ([], [])
    evening.correct(other)
    evening.fold()
    assert (evening.totals()["reporting"]["nil"], evening.differences()) == (["KY"], [])


def test_what_was_said_without_a_quantity_is_settled_by_a_later_standing_figure(evening: Evening) -> None:
    evening.say(money(None), at=10)
    evening.fold()
    assert evening.unit(measure="currency_seized") == {
        "total": "0.00", "own": "0.00", "assisted": "0.00", "categories": {}, "unquantified": True
    }  # fmt: skip
    evening.say(money("100.00"), at=20)
    evening.fold()
    assert evening.totals()["national"]["currency_seized"]["unquantified"] == ["KY"]
    evening.say(money("2500.50"), at=30, basis="to_date")
    evening.fold()
    national = evening.totals()["national"]["currency_seized"]
    assert (national["total"], national["unquantified"], evening.differences()) == ("2500.50", [], [])


def test_a_unit_below_counts_for_all_above_it_and_assisting_never_moves_a_figure(evening: Evening) -> None:
    evening.say(arrests(3, "KY", "TN"), unit="KY-KSP")
    evening.say(arrests(2), unit="UNATTRIBUTED")
    evening.fold()
    assert [evening.unit(code)["total"] for code in ("KY", "KY-KSP", "UNATTRIBUTED", "TN")] == [3, 3, 2, 0]
    assert [evening.unit(code)["own"] for code in ("KY", "KY-KSP")] == [0, 3]
    assert [evening.unit(code)["assisted"] for code in ("KY", "KY-KSP", "TN")] == [3, 0, 3]
    assert (evening.nation(), evening.differences()) == (5, [])


def test_a_cell_named_on_several_lines_of_one_increment_counts_each(evening: Evening) -> None:
    evening.say(arrests(1, "TN"), arrests(2), arrests(4, "TN"))
    evening.fold()
    assert (evening.nation(), evening.unit("TN")["assisted"], evening.differences()) == (7, 5, [])
    assert (evening.nation(at=1), evening.unit("TN", at=1)["assisted"]) == (7, 5)


def fold_unless(together: bool, evening: Evening) -> None:
    """Folds what has been said so far, where it is not to be folded together with what follows."""
    if not together:
        evening.fold()
