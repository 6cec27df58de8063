"""The public form: what it shows in every format, what it never says, and that what was published binds what comes later."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from coordinator.exports.formats import FORMATS
from tests.conftest import Caller
from tests.exports.conftest import Told
from tests.exports.nights import FIVE
from tests.exports.test_formats import asked, squeezed, text_of
from tests.totals.evening import Evening, arrests


def publish(evening: Evening, **place: int) -> dict:
    """The desk publishes."""
    answer = evening.desk.post(f"{evening.path}/publications", place)
    assert answer.status_code == 201, answer.json
    return dict(answer.json)


def rows(evening: Evening, **query: object) -> dict[tuple[str, str, str], int | None]:
    """The rows of the public form."""
    told = json.loads(asked(evening, "json", public="true", **query))["rows"]
    return {(row["unit"], row["measure"], row["category"]): row["quantity"] for row in told}


def test_united_front_s_public_form_shows_the_nation_and_the_large_states(published: Told) -> None:
    evening = published("united-front-2021")
    evening.fold()
    made = publish(evening)
    told = rows(evening)
    assert told["NATIONAL", "arrests", "all"] == 102
    assert {unit: told[unit, "arrests", "all"] for unit in ("KY", "IA", "SD", "MO")} == {"KY": 46, "IA": 11, "SD": None, "MO": None}
    assert told["NATIONAL", "victims_rescued", "all"] == 47
    assert ("NATIONAL", "victims_rescued", "minor") not in told
    assert (told["MO", "services_provided", "all"], told["UNATTRIBUTED", "services_provided", "all"]) == (11, 30)
    assert {one["measure"]: one["shows"] for one in made["measures"]}["arrests"] == "units"


@pytest.mark.parametrize("name", FIVE)
def test_no_format_of_a_public_form_holds_a_small_count(published: Told, name: str) -> None:
    evening = published(name)
    publish(evening)
    told = [quantity for (_, measure, _), quantity in rows(evening).items() if evening.catalogue.measure_by_code[measure].scale == 0]
    assert told
    assert not [quantity for quantity in told if quantity in range(1, 11)]
    assert all(row["assisted"] is None for row in json.loads(asked(evening, "json", public="true"))["rows"])


def test_the_public_paper_says_what_it_is_and_leaves_out_charts_remarks_on_figures_and_what_people_wrote(published: Told) -> None:
    evening = published("united-front-2021")
    publish(evening)
    said = text_of(asked(evening, "pdf", public="true"))
    for told in (
        "This is the public form",
        "PUBLIC FORM",
        "hidden",
        "South Dakota: conducted apart from the operation's window".replace("'", "’"),
    ):
        assert squeezed(told) in said.replace("'", "’"), told
    for untold in ("In the totals: 9 arrests made", "2 minor", "30 of the 41", "by jurisdiction", "Sturgis"):
        assert squeezed(untold) not in said, untold


def test_every_format_of_a_publication_is_the_same_file_whatever_comes_later(published: Told) -> None:
    evening = published("united-front-2021")
    position = publish(evening)["position"]
    first = {form: asked(evening, form, public="true") for form in FORMATS}
    evening.say(arrests(40), unit="TX")
    evening.fold()
    assert {form: asked(evening, form, public="true", at=position) for form in FORMATS} == first


def test_what_is_hidden_once_stays_hidden_and_what_was_shown_is_left_out_when_it_would_have_to_be(published: Told) -> None:
    evening = published("united-front-2021")
    publish(evening)
    evening.say(arrests(40), unit="TX")
    evening.fold()
    publish(evening)
    assert rows(evening)["TX", "arrests", "all"] is None, "42 by now, and still hidden"
    first = evening.say(arrests(3), unit="US")
    evening.fold()
    publish(evening)
    assert rows(evening)["NATIONAL", "arrests", "all"] is None, "the partners had nothing, and 3 of theirs would show as the difference"
    assert rows(evening)["NATIONAL", "services_provided", "all"] == 41
    evening.withdraw(first)
    evening.fold()
    publish(evening)
    assert rows(evening)["NATIONAL", "arrests", "all"] == 142


def test_the_same_place_is_published_once_however_many_ask_at_the_same_time(published: Told, app: Flask) -> None:
    evening = published("oak-grove-2020")
    path, headers = f"/api/v1{evening.path}/publications", evening.desk.headers
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: app.test_client().post(path, json={}, headers=headers), range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({json.dumps(answer.json, sort_keys=True) for answer in answers}) == 1
    assert len(evening.desk.get(f"{evening.path}/publications").json["items"]) == 1


def test_nothing_is_public_before_the_desk_has_published_it(published: Told, create_token: Callable[..., Caller]) -> None:
    evening = published("oak-grove-2020")
    observer = create_token("observer", evening.catalogue.code)
    assert evening.desk.get(f"{evening.path}/statistics.csv", public="true").status_code == 404
    assert observer.post(f"{evening.path}/publications", {}).status_code == 403
    publish(evening)
    assert evening.desk.get(f"{evening.path}/statistics.csv", public="true").status_code == 200
    assert observer.get(f"{evening.path}/statistics.csv", public="true").status_code == 403
