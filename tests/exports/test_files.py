"""Files that workers make: asked for once, made once, seen on the way, fetched until they expire, taken up again when left."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from coordinator import jobs
from coordinator.db import driver_url, transaction
from coordinator.exports import files, making
from coordinator.exports.formats import FORMATS
from tests.conftest import Caller
from tests.exports.conftest import Told
from tests.exports.test_formats import asked
from tests.totals.evening import Evening


def ask(evening: Evening, **content: Any) -> dict[str, Any]:
    """The desk asks for a file."""
    answer = evening.desk.post(f"{evening.path}/exports", {"format": "pdf"} | content)
    assert answer.status_code == 202, answer.json
    return dict(answer.json)


def read(evening: Evening, id: str) -> dict[str, Any]:
    """How far it is."""
    return dict(evening.desk.get(f"{evening.path}/exports/{id}").json)


@pytest.fixture
def aged(owner_url: str) -> Callable[[str, str], None]:
    """Makes a moment of a file an hour older, as only the owner of the tables can."""

    def change(id: str, column: str) -> None:
        engine = create_engine(driver_url(owner_url))
        with engine.begin() as connection:
            connection.execute(text(f"UPDATE exports SET {column} = {column} - interval '25 hours' WHERE id = :id"), {"id": id})
        engine.dispose()

    return change


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_a_worker_made_is_the_one_that_is_answered_at_once(published: Told, sent: list[jobs.Job], form: str) -> None:
    evening = published("oak-grove-2020")
    made = ask(evening, format=form)
    assert (made["state"], made["progress"], made["download"]) == ("waiting", 0.0, None)
    evening.say(unit=evening.catalogue.units[0].code)
    evening.fold()
    assert jobs.MakeExport(made["id"]) in sent
    assert evening.desk.get(f"{evening.path}/exports/{made['id']}/file").status_code == 409
    making.make(uuid.UUID(made["id"]))
    ready = read(evening, made["id"])
    assert (ready["state"], ready["progress"]) == ("ready", 1.0)
    fetched = evening.desk.client.get(ready["download"], headers=evening.desk.headers)
    assert fetched.data == asked(evening, form, at=made["position"]), "of the position at which it was asked for"
    assert fetched.headers["Content-Disposition"].endswith(f'-{made["position"]}.{form}"')


def test_a_file_is_made_once_however_often_the_message_comes(published: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    evening = published("oak-grove-2020")
    made, begun = ask(evening), []
    whole = making._read
    monkeypatch.setattr(making, "_read", lambda export: begun.append(export.id) or making.make(export.id) or whole(export))
    for _ in range(3):
        making.make(uuid.UUID(made["id"]))
    assert len(begun) == 1, "nor by one that comes while it is being made"


def test_progress_is_that_of_the_work(published: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    evening = published("united-front-2021")
    seen: list[float] = []
    note = files.note
    monkeypatch.setattr(files, "note", lambda id, attempt, progress: seen.append(progress) or note(id, attempt, progress))
    making.make(uuid.UUID(ask(evening)["id"]))
    assert len(seen) > 20, "each step of the night that is counted tells"
    assert seen == sorted(seen)


def test_what_a_killed_worker_left_is_taken_up_again_and_given_up_after_three_times(
    published: Told, sent: list[jobs.Job], aged: Callable[[str, str], None]
) -> None:
    evening = published("oak-grove-2020")
    id = ask(evening)["id"]
    for attempt in range(1, files.ATTEMPTS + 1):
        with transaction():
            assert files.take(uuid.UUID(id)) is not None
            assert files.take(uuid.UUID(id)) is None, "someone is at it"
        sent.clear()
        with transaction():
            files.tend()
        assert jobs.MakeExport(id) not in sent, "it was heard of just now"
        aged(id, "seen_at")
        with transaction():
            files.tend()
        assert (jobs.MakeExport(id) in sent) == (attempt < files.ATTEMPTS)
    assert read(evening, id)["state"] == "failed"


def test_one_who_was_taken_for_dead_and_was_not_changes_nothing(published: Told, aged: Callable[[str, str], None]) -> None:
    id = uuid.UUID(ask(published("oak-grove-2020"))["id"])
    with transaction():
        files.take(id)
    aged(str(id), "seen_at")
    with transaction():
        second = files.take(id)
        assert second is not None
        assert second.attempts == 2
        files.put(id, 1, b"late")
        files.put(id, 2, b"in time")
    with transaction() as session:
        assert session.scalar(text("SELECT content FROM exports WHERE id = :id"), {"id": id}) == b"in time"


def test_a_file_that_can_t_be_made_says_so(published: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    evening = published("oak-grove-2020")
    made = ask(evening)
    monkeypatch.setattr(making, "_written", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        making.make(uuid.UUID(made["id"]))
    assert read(evening, made["id"])["state"] == "failed"
    answer = evening.desk.get(f"{evening.path}/exports/{made['id']}/file")
    assert (answer.status_code, answer.json["type"]) == (409, "/problems/export-not-ready")


def test_a_file_that_has_expired_is_gone_and_is_forgotten(published: Told, aged: Callable[[str, str], None]) -> None:
    evening = published("oak-grove-2020")
    id = ask(evening, format="csv")["id"]
    making.make(uuid.UUID(id))
    aged(id, "expires_at")
    for path in ("", "/file"):
        assert evening.desk.get(f"{evening.path}/exports/{id}{path}").status_code == 404
    with transaction():
        files.tend()
    with transaction() as session:
        assert session.scalar(text("SELECT count(*) FROM exports WHERE id = :id"), {"id": id}) == 0


def test_the_same_request_is_the_same_file_and_members_see_their_own_alone(published: Told, create_token: Callable[..., Caller]) -> None:
    evening = published("oak-grove-2020")
    twice = [evening.desk.post(f"{evening.path}/exports", {"format": "csv"}, "one").json["id"] for _ in range(2)]
    assert len(set(twice)) == 1
    liaison = create_token("liaison", evening.catalogue.code, evening.catalogue.units[0].code)
    assert liaison.post(f"{evening.path}/exports", {"format": "csv"}).status_code == 403
    assert liaison.get(f"{evening.path}/exports").json["items"] == []
    assert liaison.get(f"{evening.path}/exports/{twice[0]}").status_code == 404
    assert [one["id"] for one in evening.desk.get(f"{evening.path}/exports").json["items"]] == [twice[0]]
