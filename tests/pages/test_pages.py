"""Pages as they leave the hub: who gets them, what they may do, how refusals read."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from coordinator.browser import files, parts
from coordinator.browser.wording import figure_text
from coordinator.operations.catalogue import Catalogue
from tests.conftest import Caller

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def complete(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if set-up had fetched all parts: what is looked at here needs none of them."""
    found = app.extensions["tallyroom.files"]
    monkeypatch.setitem(app.extensions, "tallyroom.files", files.Files(found.version, found.by_name, True))


def read(client: FlaskClient, path: str, caller: Caller | None = None) -> object:
    """A page as a browser asks for it."""
    return client.get(path, headers=HTML | (caller.headers if caller else {}))


@pytest.mark.usefixtures("complete")
def test_a_page_may_do_nothing_but_what_comes_from_the_hub(client: FlaskClient, operation: Catalogue, desk: Caller) -> None:
    for path in ("/", f"/operations/{operation.code}/board", "/nowhere"):
        answer = read(client, path, desk)
        policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
        assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.usefixtures("complete")
def test_no_page_has_a_script_or_style_of_its_own_in_it(client: FlaskClient, operation: Catalogue, desk: Caller) -> None:
    html = read(client, f"/operations/{operation.code}/board", desk).text
    assert "<style" not in html and "style=" not in html and "onclick" not in html
    scripts = [piece.split(">")[0] for piece in html.split("<script")[1:]]
    assert all(" src=" in script or 'type="application/json"' in script for script in scripts)


@pytest.mark.usefixtures("complete")
def test_a_refusal_reads_as_a_page_for_people_and_as_a_problem_for_programs(client: FlaskClient) -> None:
    page, problem = read(client, "/nowhere"), client.get("/nowhere")
    assert (page.status_code, page.content_type) == (404, "text/html; charset=utf-8")
    assert "There is nothing at this address" in page.text
    assert (problem.status_code, problem.content_type) == (404, "application/problem+json")


@pytest.mark.usefixtures("complete")
def test_who_must_sign_in_first_is_taken_there_and_a_program_is_told_so(client: FlaskClient) -> None:
    page, problem = read(client, "/"), client.get("/")
    assert (page.status_code, page.headers["Location"]) == (303, "/sign-in?next=%2F")
    assert (problem.status_code, problem.content_type) == (401, "application/problem+json")


def test_under_the_api_a_refusal_is_a_problem_whoever_asks(client: FlaskClient) -> None:
    for path in ("/api/v1/me", "/api/v1/nowhere", "/problems/none", "/static/x/none.js"):
        assert read(client, path).content_type == "application/problem+json", path


def test_without_its_parts_a_page_says_how_to_get_them_and_the_api_goes_on(
    app: Flask, client: FlaskClient, desk: Caller, operation: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.load.cache_clear()
    monkeypatch.setitem(app.extensions, "tallyroom.files", files.load(files.OURS, Path("/nowhere")))
    answer = read(client, f"/operations/{operation.code}/board", desk)
    assert answer.status_code == 503
    assert "python3 -m coordinator.browser.parts" in answer.text
    assert desk.get(f"/operations/{operation.code}/totals").status_code == 200


@pytest.mark.usefixtures("complete")
def test_the_first_page_lists_the_operations_of_whoever_looks(client: FlaskClient, operation: Catalogue, desk: Caller) -> None:
    html = read(client, "/", desk).text
    assert html.count("<article") == 1
    assert f'href="/operations/{operation.code}"' in html
    assert "0 of 2 reporting" in html


@pytest.mark.usefixtures("complete")
def test_an_operations_address_leads_to_where_the_role_begins(client: FlaskClient, operation: Catalogue, desk: Caller) -> None:
    answer = read(client, f"/operations/{operation.code}", desk)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/operations/{operation.code}/board")


@pytest.mark.usefixtures("complete")
@pytest.mark.parametrize("path", ["/operations/{code}/board", "/api/v1/operations/{code}/totals"])
def test_what_is_read_is_squeezed_for_whoever_can_read_that(client: FlaskClient, operation: Catalogue, desk: Caller, path: str) -> None:
    path = path.format(code=operation.code)
    plain = client.get(path, headers=HTML | desk.headers)
    squeezed = client.get(path, headers=HTML | desk.headers | {"Accept-Encoding": "gzip"})
    assert squeezed.headers["Content-Encoding"] == "gzip"
    assert len(squeezed.data) < len(plain.data) / 2
    assert squeezed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"


def test_what_was_squeezed_is_not_sent_again_either(client: FlaskClient, operation: Catalogue, desk: Caller) -> None:
    path = f"/api/v1/operations/{operation.code}"
    asked = desk.headers | {"Accept-Encoding": "gzip"}
    tag = client.get(path, headers=asked).headers["ETag"]
    assert tag.startswith("W/")
    assert client.get(path, headers=asked | {"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize(
    ("figure", "unit", "text"),
    [
        (12500, "persons", "12,500"),
        ("1234567890123456789.05", "USD", "$1,234,567,890,123,456,789.05"),
        ("12500.00", "USD", "$12,500"),
        ("3.500", "kg", "3.500 kg"),
        (0, "persons", "0"),
    ],
)
def test_a_figure_is_written_exactly(figure: int | str, unit: str, text: str) -> None:
    assert figure_text(figure, unit) == text


def test_a_figure_that_is_not_all_says_so() -> None:
    assert figure_text(3, "persons", at_least=True) == "≥ 3"


def test_every_part_that_a_module_or_template_names_is_fetched() -> None:
    assert {"preact.js", "uplot.js", "uplot.css", "public-sans-regular.woff2"} <= set(parts.KEPT)
