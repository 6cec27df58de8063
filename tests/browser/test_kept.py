"""What a phone keeps of the liaison's page: all of it, and nothing of an operation."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Callable

import pytest
from flask import Flask

from coordinator.browser import files, parts
from coordinator.operations.catalogue import Catalogue
from coordinator.reports import pages
from tests.conftest import Caller

IMPORTED = re.compile(r'(?:from|import) "([^"]+)"')
NAMED = re.compile(r'url\("([^"]+)"\)')


@pytest.mark.parametrize("name", (*pages.MODULES, *(look for look in pages.LOOKS if look.endswith(".css"))))
def test_whatever_a_kept_file_needs_is_kept(name: str) -> None:
    text = files.load().by_name[name].content.decode()
    needed = {posixpath.normpath(posixpath.join(posixpath.dirname(name), one)) for one in (*IMPORTED.findall(text), *NAMED.findall(text))}
    assert needed <= {*pages.MODULES, *pages.LOOKS, *pages.FONTS, *pages.VENDOR}


def test_what_is_kept_of_others_is_what_set_up_fetches() -> None:
    """A single address that is not there keeps a browser from keeping any of them."""
    assert {*pages.FONTS, *pages.VENDOR} <= {f"vendor/{name}" for name in parts.KEPT}


def test_every_module_of_the_page_is_kept_and_asked_for_by_another(app: Flask) -> None:
    ours = {name for name in files.load().by_name if name.startswith("js/post/")} - {pages.WORKER, pages.BACKGROUND}
    assert ours <= set(pages.MODULES)
    text = "".join(files.load().by_name[name].content.decode() for name in pages.MODULES)
    assert {name for name in pages.MODULES if f'/{name.split("/")[-1]}"' not in text} == {"js/post/app.js"}


def test_the_worker_may_serve_every_operation_and_changes_with_any_file(app: Flask) -> None:
    answer = app.test_client().get("/post/worker.js")
    assert (answer.headers["Service-Worker-Allowed"], answer.headers["Cache-Control"]) == ("/operations/", "no-cache")
    kept = json.loads(answer.text.split("\n")[0].removeprefix("self.KEPT = ").removesuffix(";"))
    assert (kept["version"], kept["shell"]) == (files.load().version, "/post/shell")
    client = app.test_client()
    assert {client.get(address).status_code for address in (*kept["files"], kept["shell"])} == {200}


def test_the_page_that_is_kept_names_no_operation(app: Flask) -> None:
    shell = app.test_client().get("/post/shell")
    assert shell.status_code == 200
    assert "script-src 'self'" in shell.headers["Content-Security-Policy"]
    assert "/operations/" not in shell.text


@pytest.mark.parametrize(("role", "units", "page"), [("liaison", ["KY"], "post"), ("desk", [], "board"), ("observer", [], "board")])
def test_each_role_begins_on_its_own_page(
    create_token: Callable[..., Caller], create_operation: Callable[..., Catalogue], role: str, units: list[str], page: str
) -> None:
    operation = create_operation()
    caller = create_token(role, operation.code, *units)
    answer = caller.client.get(f"/operations/{operation.code}", headers=caller.headers)
    assert answer.headers["Location"] == f"/operations/{operation.code}/{page}"


@pytest.mark.parametrize("name", ["NO", "a b", "x" * 64, "-x"])
def test_a_manifest_is_of_what_can_be_an_operation(app: Flask, name: str) -> None:
    assert app.test_client().get(f"/post/{name}.webmanifest").status_code == 404
    assert app.test_client().get("/post/night-1.webmanifest").json["start_url"] == "/operations/night-1/post"
