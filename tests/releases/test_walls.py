"""What the database holds of certification, with every check of the application gone round."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from coordinator.db import transaction
from tests.conftest import Caller
from tests.people import Browser, new_account
from tests.releases.signing import Signing
from tests.structure.test_record import CHECK, FOREIGN_KEY, NO_RIGHT, UNIQUE, refused, write

BROKEN = "23000"

SIGNATURE = """
    INSERT INTO signatures (id, operation_id, kind, unit_id, number, position, digest, right_id, account_id, person, name)
    VALUES (:id, :operation, :kind, :unit, :number, :position, :digest, :right, :account, :person, 'x')
"""
RELEASE = """
    INSERT INTO releases (operation_id, number, position, status, content, digest, previous_digest, signed, released_by, released_at)
    VALUES (:operation, :number, :position, :status, :content, :digest, :previous, :signed, :right, now())
"""
SIGNED = hashlib.sha256(b"what the desk signs").digest()
CONTENT = b"{}"


def desk_signature(night: Signing, caller: Caller, **members: Any) -> dict[str, Any]:
    """A row of the desk's signature by a token."""
    row = {"id": uuid.uuid4(), "operation": night.id, "kind": "desk", "unit": None, "number": 1, "position": 3, "digest": SIGNED}
    return row | {"right": caller.id, "account": None, "person": caller.id} | members


def release(night: Signing, **members: Any) -> dict[str, Any]:
    """A row of a release."""
    row = {"operation": night.id, "number": 1, "position": 3, "status": "certified", "content": CONTENT, "previous": None}
    return row | {"digest": hashlib.sha256(CONTENT).digest(), "signed": SIGNED, "right": night.desk.id} | members


def test_a_release_has_the_signatures_of_two_people_under_just_this(night: Signing) -> None:
    assert "two people" in refused(BROKEN, RELEASE, **release(night))
    write(SIGNATURE, **desk_signature(night, night.desk))
    assert "two people" in refused(BROKEN, RELEASE, **release(night))
    refused(UNIQUE, SIGNATURE, **desk_signature(night, night.desk))
    for members in ({"digest": bytes(32)}, {"number": 2}, {"position": 2}):
        write(SIGNATURE, **desk_signature(night, night.second, **members))
        assert "two people" in refused(BROKEN, RELEASE, **release(night))
    namesake = night.create_token("desk", night.catalogue.code, name="  DESK ")
    write(SIGNATURE, **desk_signature(night, namesake))
    assert "of different names" in refused(BROKEN, RELEASE, **release(night))
    third = night.create_token("desk", night.catalogue.code, name="third")
    write(SIGNATURE, **desk_signature(night, third))
    write(RELEASE, **release(night))


def test_nobody_signs_as_someone_else(night: Signing, create_token: Callable[..., Caller]) -> None:
    account = new_account("desk", night.catalogue.code)
    refused(CHECK, SIGNATURE, **desk_signature(night, night.desk, person=night.second.id))
    refused(NO_RIGHT, SIGNATURE, **desk_signature(night, night.desk, account=account.id, person=account.id))
    elsewhere = create_token("liaison", night.catalogue.code, "KY")
    refused(NO_RIGHT, SIGNATURE, **desk_signature(night, elsewhere))
    refused(NO_RIGHT, SIGNATURE, **desk_signature(night, create_token("observer", night.catalogue.code)))
    unit = {"kind": "unit", "unit": night.catalogue.unit_by_code["KY"].id, "number": None}
    refused(NO_RIGHT, SIGNATURE, **desk_signature(night, night.desk, **unit))
    write(SIGNATURE, **desk_signature(night, elsewhere, **unit))
    refused(UNIQUE, SIGNATURE, **desk_signature(night, elsewhere, **unit))


def test_a_desk_of_another_operation_signs_nothing_here(night: Signing, create_operation: Any, create_token: Callable[..., Caller]) -> None:
    foreign = create_token("desk", create_operation().code)
    refused(NO_RIGHT, SIGNATURE, **desk_signature(night, foreign))


def test_releases_follow_each_other_without_a_gap_and_an_amendment_has_its_reason_first(certified: Signing) -> None:
    with transaction() as session:
        last = session.scalar(text("SELECT digest FROM releases WHERE operation_id = :id"), {"id": certified.id})
    second = {"number": 2, "status": "amended-1", "previous": last}
    for caller in (certified.desk, certified.second):
        write(SIGNATURE, **desk_signature(certified, caller, number=2))
        write(SIGNATURE, **desk_signature(certified, caller, number=3))
    amendment = "INSERT INTO amendments (operation_id, number, amends, reason, name) VALUES (:operation, :number, :amends, :reason, 'x')"
    assert "needs its reason" in refused(BROKEN, RELEASE, **release(certified, **second))
    refused(CHECK, amendment, operation=certified.id, number=2, amends=1, reason="")
    refused(CHECK, amendment, operation=certified.id, number=3, amends=1, reason="skips one")
    refused(FOREIGN_KEY, amendment, operation=certified.id, number=3, amends=2, reason="of nothing")
    write(amendment, operation=certified.id, number=2, amends=1, reason="counted again")
    refused(UNIQUE, amendment, operation=certified.id, number=2, amends=1, reason="once more")
    for members in ({"number": 3, "status": "amended-2"}, {"previous": bytes(32)}, {"previous": None}, {"position": 2}):
        assert "follows the one before" in refused(BROKEN, RELEASE, **release(certified, **(second | members)))
    refused(CHECK, RELEASE, **release(certified, **(second | {"status": "certified"})))
    refused(CHECK, RELEASE, **release(certified, **(second | {"content": b"forged"})))
    write(RELEASE, **release(certified, **second))


@pytest.fixture
def people(night: Signing) -> tuple[Browser, Browser]:
    """The same account in two browsers."""
    account = new_account("desk", night.catalogue.code)
    browsers = Browser(night.desk.client.application), Browser(night.desk.client.application)
    for one in browsers:
        one.headers = {"Tallyroom-Operation": night.catalogue.code}
        one.sign_in(account)
    return browsers


def test_an_account_is_one_person_in_however_many_browsers(night: Signing, people: tuple[Browser, Browser]) -> None:
    night.waive_all()
    here, there = (_signed(night, one) for one in people)
    assert (here.status_code, here.json["release"]) == (201, None)
    assert (there.status_code, there.json["type"]) == (409, "/problems/signed-already")
    other = Browser(night.desk.client.application)
    other.sign_in(new_account("desk", night.catalogue.code))
    assert _signed(night, other).json["release"]["number"] == 1


def _signed(night: Signing, browser: Browser) -> Any:
    seen = browser.get(f"{night.path}/certification").json
    body = {"position": seen["position"], "digest": seen["draft"]["digest"]}
    return browser.post(f"{night.path}/certification/signatures", body)
