"""The files of the pages: kept for ever under their version, small, and of the right kind."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from coordinator.browser import files, parts
from coordinator.browser.files import OURS, Files


@pytest.fixture
def served(app: Flask) -> Files:
    """What the application serves."""
    found: Files = app.extensions["tallyroom.files"]
    return found


def test_a_file_is_kept_for_ever_under_its_version(client: FlaskClient, served: Files) -> None:
    answer = client.get(served.address("css/tallyroom.css"))
    assert answer.content_type == "text/css; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.data == (OURS / "css" / "tallyroom.css").read_bytes()


def test_under_another_version_it_is_todays_and_not_kept(client: FlaskClient) -> None:
    assert client.get("/static/yesterday/css/tallyroom.css").headers["Cache-Control"] == "no-cache"


def test_it_is_squeezed_for_whoever_can_read_that(client: FlaskClient, served: Files) -> None:
    plain = client.get(served.address("js/clock.js"))
    squeezed = client.get(served.address("js/clock.js"), headers={"Accept-Encoding": "br, gzip"})
    assert squeezed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(squeezed.data) == plain.data
    assert plain.headers["Vary"] == squeezed.headers["Vary"] == "Accept-Encoding"
    assert plain.headers["ETag"] != squeezed.headers["ETag"]


def test_what_the_browser_has_is_not_sent_again(client: FlaskClient, served: Files) -> None:
    address = served.address("icon.svg")
    tag = client.get(address).headers["ETag"]
    assert client.get(address, headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize("name", ["js/nothing.js", "../app.py", "%2e%2e/app.py", "vendor/htm.LICENSE", "", "js/"])
def test_nothing_else_is_served(client: FlaskClient, served: Files, name: str) -> None:
    answer = client.get(f"/static/{served.version}/{name}")
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")


def test_the_version_is_another_as_soon_as_a_file_is(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("1")
    first = files.load(tmp_path, tmp_path / "none")
    files.load.cache_clear()
    (tmp_path / "a.js").write_text("2")
    assert files.load(tmp_path, tmp_path / "none").version != first.version
    assert not first.complete


def test_an_address_of_a_file_that_is_not_there_is_a_mistake_found_at_once(served: Files) -> None:
    with pytest.raises(KeyError):
        served.address("js/nothing.js")


def test_modules_import_by_relative_addresses_of_files_that_are_there() -> None:
    known = {path.relative_to(OURS).as_posix() for path in OURS.rglob("*.js")} | {f"vendor/{name}" for name in parts.KEPT}
    for path in OURS.rglob("*.js"):
        for target in re.findall(r"""(?:from|import)\s*\(?\s*["']([^"']+)["']""", path.read_text()):
            assert target.startswith("."), f"{path.name}: {target} is not relative"
            assert (path.parent / target).resolve().relative_to(OURS).as_posix() in known, f"{path.name}: {target} is not there"


def test_no_lock_names_where_packages_are_downloaded() -> None:
    assert "resolved" not in (parts.LOCKS / parts.LOCK).read_text()
    assert "http" not in (parts.LOCKS / parts.LOCK).read_text()
