"""The language of rules and derived measures: with literals, then with anything at all."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordinator.operations.expressions import COMPARISONS, LONGEST, ExpressionError, Rule, Sum, parse_derived, parse_rule

MISSOURI = {"listed": 94, "located": 65, "returned_to_care": 41, "discharged": 18}
"""The published figures of data/operations/missouri-missing-foster-youth.json."""


def missouri(measure: str, category: str | None) -> int:
    """A total of Missouri's list; it has no categories."""
    assert category is None
    return MISSOURI[measure]


@pytest.mark.parametrize(
    ("text", "figure"),
    [("listed - returned_to_care", 53), ("listed - located", 29), ("located - returned_to_care - discharged", 6), ("listed", 94)],
)
def test_missouris_derived_figures_are_what_was_published(text: str, figure: int) -> None:
    assert parse_derived(text).evaluate(missouri) == figure


@pytest.mark.parametrize("text", ["located <= listed", "returned_to_care + discharged <= located"])
def test_missouris_rules_hold(text: str) -> None:
    assert parse_rule(text).evaluate(missouri) is True


def test_a_difference_is_read_from_left_to_right_and_may_fall_below_zero() -> None:
    assert parse_derived("discharged - located + returned_to_care").evaluate(missouri) == -6


@pytest.mark.parametrize(
    ("comparison", "holds"),
    [
        ("<=", (True, True, False)),
        (">=", (False, True, True)),
        ("<", (True, False, False)),
        (">", (False, False, True)),
        ("=", (False, True, False)),
    ],
)
def test_each_comparison_below_at_and_above_equality(comparison: str, holds: tuple[bool, bool, bool]) -> None:
    rule = parse_rule(f"a {comparison} b")
    for a, expected in zip((4, 5, 6), holds, strict=True):
        figures = {("a", None): a, ("b", None): 5}
        assert rule.evaluate(lambda *cell, figures=figures: figures[cell]) is expected
    assert comparison in COMPARISONS


def test_money_stays_exact() -> None:
    seized = {"seized": Decimal("0.30"), "returned": Decimal("0.10")}
    assert parse_derived("seized - returned").evaluate(lambda measure, _: seized[measure]) == Decimal("0.20")


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("victims_rescued", None),
        ("victims_rescued.minor", "minor"),
        ('victims_rescued."minor"', "minor"),
        ('victims_rescued."missing child"', "missing child"),
        ('victims_rescued."17 < age"', "17 < age"),
        ('victims_rescued."so-called ""client"""', 'so-called "client"'),
        ('victims_rescued."Überstellt"', "Überstellt"),
        (" victims_rescued . minor ", "minor"),
    ],
)
def test_a_category_is_named_after_a_dot_in_quotation_marks_where_it_is_not_a_plain_word(text: str, category: str | None) -> None:
    assert parse_derived(text) == Sum(((1, "victims_rescued", category),))


def test_a_parsed_rule_says_its_parts_and_the_cells_it_speaks_of() -> None:
    rule = parse_rule('a.minor+b-a<=c."x y"')
    assert rule == Rule(Sum(((1, "a", "minor"), (1, "b", None), (-1, "a", None))), "<=", Sum(((1, "c", "x y"),)))
    assert rule.measures() == {("a", "minor"), ("b", None), ("a", None), ("c", "x y")}
    assert str(rule) == 'a.minor + b - a <= c."x y"'


