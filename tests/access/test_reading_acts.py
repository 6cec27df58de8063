"""The audit record as it is read: by a desk what was done to its operation, by an admin all of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from coordinator.operations.catalogue import Catalogue
from tests.conftest import Caller


@pytest.fixture
def changed(desk: Caller, operation: Catalogue) -> str:
    """The address of the acts on an operation whose desk has named it three times."""
    for name in ("First", "Second", "Third"):
        assert desk.patch(f"/operations/{operation.code}", {"name": name}).status_code == 200
    return f"/operations/{operation.code}/audit"


def acts(answer: Any) -> list[str]:
    """What was done, as listed."""
    assert answer.status_code == 200, answer.json
    return [item["act"] for item in answer.json["items"]]


def test_a_desk_reads_who_did_what_to_its_operation_newest_first(desk: Caller, changed: str, operation: Catalogue) -> None:
    answer = desk.get(changed)
    assert acts(answer) == [*["operation changed"] * 3, "token issued", "phase live", "phase briefing", "operation created"]
    newest, oldest = answer.json["items"][0], answer.json["items"][-1]
    assert newest["actor"] == {"id": desk.id, "name": "desk"}
    assert (newest["origin"], newest["operation"], newest["detail"]) == ("127.0.0.1", operation.code, {"members": ["name"]})
    assert newest["at"] > oldest["at"]
    assert (oldest["actor"], oldest["origin"]) == ({"id": None, "name": "command line"}, "console")


def test_it_is_read_page_by_page_and_narrowed(desk: Caller, changed: str) -> None:
    whole = desk.get(changed).json["items"]
    found, cursor = [], {}
    while cursor is not None:
        answer = desk.get(changed, limit=2, **cursor)
        found += answer.json["items"]
        cursor = answer.json["next"] and {"cursor": answer.json["next"]}
    assert found == whole
    assert acts(desk.get(changed, act="phase live")) == ["phase live"]
    assert acts(desk.get(changed, act="no such act")) == []
    assert acts(desk.get(changed, since=whole[1]["at"])) == ["operation changed"] * 2
    assert list(desk.get(changed, cursor="eA").json["errors"]) == ["/cursor"]
    assert list(desk.get(changed, since="yesterday").json["errors"]) == ["/since"]


def test_an_admin_reads_every_operations_acts_and_those_on_none(
    create_token: Callable[..., Caller], create_operation: Callable[..., Catalogue]
) -> None:
    admin, codes = create_token(), {create_operation().code, create_operation().code}
    found = admin.get("/audit", limit=200).json["items"]
    assert codes <= {item["operation"] for item in found}
    assert None in {item["operation"] for item in found}, "an admin's token is of no operation"
    assert len({item["id"] for item in found}) == len(found)


def test_its_page_asks_for_nothing_that_can_not_be_written(create_token: Callable[..., Caller]) -> None:
    admin = create_token()
    for asked in ("act", "since", "cursor"):
        answer = admin.client.get("/audit", query_string={asked: "a\x00b"}, headers=admin.headers | {"Accept": "text/html"})
        assert answer.status_code == 200
