"""The spoken line, pure: what is written is read again, and whatever one symbol or one swap makes of it is found or changes nothing."""

from __future__ import annotations

import json
import random
import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from coordinator.operations.letters import LETTERS, lettered
from coordinator.reports import saying, spoken
from coordinator.reports.saying import Book, Cell, Misheard, read, write

VECTORS = json.loads((Path(__file__).parent / "spoken_lines.json").read_text())
"""Operations, reports and their lines, as the hub and the phone both write them."""

TYPED = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-.?+ #,abz%é\t"
LATEST = datetime(2021, 8, 27, 12, tzinfo=UTC)


def book_of(operation: dict[str, Any]) -> Book:
    """The book of an operation as the API shows it."""
    cells = {
        letter: Cell(measure["code"], category, measure["scale"])
        for measure in operation["measures"]
        for category, letter in operation["letters"][measure["code"]].items()
    }
    return Book(operation["code"], frozenset(unit["code"] for unit in operation["units"]), cells)


BOOK = book_of(VECTORS["operation"])


def written(body: dict[str, Any], key: str) -> str | None:
    """The line of a report."""
    return write(BOOK, body, datetime.fromisoformat(body["observed_at"]), key)


def some_body(rng: random.Random) -> dict[str, Any]:
    """A report such as a phone makes."""
    at = LATEST - timedelta(milliseconds=rng.randrange(10**9))
    unit, basis = rng.choice(sorted(BOOK.units)), rng.choice(("increment", "increment", "to_date"))
    body: dict[str, Any] = {"unit": unit, "basis": basis, "observed_at": at.isoformat(timespec="milliseconds"), "lines": []}
    if rng.random() < 0.1:
        return body | {"basis": "increment", "nil": True}
    helpers = rng.sample([code for code in sorted(BOOK.units) if code != unit], rng.choice((0, 0, 0, 1, 2)))
    for letter in rng.sample(sorted(BOOK.cells), rng.randrange(1, 5)):
        body["lines"].append(_line(rng, BOOK.cells[letter], helpers if basis == "increment" else []))
    if basis == "increment" and rng.random() < 0.2:
        body["joint_action"] = spoken.fresh(rng.randrange)
    return body


def _line(rng: random.Random, cell: Cell, helpers: list[str]) -> dict[str, Any]:
    line: dict[str, Any] = {"measure": cell.measure} | ({} if cell.category == "unspecified" else {"category": cell.category})
    if rng.random() < 0.1:
        return line | {"unquantified": "a large amount"}
    whole = rng.randrange(10 ** rng.randrange(1, 13))
    quantity = f"{whole}.{rng.choice((0, 0, rng.randrange(100))):02}" if cell.scale else whole
    return line | {"quantity": quantity} | ({"assisting": helpers} if helpers else {})


def some_lines(seed: int, many: int) -> list[tuple[dict[str, Any], str]]:
    """Reports and their lines."""
    rng = random.Random(seed)
    bodies = [some_body(rng) for _ in range(many)]
    return [(body, line) for body in bodies if (line := written(body, str(uuid.UUID(int=rng.getrandbits(128), version=4)))) is not None]


def told(body: dict[str, Any]) -> dict[str, Any]:
    """What a line says of a report: its second, its figures exactly, and no words."""
    at = datetime.fromisoformat(body["observed_at"]).replace(microsecond=0)
    lines = [
        {"measure": line["measure"], "category": line.get("category", "unspecified")}
        | ({"quantity": Decimal(line["quantity"])} if "quantity" in line else {"unquantified": saying.SOME})
        | {"assisting": sorted(line.get("assisting", []))}
        for line in body["lines"]
    ]
    rest = {"joint_action": body["joint_action"]} if "joint_action" in body else {}
    return {"unit": body["unit"], "basis": body["basis"], "at": at, "nil": bool(body.get("nil")), "lines": lines} | rest


def heard(line: str) -> dict[str, Any]:
    """What is read in a line, in the same form."""
    content = read(BOOK, line, LATEST).content
    lines = [one | ({"quantity": Decimal(one["quantity"])} if "quantity" in one else {}) for one in content["lines"]]
    rest = {"joint_action": content["joint_action"]} if "joint_action" in content else {}
    return {name: content[name] for name in ("unit", "basis", "nil")} | {"at": content["observed_at"], "lines": lines} | rest


def test_the_phone_and_the_hub_write_the_same_line() -> None:
    assert [written(one["body"], one["key"]) for one in VECTORS["reports"]] == [one["line"] for one in VECTORS["reports"]]


def test_what_is_written_is_read_again_however_it_is_typed(seed: int) -> None:
    for body, line in some_lines(seed, 400):
        assert heard(line) == told(body), line
        head, check = line.split("#")
        first, *rest = head.split(" ", 2)
        loose = f"{first.lower()} {rest[0].lower()} {rest[1].replace('0', 'o')}#{check[0]} {check[1].lower()}  \n"
        if not any("0" in group for group in rest[1].split() if group.startswith("+")):  # in a unit's code O and 0 are two things
            assert heard(loose) == told(body), loose


