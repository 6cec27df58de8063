"""A report that can't be folded is set aside with an alarm, and holds up no other."""

from __future__ import annotations

import psycopg
import pytest
from sqlalchemy.exc import OperationalError

from coordinator.db import transaction
from coordinator.totals import fold, folding
from tests.totals.evening import Evening, arrests


def spoil(evening: Evening, owner: psycopg.Connection, report_id: str) -> None:
    """Makes a report nobody can fold: by hand, its unit becomes the nation, of which no unit's lineage is known."""
    owner.execute("ALTER TABLE reports DISABLE TRIGGER sealed")
    try:
        owner.execute(
            "UPDATE reports SET unit_id = (SELECT id FROM units WHERE operation_id = %s AND code = 'NATIONAL') WHERE id = %s",
            (evening.id, report_id),
        )
    finally:
        owner.execute("ALTER TABLE reports ENABLE TRIGGER sealed")


def mend(evening: Evening, owner: psycopg.Connection, report_id: str) -> None:
    owner.execute("ALTER TABLE reports DISABLE TRIGGER sealed")
    owner.execute(
        "UPDATE reports SET unit_id = (SELECT id FROM units WHERE operation_id = %s AND code = 'KY') WHERE id = %s", (evening.id, report_id)
    )
    owner.execute("ALTER TABLE reports ENABLE TRIGGER sealed")


@pytest.mark.parametrize("place", [0, 3, 6])
def test_all_others_are_folded_wherever_the_spoilt_one_waits(evening: Evening, owner: psycopg.Connection, place: int) -> None:
    said = [evening.say(arrests(1)) for _ in range(7)]
    spoil(evening, owner, said[place])
    assert folding.fold_waiting(evening.id) == 6
    assert (evening.nation(), evening.totals()["position"]) == (6, 6)
    (alarm,) = evening.totals()["alarms"]
    assert alarm["code"] == "report-set-aside"
    assert alarm["detail"] == "1 report can't be folded and set aside; the totals are without them."
    assert [one["report"] for one in alarm["differences"]] == [said[place]]
    assert evening.differences() == []
    with transaction():
        assert evening.id not in fold.stale(0)


def test_once_mended_it_is_taken_up_and_counts(evening: Evening, owner: psycopg.Connection) -> None:
    said = [evening.say(arrests(1)) for _ in range(3)]
    spoil(evening, owner, said[1])
    folding.fold_waiting(evening.id)
    mend(evening, owner, said[1])
    with transaction():
        assert fold.take_up(evening.id) == 1
    assert folding.fold_waiting(evening.id) == 1
    assert (evening.nation(), evening.totals()["alarms"], evening.differences()) == (3, [], [])


def test_a_correction_of_what_was_set_aside_waits_beside_it(evening: Evening, owner: psycopg.Connection) -> None:
    said = evening.say(arrests(1))
    spoil(evening, owner, said)
    assert folding.fold_waiting(evening.id) == 0
    mend(evening, owner, said)
    evening.correct(said, arrests(5))
    evening.say(arrests(2))
    assert (folding.fold_waiting(evening.id), evening.nation()) == (1, 2)
    with transaction():
        assert fold.take_up(evening.id) == 2
    assert (folding.fold_waiting(evening.id), evening.nation(), evening.differences()) == (2, 7, [])


def test_a_database_that_can_t_be_reached_is_not_blamed_on_reports(evening: Evening, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object) -> int:
        raise OperationalError("SELECT", {}, OSError("gone"))

    evening.say(arrests(1))
    with monkeypatch.context() as away:
        away.setattr(fold, "fold", gone)
        with pytest.raises(OperationalError):
            folding.fold_waiting(evening.id)
    assert (folding.fold_waiting(evening.id), evening.totals()["alarms"]) == (1, [])