@pytest.mark.parametrize(
    ("text", "column", "said"),
    [
        ("", 1, "Expected a measure"),
        ("located", 8, "one of the comparisons"),
        ("located <=", 11, "Expected a measure here, not the end"),
        ("located <= 90", 12, "A number such as 90 has no place here"),
        ("located == listed", 9, "'==' is not one of the comparisons"),
        ("located ≤ listed", 9, "'≤' is not one of the comparisons"),
        ("located => listed", 9, "'=>' is not one of the comparisons"),
        ("located <= listed <= wanted", 19, "a second one"),
        ("2 * located <= listed", 1, "A number such as 2"),
        ("located * listed <= wanted", 9, "no products and no parentheses"),
        ("(located) <= listed", 1, "no products and no parentheses"),
        ("-located <= listed", 1, "Expected a measure"),
        ("located - - listed = wanted", 11, "Expected a measure"),
        ("located – listed = wanted", 9, "plain sign -"),
        ("Located <= listed", 1, "small letters"),
        ("a" * 64 + " <= listed", 1, "up to 63"),
        ("victims.missing child <= listed", 17, "in quotation marks"),
        ("victims.Minor <= listed", 9, '"Minor"'),
        ("victims. <= listed", 10, "Expected a category"),
        ('victims."" <= listed', 9, "1 to 80 characters; this one has 0"),
        (f'victims."{"x" * 81}" <= listed', 9, "this one has 81"),
        ('victims."minor <= listed', 9, "never closed"),
        ("victims.“minor” <= listed", 9, "straight"),
        ("located; drop", 8, "not ';'"),
        ("__import__ <= listed", 1, "'__import__' is not a measure's code"),
        ("located\u200b <= listed", 8, "U+200B"),
        ("located <= listed" + " " * 300, 301, "at most 300"),
    ],
)
def test_a_rule_that_does_not_parse_says_what_is_wrong_and_where(text: str, column: int, said: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_rule(text)
    assert caught.value.column == column
    assert str(caught.value).startswith(f"Column {column}: ") and said in str(caught.value)


@pytest.mark.parametrize(("text", "column"), [("located <= listed", 9), ("located listed", 9), ("located +", 10), ("", 1)])
def test_a_derived_measure_is_a_sum_and_nothing_more(text: str, column: int) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_derived(text)
    assert caught.value.column == column


def test_the_bound_is_the_300th_character_also_when_written_back_with_spaces() -> None:
    assert len(str(parse_derived("+".join("a" * 75)))) == 297
    for too_long in ("+".join("a" * 76), " " * 300 + "a"):
        with pytest.raises(ExpressionError, match="at most 300"):
            parse_derived(too_long)


measures = st.from_regex(r"[a-z][a-z0-9_]{0,12}", fullmatch=True)
categories = st.none() | measures | st.text(min_size=1, max_size=20)
sums = st.lists(st.tuples(st.sampled_from([1, -1]), measures, categories), min_size=1, max_size=4).map(
    lambda terms: Sum(((1, *terms[0][1:]), *terms[1:]))
)
rules = st.builds(Rule, sums, st.sampled_from(sorted(COMPARISONS)), sums).filter(lambda rule: len(str(rule)) <= LONGEST)


@given(sums.filter(lambda total: len(str(total)) <= LONGEST))
def test_every_sum_parses_back_from_its_own_text(total: Sum) -> None:
    assert parse_derived(str(total)) == total


@given(rules)
def test_every_rule_parses_back_from_its_own_text(rule: Rule) -> None:
    assert parse_rule(str(rule)) == rule


@given(rules)
def test_a_rule_means_the_same_without_its_spaces(rule: Rule) -> None:
    """Checked on rules whose categories hold none themselves."""
    if not any(category and not category.isidentifier() for _, category in rule.measures()):
        assert parse_rule(str(rule).replace(" ", "")) == rule


garbage = st.text(max_size=320) | st.text(alphabet='ab_9.+-<>="” \n*()', max_size=40)
slips = st.tuples(rules.map(str), st.integers(0, LONGEST), st.text(max_size=3)).map(
    lambda slip: slip[0][: slip[1]] + slip[2] + slip[0][slip[1] + 1 :]
)


@given(garbage | slips)
def test_whatever_is_written_either_parses_and_survives_a_round_trip_or_is_refused_in_a_sentence(text: str) -> None:
    for parse in (parse_derived, parse_rule):
        try:
            parsed = parse(text)
        except ExpressionError as refusal:
            assert str(refusal).endswith(".") and 1 <= refusal.column <= LONGEST + 1
        else:
            assert parse(str(parsed)) == parsed


@given(sums, st.dictionaries(st.none() | categories, st.integers(0, 10**12)))
def test_a_sum_comes_to_what_adding_by_hand_gives(total: Sum, known: dict[str | None, int]) -> None:
    by_hand = 0
    for sign, _, category in total.terms:
        by_hand = by_hand + known.get(category, 7) if sign == 1 else by_hand - known.get(category, 7)
    assert total.evaluate(lambda _, category: known.get(category, 7)) == by_hand