def test_every_substitution_and_every_swap_of_neighbours_is_found_or_changes_nothing(seed: int) -> None:
    """Of each line, all that can come of one symbol: a wrong one at any place, any two neighbours the other way round."""
    tried = 0
    for body, line in some_lines(seed, 20):
        changed = {line[:at] + other + line[at + 1 :] for at in range(len(line)) for other in TYPED}
        changed |= {line[:at] + line[at + 1] + line[at] + line[at + 2 :] for at in range(len(line) - 1)}
        for other in changed - {line}:
            tried += 1
            try:
                assert heard(other) == told(body), f"{other} was taken for {line}"
            except Misheard:
                continue
    assert tried > 20 * 1000


def test_the_group_that_was_misheard_is_among_those_that_are_doubted(seed: int) -> None:
    rng = random.Random(seed)
    for _, line in some_lines(seed, 200):
        at = rng.choice([at for at, symbol in enumerate(line) if symbol.isdigit() and " " in line[:at]] or [len(line) - 1])
        wrong = line[:at] + rng.choice([digit for digit in "23456789" if digit != line[at]]) + line[at + 1 :]
        with pytest.raises(Misheard) as found:
            read(BOOK, wrong, LATEST)
        assert wrong.split()[line[:at].count(" ")] in found.value.doubtful, (line, wrong)
        assert len(found.value.doubtful) <= 6


GOOD = VECTORS["reports"][0]["line"]
HEAD, CHECK = GOOD.split(" #")


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "ends in #"),
        ("KY NEW A46", "ends in #"),
        (HEAD, "ends in #"),
        (f"{HEAD} #{CHECK} #{CHECK}", "ends in #"),
        ("KY NEW #R7", "too short"),
        (GOOD.replace(" NEW", "  NEW"), "Two spaces"),
        (" " + GOOD, "Two spaces"),
        (GOOD.replace("KY", "K*"), "stands in no line"),
        (f"{HEAD} A46 #{CHECK}", "no single symbol explains it"),
    ],
)
def test_a_line_that_is_none_says_what_is_wrong_with_it(typed: str, sentence: str) -> None:
    with pytest.raises(Misheard, match=sentence):
        read(BOOK, typed, LATEST)


@pytest.mark.parametrize(
    ("groups", "sentence"),
    [
        ("ZZ NEW A46", "no unit ZZ"),
        ("KY OLD A46", "NEW, ALL or NIL"),
        ("KY NEW Z46", "Z46: nothing in this operation is said so"),
        ("KY NEW A46.5", "A46.5: nothing"),
        ("KY NEW A9999999999999", "nothing in this operation"),
        ("KY NEW +ZZ A1", r"\+ZZ"),
        ("KY NEW A46 J7K2MQ", "J7K2MQ"),
        ("KY NIL A46", "does not fit together"),
        ("KY NEW", "does not fit together"),
        ("KY NEW A46 A47", "does not fit together"),
    ],
)
def test_a_line_that_checks_and_is_none_of_this_operation_is_refused_all_the_same(groups: str, sentence: str) -> None:
    with pytest.raises(Misheard, match=sentence):
        read(BOOK, saying._checked(BOOK, f"{groups} 000 000 000"), LATEST)


def test_a_line_of_another_operation_does_not_check() -> None:
    exercise = Book(BOOK.code + "-ex1", BOOK.units, BOOK.cells)
    with pytest.raises(Misheard):
        read(exercise, GOOD, LATEST)


def test_a_mark_speaks_of_the_last_moment_it_can_mean() -> None:
    key = str(uuid.uuid4())
    for days in (0, 1, 100, 387, 10_000):
        at = LATEST - timedelta(days=days, seconds=7)
        mark = saying.mark(at + timedelta(milliseconds=999), key)
        assert mark is not None and saying.observed(mark, LATEST) == at
    assert saying.mark(LATEST, "a key of one's own") is None


def test_a_letter_once_given_stays_whatever_is_added_or_removed() -> None:
    cells = [
        ("arrests", "Arrests made", "unspecified"),
        ("victims", "Victims rescued", "minor"),
        ("victims", "Victims rescued", "unspecified"),
    ]
    first = lettered({}, cells)
    assert first == {"arrests": {"unspecified": "A"}, "victims": {"minor": "M", "unspecified": "V"}}
    later = lettered(first, [("apart", "Arrests apart", "unspecified"), ("movements", "Movements", "unspecified")])
    assert later == first | {"apart": {"unspecified": "R"}, "movements": {"unspecified": "E"}}


def test_there_are_letters_for_any_number_of_cells() -> None:
    many = lettered({}, [(f"m{n}", "Iou 1", "unspecified") for n in range(450)])
    letters = [letter for categories in many.values() for letter in categories.values()]
    assert len(set(letters)) == 450 and set("".join(letters)) <= set(LETTERS) and max(map(len, letters)) == 3
