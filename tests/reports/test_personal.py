"""Figures only: what looks like a person is refused at the door, and nothing of it is kept or written anywhere."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest

from coordinator.reports.personal import complaint, looks_like
from tests.conftest import Caller, report_body

PERSONAL = {
    "a social security number": ["123-45-6789", "123 45 6789", "SSN 123456789", "ssn: 123-45-6789", "(123-45-6789)"],
    "an e-mail address": ["jane.doe@example.org", "write to j+d@mail.example.co.uk now"],
    "a telephone number": [
        "816-555-0123",
        "call (816) 555-0123",
        "(816)555-0123",
        "816.555.0123",
        "816 555 0123",
        "+1 816 555 0123",
        "1-816-555-0123",
        "+18165550123",
        "phone 8165550123",
        "cell: 5550123",
    ],
    "a date of birth": [
        "DOB 3/4/1990",
        "dob: 1990-03-04",
        "D.O.B. 03041990",
        "born March 3",
        "born on 3/4/90",
        "date of birth 4 March",
        "birthdate: 1990",
    ],
    "a licence plate": ["plate ABC 123", "MO plate no. AB1 C2D", "license plate: 7ABC123", "licence plate number X1-YZ2"],
    "a case number": [
        "case no. 21-1234",
        "Case #2021-55",
        "case number: CR00123",
        "incident no 4711",
        "docket #4",
        "case 21-CR-00123",
        "incident 2021-004711",
    ],
    "a name with a date of birth": ["Jane Doe 3/14/1985", "John Q Public, 03-14-1990", "Jane Doe (1985-03-14)"],
}

HARMLESS = [
    "second location cleared",
    "3 arrests at 22:15, 2 at 23:00",
    "2021-08-26 18:00 to 06:00",
    "Clay County 08/26/2021",
    "Kansas City 2021-08-26",
    "large amount",
    "about $12,500 in cash",
    "USD 12500.00",
    "12 of 41 received services",
    "route 71, exit 4",
    "room 123 45 beds",
    "in case 3 units arrive",
    "case closed",
    "one case of 12 bottles",
    "newborn unharmed",
    "license plates checked: all",
    "1000000 pills",
    "call sign 7",
    "Missouri State Highway Patrol Troop C",
    "10-4",
    "99.5 kg",
]


@pytest.mark.parametrize(("what", "text"), [(what, text) for what, texts in PERSONAL.items() for text in texts])
def test_what_looks_like_a_person_is_named(what: str, text: str) -> None:
    assert looks_like(text) == what
    assert looks_like(f"cleared; {text}. more later") == what


@pytest.mark.parametrize("text", HARMLESS)
def test_what_a_liaison_would_write_is_let_through(text: str) -> None:
    assert looks_like(text) is None


def test_nothing_is_said_of_nothing() -> None:
    assert complaint(None) is None
    assert complaint("") is None


@pytest.mark.parametrize("text", [texts[0] for texts in PERSONAL.values()])
def test_every_free_text_of_a_report_is_looked_at(
    kentucky: Caller, reports: str, text: str, leaves_no_trace: Callable[[], bool], capfd: pytest.CaptureFixture[str]
) -> None:
    sentence = f"This looks like {looks_like(text)}. Tallyroom takes figures only: leave out whatever could identify a person."
    id = "00000000-0000-7000-8000-000000000000"
    given = {
        "/note": report_body(note=f"cleared, {text}"),
        "/reason": report_body(corrects=id, reason=text),
        "/lines/0/unquantified": report_body(lines=[{"measure": "currency_seized", "unquantified": text}]),
    }
    for pointer, body in given.items():
        answer = kentucky.post(reports, body)
        assert (answer.status_code, answer.json["errors"]) == (422, {pointer: [sentence]})
        assert text not in answer.get_data(as_text=True)
    batch = json.dumps(given["/note"] | {"idempotency_key": "k"}).encode()
    answer = kentucky.client.post(f"/api/v1{reports}/batch", data=batch, content_type="application/x-ndjson", headers=kentucky.headers)
    assert json.loads(answer.data)["problem"]["errors"] == {"/note": [sentence]}
    assert leaves_no_trace()
    out, err = capfd.readouterr()
    assert text not in out + err, "nor in any log"


def test_the_reason_of_a_withdrawal_is_looked_at(kentucky: Caller, reports: str) -> None:
    id = kentucky.post(reports, report_body()).json["id"]
    answer = kentucky.post(f"{reports}/{id}/withdrawal", {"reason": "wrong person, DOB 3/4/1990"})
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["/reason"])


def test_a_long_text_takes_no_time_to_look_at() -> None:
    for letter in ("a", "1", "1 ", "a.", "(", "case ", "A B", "Aa "):
        assert looks_like(letter * (1000 // len(letter))) is None


def test_nor_does_a_page_of_a_briefing_or_a_picture_that_was_pasted_into_one() -> None:
    for text in ("plate " + "a" * 20_000, "a" * 20_000, "a." * 10_000, "case no " + "a-" * 10_000, "phone " + "1" * 20_000, "x+y" * 6_000):
        began = time.process_time()
        looks_like(text)
        assert time.process_time() - began < 1, text[:10]
