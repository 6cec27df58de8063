"""Two people sign at once, and a report comes between: there is one release or none, and no report that was taken is missing in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from coordinator.operations.catalogue import Catalogue
from tests.conftest import Caller, fold_all, report_body
from tests.hubs import LONG
from tests.races.conftest import at_once, compared
from tests.releases.signing import Signing
from tests.totals.evening import arrests

ROUNDS = 60 if LONG else 12


@pytest.fixture
def create_signed(create_operation: Callable[..., Catalogue], create_token: Callable[..., Caller]) -> Callable[[], Signing]:
    """Makes an operation of which nothing is open any more."""

    def create() -> Signing:
        night = Signing(create_operation("reconciling"), create_token)
        night.say(arrests(3))
        night.fold()
        night.waive_all()
        return night

    return create


def ready(night: Signing, caller: Caller, poster: Callable[..., Caller]) -> Callable[[], Any]:
    """The desk's signature under what there is now, to be sent when it is called."""
    seen, own = night.state(caller), poster(caller)
    body = {"position": seen["position"], "digest": seen["draft"]["digest"]}
    return lambda: own.post(f"{night.path}/certification/signatures", body)


def releases(night: Signing) -> list[dict[str, Any]]:
    """What has been released."""
    return list(night.desk.get(f"{night.path}/releases").json["items"])


def test_two_people_of_the_desk_sign_at_once_and_make_one_release(create_signed: Any, poster: Any) -> None:
    for _ in range(ROUNDS):
        night = create_signed()
        answers = at_once(*(ready(night, caller, poster) for caller in (night.desk, night.second)))
        assert [answer.status_code for answer in answers] == [201, 201], [answer.json for answer in answers]
        assert sorted(answer.json["release"] is None for answer in answers) == [False, True]
        assert [(one["number"], night.phase()) for one in releases(night)] == [(1, "certified")]


def test_one_person_who_signs_twice_at_once_has_signed_once(create_signed: Any, poster: Any) -> None:
    for _ in range(ROUNDS):
        night = create_signed()
        answers = at_once(*(ready(night, night.desk, poster) for _ in range(2)))
        assert sorted(answer.status_code for answer in answers) == [201, 409]
        assert (releases(night), night.phase()) == ([], "reconciling")


def test_a_report_that_comes_between_is_in_the_release_or_refused(create_signed: Any, poster: Any) -> None:
    seen: Counter[tuple[int, int]] = Counter()
    for _ in range(ROUNDS):
        night = create_signed()
        assert ready(night, night.desk, poster)().status_code == 201
        liaison = poster(night.create_token("liaison", night.catalogue.code, "KY"))
        second = ready(night, night.second, poster)
        signed, posted = at_once(second, lambda night=night, liaison=liaison: liaison.post(f"{night.path}/reports", report_body()))
        seen[signed.status_code, posted.status_code] += 1
        fold_all(night.id)
        if signed.status_code == 201:
            assert posted.json["type"] == "/problems/operation-not-open"
            assert releases(night)[0]["position"] == night.totals()["position"] == 1
        else:
            assert (signed.json["type"], posted.status_code) == ("/problems/position-moved", 201)
            assert (releases(night), night.phase(), night.totals()["position"]) == ([], "reconciling", 2)
        assert compared(night.id).holds
    assert set(seen) <= {(201, 409), (409, 201)}, seen


def test_two_liaisons_of_a_unit_sign_at_once_and_one_signature_stands(create_signed: Any, create_token: Any, poster: Any) -> None:
    for _ in range(ROUNDS):
        night = create_signed()
        seen = night.unit_state("KY")
        body = {"unit": "KY", "position": seen["position"], "digest": seen["digest"]}
        callers = [poster(create_token("liaison", night.catalogue.code, "KY")) for _ in range(2)]
        answers = at_once(
            *(lambda caller=caller, path=night.path, body=body: caller.post(f"{path}/signatures", body) for caller in callers)
        )
        assert sorted(answer.status_code for answer in answers) == [201, 409]
        assert night.unit_state("KY")["state"] == "signed"


def test_a_unit_that_reports_while_it_is_signed_is_not_signed_any_more(create_signed: Any, create_token: Any, poster: Any) -> None:
    for _ in range(ROUNDS):
        night = create_signed()
        liaison = create_token("liaison", night.catalogue.code, "KY")
        seen = night.unit_state("KY")
        body = {"unit": "KY", "position": seen["position"], "digest": seen["digest"]}
        one, other = poster(liaison), poster(liaison)
        signed, posted = at_once(
            lambda one=one, path=night.path, body=body: one.post(f"{path}/signatures", body),
            lambda other=other, night=night: (other.post(f"{night.path}/reports", report_body()), fold_all(night.id))[0],
        )
        assert posted.status_code == 201
        assert signed.status_code in (201, 409)
        fold_all(night.id)
        assert night.unit_state("KY")["state"] == ("fallen" if signed.status_code == 201 else "unsigned")
