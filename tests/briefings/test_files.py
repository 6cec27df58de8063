"""Files of a pack: of a few kinds, really of them, not too large, and handed out so that they run nowhere."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from coordinator.operations.catalogue import Catalogue
from tests.briefings.conftest import Briefed, pack
from tests.conftest import Caller

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


def send(briefed: Briefed, name: str, content: bytes, caller: Caller | None = None) -> Any:
    by = caller or briefed.desk
    return by.client.post(f"/api/v1{briefed.path}/files", query_string={"name": name}, data=content, headers=by.headers)


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("rules.pdf", b"%PDF-1.7\n...", "application/pdf"),
        ("map.PNG", PNG, "image/png"),
        ("gate.jpeg", b"\xff\xd8\xff\xe0...", "image/jpeg"),
        ("rules.txt", "Zähle einmal.\r\n".encode(), "text/plain; charset=utf-8"),
        ("rules.md", b"# Rules\n<script>alert(1)</script>", "text/markdown; charset=utf-8"),
        ("codes.csv", b"a,b\n1,2\n", "text/csv; charset=utf-8"),
    ],
)
def test_a_file_is_read_as_it_was_sent_and_runs_nowhere(briefed: Briefed, liaison: Caller, name: str, content: bytes, kind: str) -> None:
    sent = send(briefed, name, content)
    assert (sent.status_code, sent.json["kind"], sent.json["size"]) == (201, kind, len(content))
    assert sent.json["sha256"] == hashlib.sha256(content).hexdigest()
    briefed.publish(files=[sent.json["id"]])
    assert liaison.get(f"{briefed.path}/1").json["files"] == [sent.json]
    read = liaison.get(f"{briefed.path}/files/{sent.json['id']}")
    assert (read.data, read.content_type) == (content, kind)
    assert read.headers["Content-Disposition"] == f"attachment; filename={name}"
    assert read.headers["X-Content-Type-Options"] == "nosniff"
    assert read.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


@pytest.mark.parametrize(
    ("name", "content", "status", "told"),
    [
        ("film.mp4", b"...", 415, "film.mp4 is of a kind that is not taken. A briefing takes PDF, PNG, JPEG, plain text"),
        ("page.html", b"<p>", 415, "page.html is of a kind that is not taken."),
        ("rules", b"x", 415, "rules is of a kind that is not taken."),
        ("rules.pdf", b"<script>alert(1)</script>", 415, "rules.pdf is not what its name says: it is empty, or of another kind."),
        ("map.png", b"%PDF-1.7", 415, "map.png is not what its name says"),
        ("rules.txt", b"MZ\x00\x03", 415, "rules.txt is not what its name says"),
        ("rules.csv", b"\xff\xfe", 415, "rules.csv is not what its name says"),
        ("rules.txt", b"", 415, "rules.txt is not what its name says"),
        ("rules.pdf", b"%PDF-" + bytes(5 * 1024 * 1024), 413, "rules.pdf is larger than 5 MB."),
    ],
)
def test_what_is_too_large_or_of_another_kind_is_said_plainly(briefed: Briefed, name: str, content: bytes, status: int, told: str) -> None:
    refused = send(briefed, name, content)
    assert (refused.status_code, refused.content_type) == (status, "application/problem+json")
    assert refused.json["detail"].startswith(told)


def test_a_file_is_of_one_operation_and_sent_by_its_desk(
    briefed: Briefed, liaison: Caller, create_operation: Callable[..., Catalogue], create_token: Callable[..., Caller]
) -> None:
    assert send(briefed, "rules.txt", b"x", liaison).status_code == 403
    elsewhere = create_operation()
    other = Briefed(elsewhere, create_token("desk", elsewhere.code))
    foreign = send(other, "rules.txt", b"x").json["id"]
    assert briefed.desk.get(f"{briefed.path}/files/{foreign}").status_code == 404
    assert list(briefed.desk.post(briefed.path, pack(files=[foreign])).json["errors"]) == ["/files/0"]
