"""Random nights on the real database against the oracle: in every cell, at every position, as of any moment, in any order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from coordinator.access.actor import Actor
from coordinator.db import session, transaction
from coordinator.operations.catalogue import Catalogue
from coordinator.totals import document, fold, reading, recount
from coordinator.totals.figures import Figures
from coordinator.totals.models import SeriesRow
from tests.conftest import Caller, actor_of, fold_all
from tests.totals.nights import Night, arrivals, groupings, moments, nights
from tests.totals.playing import Expected, Played, nightly, operation_of

Series = dict[tuple[str, str, str], dict[datetime, int]]


@pytest.fixture
def actor(create_token: Callable[..., Caller]) -> Actor:
    """An admin, who may post in every operation."""
    return actor_of(create_token())


@nightly(40)
@given(data=st.data(), night=nights(most=10), when=st.lists(moments, max_size=2))
def test_a_night_folded_in_any_grouping_is_what_the_oracle_counts_now_then_and_at_every_position(
    actor: Actor, data: st.DataObject, night: Night, when: list[datetime]
) -> None:
    played = Played(operation_of(night), actor)
    for group in data.draw(groupings(night.records)):
        played.post_all(group)
        assert _fold(played.catalogue) == len(group)
    at = data.draw(st.integers(0, len(night.records)))
    with transaction(snapshot=True):
        _equals(played.catalogue, reading.now(played.catalogue), Expected(night, night.records))
        assert _series(played.catalogue) == Expected(night, night.records).series()
        for position in range(len(night.records) + 1):
            _equals_then(played.catalogue, Expected(night, night.records, None, position))
        for moment in when:
            _equals_then(played.catalogue, Expected(night, night.records, moment))
            _equals_then(played.catalogue, Expected(night, night.records, moment, at))
        assert recount.compare(played.catalogue.id).differences == []


@nightly(40)
@given(data=st.data(), night=nights(most=10), as_of=moments)
def test_the_order_of_arrival_the_grouping_into_folds_and_repeats_change_nothing(
    actor: Actor, data: st.DataObject, night: Night, as_of: datetime
) -> None:
    played, arrived = Played(operation_of(night), actor), data.draw(arrivals(night.records))
    for group in data.draw(groupings(arrived)):
        played.post_all(group)
        _repeat(played, data.draw(st.lists(st.sampled_from(arrived), max_size=3)))
        assert fold_all(played.catalogue.id, data.draw(st.sampled_from([1, 2, fold.MOST]))) == len(group)
        _repeat(played, data.draw(st.lists(st.sampled_from(arrived), max_size=3)))
        assert _fold(played.catalogue) == 0
    with transaction(snapshot=True):
        assert reading.standing_position(played.catalogue.id) == len(night.records)
        _equals(played.catalogue, reading.now(played.catalogue), Expected(night, night.records))
        assert _series(played.catalogue) == Expected(night, night.records).series()
        _equals_then(played.catalogue, Expected(night, night.records, as_of))
        assert recount.compare(played.catalogue.id).differences == []


def _fold(catalogue: Catalogue) -> int:
    with transaction():
        return fold.fold(catalogue.id)


def _repeat(played: Played, records: list[Any]) -> None:
    """Posts again, with the key it came with, whatever of these has been posted; the first receipt comes back."""
    with transaction():
        assert all(played.post(record) for record in records if record.id in played.receipts)


def _equals_then(catalogue: Catalogue, expected: Expected) -> None:
    figures = reading.then(catalogue, expected.as_of, expected.at)
    _equals(catalogue, figures, expected)
    if expected.as_of is not None:
        shown = document.national(catalogue, figures)
        for minutes in (15, 60):
            assert {code: one[f"last_{minutes}_minutes"] for code, one in shown.items()} == expected.recent(minutes)


def _equals(catalogue: Catalogue, figures: Figures, expected: Expected) -> None:
    """Every figure, credit and word, of every unit and of the nation."""
    shown = document.totals(catalogue, figures)
    assert {unit["code"]: unit["measures"] for unit in shown["units"]} == expected.units()
    assert {code: _without_recent(one) for code, one in shown["national"].items()} == expected.national()
    hearings = {unit.code: figures.hearings[unit.id] for unit in catalogue.units if unit.id in figures.hearings}
    assert {code for code, one in hearings.items() if one.reports} == expected.heard()
    assert {code for code, one in hearings.items() if one.reports and not one.with_figures} == expected.nil()
    tops = {unit.code for unit in catalogue.expected}
    assert shown["reporting"]["heard"] == len(expected.heard() & tops)
    assert set(shown["reporting"]["nil"]) == expected.nil() & tops


def _without_recent(measure: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in measure.items() if not name.startswith("last_")}
    return kept | {"unquantified": sorted(measure["unquantified"])}


def _series(catalogue: Catalogue) -> Series:
    """Every unit's series by minute, the nation's apart: what it is made of must add up to it."""
    found: Series = defaultdict(dict)
    nation: dict[tuple[int, datetime], int] = defaultdict(int)
    for row in session().scalars(select(SeriesRow).where(SeriesRow.operation_id == catalogue.id, SeriesRow.change != 0)):
        if row.unit_id == catalogue.nation:
            nation[row.category_id, row.minute] += int(row.change)
        else:
            unit = catalogue.unit_by_id[row.unit_id]
            measure, category = catalogue.measure_of_category[row.category_id]
            found[unit.code, measure.code, category][row.minute] = int(row.change)
            if unit.parent is None:
                nation[row.category_id, row.minute] -= int(row.change)
    assert not any(nation.values())
    return found
