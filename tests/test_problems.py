"""Refusals and how each is answered: one class, one row."""

from __future__ import annotations

import inspect
import re

import pytest
from flask.testing import FlaskClient
from structlog.testing import capture_logs

from coordinator import errors, problems
from coordinator.errors import Refusal
from tests.conftest import Caller

REFUSALS = [one for _, one in inspect.getmembers(errors, inspect.isclass) if issubclass(one, Refusal) and one is not Refusal]

MORE = {"errors", "position", "digest", "open", "unit", "version"}
"""Members a problem may have beside those of RFC 9457."""

GIVEN: dict[type[Refusal], Refusal] = {
    errors.Invalid: errors.Invalid.at("/x", "Wrong."),
    errors.TooManyWrites: errors.TooManyWrites(1.5),
    errors.TooManyAttempts: errors.TooManyAttempts(600),
    errors.CheckNotPassed: errors.CheckNotPassed.at("/answers/0", "Read it again."),
    errors.BriefingNotAcknowledged: errors.BriefingNotAcknowledged("Read them first.", "KY", 1),
    errors.PositionMoved: errors.PositionMoved("It has moved.", 3, "sha-256:00"),
    errors.StillOpen: errors.StillOpen("One item is open.", ["unsigned:KY"]),
}


def test_every_refusal_has_a_row_and_every_row_a_refusal() -> None:
    assert set(problems.KINDS) == set(REFUSALS)


def test_no_refusal_is_defined_elsewhere() -> None:
    import coordinator.app  # noqa: F401  (all rooms)

    def below(one: type) -> set[type]:
        return {one, *(inner for sub in one.__subclasses__() for inner in below(sub))}

    assert below(Refusal) - {Refusal} == set(REFUSALS)


def test_names_and_titles_are_unique() -> None:
    kinds = [*problems.KINDS.values(), problems.UNEXPECTED]
    assert len({kind.name for kind in kinds}) == len(kinds)
    assert len({kind.title for kind in kinds}) == len(kinds)


@pytest.mark.parametrize("kind", [*problems.KINDS.values(), problems.UNEXPECTED], ids=lambda kind: kind.name)
def test_a_name_is_a_path_segment_and_a_status_an_error(kind: problems.Kind) -> None:
    assert re.fullmatch(r"[a-z][a-z-]*[a-z]", kind.name)
    assert 400 <= kind.status < 600
    assert not kind.title.endswith(".")


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.__name__)
def test_a_problem_says_what_was_wrong_and_where_its_meaning_can_be_read(client: FlaskClient, refusal: type[Refusal]) -> None:
    one = GIVEN[refusal] if refusal in GIVEN else refusal()
    body, status, _ = problems.problem(one, "/api/v1/x")
    assert set(body) - MORE == {"type", "title", "status", "detail", "instance"}
    assert (body["status"], body["instance"]) == (status, "/api/v1/x")
    assert body["detail"].endswith(".")
    read = client.get(body["type"])
    assert read.status_code == 200
    assert read.json == {"type": body["type"], "title": body["title"], "status": status, "meaning": refusal.__doc__}


def test_a_problem_that_is_none_has_no_page(client: FlaskClient) -> None:
    answer = client.get("/problems/too-good-to-be-true")
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")


def test_who_writes_too_much_is_told_in_whole_seconds_when_to_come_back() -> None:
    for seconds, told in ((0.01, "1"), (1.0, "1"), (1.01, "2"), (59.5, "60")):
        assert problems.problem(errors.TooManyWrites(seconds), "/")[2] == {"Retry-After": told}


def test_when_the_database_is_away_the_answer_says_when_to_repeat() -> None:
    assert problems.problem(errors.Unavailable("x"), "/")[2] == {"Retry-After": "2"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api", 404),
        ("GET", "/api/v1", 404),
        ("GET", "/api/v1/", 404),
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/api/v1/me/", 404),
        ("GET", "/api//v1/me", 404),
        ("GET", "/api/v1/operations/x/reports/not-an-id", 404),
        ("GET", "/api/v2/operations", 404),
        ("POST", "/api/v1/me", 405),
        ("PUT", "/api/v1/operations/x", 405),
        ("DELETE", "/api/v1/operations/x", 405),
        ("TRACE", "/api/v1/operations", 405),
        ("PATCH", "/api/v1/operations/x/reports", 405),
        ("GET", "/api/v1/operations/x/phase", 405),
        ("GET", "/nothing", 404),
        ("POST", "/healthz", 405),
    ],
)
def test_what_is_not_there_is_a_problem_document_and_never_html(client: FlaskClient, method: str, path: str, status: int) -> None:
    answer = client.open(path, method=method)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert (answer.json["status"], answer.json["instance"]) == (status, path)
    if status == 405:
        assert method not in answer.headers["Allow"].split(", ")


def test_a_mistake_of_the_hub_is_a_problem_without_a_trace_of_its_inside(create_token, monkeypatch: pytest.MonkeyPatch) -> None:
    from coordinator.operations import members

    def broken(_: object) -> list[str]:
        raise LookupError("secret: row 42 of tokens")

    caller: Caller = create_token("admin")
    monkeypatch.setattr(members, "unit_codes", broken)
    with capture_logs() as logged:
        answer = caller.get("/me")
    assert "unexpected" in {line["event"] for line in logged}, "it is on the hub's own record"
    assert (answer.status_code, answer.content_type, answer.json["type"]) == (500, "application/problem+json", "/problems/unexpected")
    assert answer.headers["X-Request-Id"] in answer.json["detail"]
    assert not re.search("secret|Traceback|LookupError|42", answer.get_data(as_text=True).replace(answer.headers["X-Request-Id"], ""))


def test_every_answer_carries_the_request_id_it_was_given_or_one_of_its_own(client: FlaskClient) -> None:
    assert client.get("/healthz", headers={"X-Request-Id": "abc"}).headers["X-Request-Id"] == "abc"
    first, second = (client.get("/healthz").headers["X-Request-Id"] for _ in range(2))
    assert first != second
    assert len(client.get("/healthz", headers={"X-Request-Id": "a" * 500}).headers["X-Request-Id"]) == 64


def test_methods_that_are_made_up_are_refused_and_counted_as_one(client: FlaskClient) -> None:
    assert {client.open("/healthz", method=f"MADE-UP-{number}").status_code for number in range(3)} == {405}
    told = client.get("/metrics").get_data(as_text=True)
    assert "MADE-UP" not in told
    assert 'tallyroom_http_answers_total{method="other"' in told
