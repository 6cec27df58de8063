"""Reading operations: one, and lists of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from coordinator.doors import cursor
from coordinator.operations.catalogue import Catalogue
from tests.conftest import Caller


@pytest.fixture
def admin(create_token: Callable[..., Caller]) -> Caller:
    """An admin."""
    return create_token()


def test_an_admin_sees_all_newest_first_a_page_at_a_time(admin: Caller, create_operation: Callable[..., Catalogue]) -> None:
    made = [create_operation("planned").code for _ in range(5)]
    seen: list[str] = []
    after: dict[str, str] = {}
    while len(seen) < 5:
        page = admin.get("/operations", limit=2, **after).json
        seen += [item["code"] for item in page["items"]]
        after = {"cursor": page["next"]}
    assert seen[:5] == list(reversed(made))


def test_the_last_page_has_no_next(admin: Caller, create_operation: Callable[..., Catalogue]) -> None:
    create_operation("planned")
    after: dict[str, str] = {}
    for _ in range(1000):
        page = admin.get("/operations", limit=200, **after).json
        if page["next"] is None:
            break
        after = {"cursor": page["next"]}
    assert page["next"] is None


@pytest.mark.parametrize("role", ["desk", "liaison", "observer"])
def test_whoever_belongs_to_one_operation_sees_that_one(operation: Catalogue, create_token: Callable[..., Caller], role: str) -> None:
    caller = create_token(role, operation.code, *(["KY"] if role == "liaison" else []))
    page = caller.get("/operations").json
    assert ([item["code"] for item in page["items"]], page["next"]) == ([operation.code], None)


def test_an_item_is_the_head_of_its_operation(desk: Caller, operation: Catalogue) -> None:
    [item] = desk.get("/operations").json["items"]
    whole = desk.get(f"/operations/{operation.code}").json
    assert item == {name: whole[name] for name in item}
    assert set(whole) - set(item) == {"measures", "letters", "rules", "derived", "headlines", "units"}


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"limit": 0}, "/limit"),
        ({"limit": 201}, "/limit"),
        ({"limit": -1}, "/limit"),
        ({"limit": "1.5"}, "/limit"),
        ({"limit": ""}, "/limit"),
        ({"limit": "9" * 5000}, "/limit"),
        ({"cursor": ""}, "/cursor"),
        ({"cursor": "!!"}, "/cursor"),
        ({"cursor": "bm8"}, "/cursor"),
        ({"cursor": "LTE"}, "/cursor"),
        ({"cursor": "x" * 301}, "/cursor"),
        ({"cursor": "\x00"}, "/cursor"),
        ({"offset": 1}, "/offset"),
    ],
)
def test_a_query_that_can_not_be_is_refused_with_its_name(admin: Caller, query: dict[str, Any], pointer: str) -> None:
    answer = admin.get("/operations", **query)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [pointer])


def test_the_limit_may_be_its_least_and_its_most(admin: Caller, operation: Catalogue) -> None:
    assert len(admin.get("/operations", limit=1).json["items"]) == 1
    assert admin.get("/operations", limit=200).status_code == 200


def test_a_read_that_has_not_changed_is_304(desk: Caller, operation: Catalogue) -> None:
    for path in ("/operations", f"/operations/{operation.code}"):
        first = desk.get(path)
        assert (first.status_code, first.headers["Cache-Control"]) == (200, "no-cache")
        again = desk.get(path, headers={"If-None-Match": f'"other", {first.headers["ETag"]}'})
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", first.headers["ETag"])


@pytest.mark.parametrize("code", ["no-such-operation", "NIGHT", "%00", "%ff", "a%0A", "'%20OR%201=1", "x" * 5000, "%F0%9F%91%AE"])
def test_whatever_stands_in_the_address_an_operation_that_is_not_there_is_404(admin: Caller, code: str) -> None:
    for path in (f"/operations/{code}", f"/operations/{code}/totals", f"/operations/{code}/reports", f"/operations/{code}/stream"):
        answer = admin.get(path)
        assert (answer.status_code, answer.json["type"]) == (404, "/problems/not-found"), path


def test_head_is_get_without_its_body(desk: Caller, operation: Catalogue) -> None:
    path = f"/api/v1/operations/{operation.code}"
    head, got = (desk.client.open(path, method=method, headers=desk.headers) for method in ("HEAD", "GET"))
    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", got.headers["ETag"])


def test_a_cursor_beyond_all_that_is_numbered_is_no_mistake_of_the_hub(desk: Caller, operation: Catalogue) -> None:
    paths = desk.get("/openapi.json").json["paths"]
    lists = [path for path, acts in paths.items() if any(one.get("name") == "cursor" for one in acts.get("get", {}).get("parameters", []))]
    for path in lists:
        for place in ("9" * 18, "2147483648"):
            answer = desk.get(path.removeprefix("/api/v1").replace("{code}", operation.code), cursor=cursor(place))
            assert answer.status_code in (200, 403, 422), path
    assert len(lists) > 15
