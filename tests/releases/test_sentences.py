"""Headlines, sentences and changes, with literals."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordinator.operations import headlines
from coordinator.releases import changes
from coordinator.releases.figures import difference, signed

KNOWN = {
    ("victims_rescued", None),
    ("victims_rescued", "minor"),
    ("victims_rescued", "missing child"),
    ("victims_rescued", "unspecified"),
    ("arrests", None),
    ("arrests", "unspecified"),
    ("not_returned", None),
}


@pytest.mark.parametrize(
    "text",
    [
        "{arrests} arrests were made.",
        "{victims_rescued} victims, of whom {victims_rescued.minor} minors",
        '{victims_rescued} victims, of whom {victims_rescued.minor} minors and {victims_rescued."missing child"} missing',
        "{victims_rescued} victims, of whom {victims_rescued.minor} minors; {arrests} arrests",
        "{victims_rescued} victims, including {victims_rescued.minor} minors. {arrests} arrests, {not_returned} not returned",
        "{victims_rescued.unspecified} victims and in addition {victims_rescued.minor} minors",
        "{arrests} arrests, in addition {victims_rescued} victims",
    ],
)
def test_a_headline_whose_words_are_true_is_taken(text: str) -> None:
    assert headlines.problem(text, KNOWN) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("47 victims", "Put each figure in braces"),
        ("{arrests} arrests } made", "Put each figure in braces"),
        ("{arrests - victims_rescued} more", "In braces stands one figure, not a sum"),
        ("{arrests} arrests, {tips} tips", "There is no measure tips."),
        ("{victims_rescued.adult} adults", "There is no measure victims_rescued.adult."),
        ("{} arrests", "Column 1"),
        ("{victims_rescued} victims, of whom {arrests} arrests", "arrests is said to be part of victims_rescued"),
        ("{victims_rescued} victims, of whom {victims_rescued.minor} minors and {arrests} arrests", "arrests is said to be part of"),
        ("{arrests} arrests, of which {victims_rescued.minor} minors", "victims_rescued.minor is said to be part of arrests"),
        ("{victims_rescued} victims, of whom {victims_rescued} were rescued", "victims_rescued is said to be part of victims_rescued"),
        ("{victims_rescued.minor} minors, including {victims_rescued.unspecified}", "is said to be part of victims_rescued.minor"),
        ("of whom {victims_rescued.minor} minors", "victims_rescued.minor is said to be part of nothing"),
        ("{not_returned} not returned, of whom {victims_rescued.minor} minors", "is said to be part of not_returned"),
        ("{victims_rescued} victims and in addition {victims_rescued.minor} minors", "victims_rescued counts the same already"),
        ("{victims_rescued.minor} minors, plus {victims_rescued} victims", "victims_rescued.minor counts the same already"),
    ],
)
def test_a_headline_that_joins_what_does_not_belong_together_is_refused_with_what_is_wrong(text: str, said: str) -> None:
    assert said in str(headlines.problem(text, KNOWN))


@given(st.text(max_size=80))
def test_whatever_a_headline_is_it_is_taken_or_refused(text: str) -> None:
    found = headlines.problem(text, KNOWN)
    assert found is None or found.endswith((".", "}", "made"))


def row(unit: str, quantity: Any, measure: str = "arrests", category: str = "all", parent: str | None = None) -> dict[str, Any]:
    """A row of statistics."""
    named = {
        "unit": unit,
        "unit_name": unit.title(),
        "kind": "jurisdiction",
        "parent": parent,
        "measure": measure,
        "label": measure.title(),
    }
    return named | {"category": category, "quantity": quantity, "unit_of_count": "persons", "assisted": 0, "note": ""}


def test_what_changed_is_told_by_unit_and_measure_and_what_did_not_is_left_out() -> None:
    before = [row("KY", 5), row("TN", 7), row("NATIONAL", 12), row("KY", "1.50", "money"), row("GONE", 1)]
    after = [row("KY", 6), row("TN", 7), row("NATIONAL", 13), row("KY", "0.25", "money"), row("NEW", 0)]
    found = changes.changes(before, after)
    told = [(one["unit"], one["measure"], one["before"], one["after"], one["difference"]) for one in found["units"]]
    assert told == [
        ("KY", "arrests", 5, 6, 1),
        ("KY", "money", "1.50", "0.25", "-1.25"),
        ("NEW", "arrests", None, 0, 0),
        ("GONE", "arrests", 1, None, -1),
    ]
    assert [(one["unit"], one["difference"]) for one in found["national"]] == [("NATIONAL", 1)]
    assert found["unmoved"] == []


@pytest.mark.parametrize(
    ("moves", "national", "alarm"),
    [
        ({"IA": -8, "OK": 6, "TN": 2}, 0, True),
        ({"IA": -8, "OK": 8}, 0, True),
        ({"IA": -8, "OK": 6, "TN": 2}, 1, False),
        ({"IA": 0, "OK": 0}, 0, False),
        ({"IA": -8}, -8, False),
    ],
)
def test_the_alarm_is_raised_where_several_move_and_the_nation_does_not(moves: dict[str, int], national: int, alarm: bool) -> None:
    before = [row(unit, 20) for unit in moves] + [row("NATIONAL", 59)]
    after = [row(unit, 20 + move) for unit, move in moves.items()] + [row("NATIONAL", 59 + national)]
    found = changes.changes(before, after)["unmoved"]
    assert bool(found) == alarm
    if len(moves) == 3 and alarm:
        assert changes.sentences(found) == ["Arrests: Ia −8, Ok +6, Tn +2; the national figure stands still."]


def test_what_moves_within_a_state_or_from_one_category_to_another_is_told_and_no_alarm_of_states() -> None:
    before = [row("KY", 5), row("KY-A", 3, parent="KY"), row("KY-B", 2, parent="KY"), row("NATIONAL", 5)]
    after = [row("KY", 5), row("KY-A", 2, parent="KY"), row("KY-B", 3, parent="KY"), row("NATIONAL", 5)]
    found = changes.changes(before, after)
    assert [(one["unit"], one["difference"]) for one in found["units"]] == [("KY-A", -1), ("KY-B", 1)]
    assert found["unmoved"] == []


def test_a_category_in_which_states_move_against_each_other_is_told_where_the_whole_does_not_tell_it() -> None:
    def rows(iowa: tuple[int, int], ohio: tuple[int, int], nation: tuple[int, int]) -> list[dict[str, Any]]:
        both = zip(("IA", "OH", "NATIONAL"), (iowa, ohio, nation), strict=True)
        return [row(unit, figure, category=category) for unit, one in both for category, figure in zip(("minor", "all"), one, strict=True)]

    found = changes.changes(rows((2, 9), (3, 9), (5, 18)), rows((3, 10), (2, 9), (5, 19)))
    assert [(one["category"], [part["unit"] for part in one["parts"]]) for one in found["unmoved"]] == [("minor", ["IA", "OH"])]


@pytest.mark.parametrize(
    ("before", "after", "expected", "said"),
    [(20, 12, -8, "−8"), (None, 3, 3, "+3"), ("1000.50", "1.00", "-999.50", "−999.50"), (None, "0.00", "0.00", "0.00"), (5, 5, 0, "0")],
)
def test_differences_are_exact(before: Any, after: Any, expected: Any, said: str) -> None:
    assert difference(before, after) == expected
    assert signed(expected) == said
