"""The parts of an operation: adding, changing and removing units, measures, categories, rules and derived measures.

Everything is given by code: what is new is added, what is there is changed, what is not named stays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy import delete, select

from coordinator.db import session
from coordinator.errors import InUse, Invalid
from coordinator.fields import moment_text
from coordinator.operations import headlines
from coordinator.operations.catalogue import letters_of
from coordinator.operations.expressions import Cell, ExpressionError, parse_derived, parse_rule
from coordinator.operations.models import BUILT_IN, UNSPECIFIED, Category, Measure, Operation, Unit

RELATIONS = ("rules", "derived", "headlines")
"""Members of an operation that speak of its measures by code."""

KEEPERS = {
    "units": "units below it",
    "reports": "reports",
    "lines": "figures",
    "cells": "figures",
    "grants": "a token or device that speaks for it, also one that was revoked",
    "invited_units": "an invitation, also one that was taken or revoked",
    "cadences": "an interval of its own",
    "contacts": "someone named to call",
    "addresses": "an address for deliveries, also one that was removed",
    "check_ins": "a check-in",
    "calls": "calls",
    "addressees": "bulletins that were said to it",
}
"""What keeps a unit or measure from being removed, by the table that it stands in."""


def check_codes(content: dict[str, Any]) -> None:
    """Refuses with Invalid a list that names a code twice: which of the two is meant nobody knows."""
    for member in ("measures", "rules", "derived", "headlines", "units"):
        codes = [one["code"] for one in content.get(member, [])]
        twice = [code for code, times in Counter(codes).items() if times > 1]
        if twice:
            raise Invalid.at(f"/{member}", f"Names {', '.join(twice)} twice.")


def put_measures(operation: Operation, given: list[dict[str, Any]]) -> None:
    """Adds measures and categories; unit of count and scale of an existing measure stay (InUse)."""
    known = {measure.code: measure for measure in _rows(Measure, operation)}
    for number, content in enumerate(given):
        measure = known.get(content["code"])
        if measure is None:
            measure = known[content["code"]] = Measure(
                operation_id=operation.id,
                code=content["code"],
                label=content["label"],
                unit=content["unit"],
                scale=content.get("scale", 0),
                definition=content.get("definition"),
            )
            session().add(measure)
            session().flush()
        else:
            _change_measure(measure, content)
        _put_categories(measure, content.get("categories", []), f"/measures/{number}/categories")


def _change_measure(measure: Measure, content: dict[str, Any]) -> None:
    if content["unit"] != measure.unit or content.get("scale", measure.scale) != measure.scale:
        raise InUse(f"{measure.code} keeps its unit of count and scale. Add a measure with another code instead.")
    measure.label = content["label"]
    measure.definition = content.get("definition", measure.definition)


def _put_categories(measure: Measure, names: list[str], pointer: str) -> None:
    if len(set(names)) < len(names):
        raise Invalid.at(pointer, "Names a category twice.")
    known = set(session().scalars(select(Category.name).where(Category.measure_id == measure.id)))
    wanted = [*names, *([] if UNSPECIFIED in names else [UNSPECIFIED])]
    for name in wanted:
        if name not in known:
            session().add(Category(operation_id=measure.operation_id, measure_id=measure.id, name=name))
            session().flush()


def put_letters(operation: Operation) -> None:
    """Gives each category that has none the letter it will be said with."""
    operation.letters = letters_of(operation, _rows(Measure, operation), _rows(Category, operation))


def put_units(operation: Operation, given: list[dict[str, Any]]) -> None:
    """Adds units and changes what may change; kind and parent of an existing unit stay (InUse)."""
    known = {unit.code: unit for unit in _rows(Unit, operation)}
    built_in = {f"/units/{number}/code": [f"{one['code']} is built in."] for number, one in enumerate(given) if one["code"] in BUILT_IN}
    if built_in:
        raise Invalid(built_in)
    for content in _parents_first(given, known):
        parent = known[content["parent"]] if content.get("parent") else None
        if parent is not None and parent.id is None:
            session().flush()  # its id is needed now; units of one level go to the database together
        unit = known.get(content["code"])
        if unit is None:
            known[content["code"]] = _add_unit(operation, content, parent)
        else:
            _change_unit(unit, content, parent)
    session().flush()


def _add_unit(operation: Operation, content: dict[str, Any], parent: Unit | None) -> Unit:
    unit = Unit(operation_id=operation.id, code=content["code"], kind=content["kind"], parent_id=parent.id if parent else None)
    _set_unit(unit, content)
    session().add(unit)
    return unit


def _change_unit(unit: Unit, content: dict[str, Any], parent: Unit | None) -> None:
    if content["kind"] != unit.kind or ("parent" in content and unit.parent_id != (parent.id if parent else None)):
        raise InUse(f"{unit.code} keeps its kind and its place in the tree. Add a unit with another code instead.")
    _set_unit(unit, content)


def _set_unit(unit: Unit, content: dict[str, Any]) -> None:
    unit.name = content["name"]
    unit.level, unit.time_zone = content.get("level", unit.level), content.get("time_zone", unit.time_zone)
    unit.expected = content.get("expected", content["kind"] == "jurisdiction" if unit.expected is None else unit.expected)
    if "conducted_separately" in content:
        unit.conducted_separately = _separately(content["conducted_separately"])


def _separately(given: dict[str, Any] | None) -> dict[str, Any] | None:
    if given is None:
        return None
    return {"starts_at": moment_text(given["starts_at"]), "ends_at": moment_text(given["ends_at"]), "footnote": given["footnote"]}


def _parents_first(given: list[dict[str, Any]], known: dict[str, Unit]) -> list[dict[str, Any]]:
    """The units with each parent before its children; a parent that is nowhere or a circle is refused."""
    by_code = {content["code"]: content for content in given}
    ordered: dict[str, dict[str, Any]] = {}
    for number, content in enumerate(given):
        chain = _chain(content, by_code, known, f"/units/{number}/parent")
        ordered.update((one["code"], one) for one in reversed(chain) if one["code"] not in ordered)
    return list(ordered.values())


def _chain(content: dict[str, Any], by_code: dict[str, dict[str, Any]], known: dict[str, Unit], pointer: str) -> list[dict[str, Any]]:
    chain = {content["code"]: content}
    while parent := content.get("parent"):
        if parent in BUILT_IN or (parent not in by_code and parent not in known):
            raise Invalid.at(pointer, f"There is no unit {parent} to stand below.")
        if parent in chain:
            raise Invalid.at(pointer, "The units stand below each other in a circle.")
        if parent not in by_code:
            break
        content = chain[parent] = by_code[parent]
    return list(chain.values())


def put_relations(operation: Operation, content: dict[str, Any]) -> None:
    """Adds or changes rules, derived measures and headlines, then checks that all of them speak of measures that are there."""
    for member in RELATIONS:
        kept = {one["code"]: one for one in getattr(operation, member)}
        kept.update((one["code"], one) for one in content.get(member, []))
        setattr(operation, member, list(kept.values()))
    check_relations(operation, content)


def check_relations(operation: Operation, content: dict[str, Any]) -> None:
    """Refuses with Invalid a rule, derived measure or headline that does not parse, names what is not there or joins what does not belong.

    One that was there before ``content`` and no longer holds can only have lost a measure it speaks of.
    """
    known, errors = _known(operation), dict[str, list[str]]()
    for member, text, problem in _CHECKS:
        given = {one["code"]: f"/{member}/{number}/{text}" for number, one in enumerate(content.get(member, []))}
        named = known | {(one["code"], None) for one in operation.derived} if member == "headlines" else known
        for one in getattr(operation, member):
            found = problem(one[text], named)
            if found:
                said = found if one["code"] in given else f"{one['code']} is {one[text]}. {found}"
                errors.setdefault(given.get(one["code"], "/remove/measures"), []).append(said)
    if errors:
        raise Invalid(errors)


def _known(operation: Operation) -> set[Cell]:
    """Every measure and category of the operation."""
    names = (
        select(Measure.code, Category.name).join(Category, Category.measure_id == Measure.id).where(Measure.operation_id == operation.id)
    )
    known: set[Cell] = {(measure, category) for measure, category in session().execute(names)}
    return known | {(measure, None) for measure, _ in known}


def _expression_problem(parse: Callable[[str], Any], expression: str, known: set[Cell]) -> str | None:
    try:
        unknown = parse(expression).measures() - known
    except ExpressionError as problem:
        return str(problem)
    return f"There is no measure {', '.join(sorted('.'.join(filter(None, name)) for name in unknown))}." if unknown else None


_CHECKS: tuple[tuple[str, str, Callable[[str, set[Cell]], str | None]], ...] = (
    ("rules", "expression", partial(_expression_problem, parse_rule)),
    ("derived", "expression", partial(_expression_problem, parse_derived)),
    ("headlines", "text", headlines.problem),
)
"""Member, where its text stands, and what finds fault with the text among the figures there are."""


def kept_by(table: str) -> str:
    """Why something can't be removed, and what to do instead."""
    return (
        f"It stays: it has {KEEPERS.get(table, 'entries on the record')}. Nothing was changed. "
        "A unit that takes no part after all can be changed to one that is not expected to report."
    )


def remove(operation: Operation, what: dict[str, Any]) -> None:
    """Removes by code; the database refuses, with an IntegrityError, what has reports, figures, tokens, bulletins or units below it.

    All of a kind in one statement, so that it does not matter in which order units above and below each other are named.
    """
    built_in = [code for code in what.get("units", []) if code in BUILT_IN]
    if built_in:
        raise InUse(f"{built_in[0]} is built in.")
    units = [_one(Unit, operation, code, "/remove/units").id for code in what.get("units", [])]
    measures = [_one(Measure, operation, code, "/remove/measures").id for code in what.get("measures", [])]
    session().execute(delete(Unit).where(Unit.id.in_(units)))
    session().execute(delete(Category).where(Category.measure_id.in_(measures)))
    session().execute(delete(Measure).where(Measure.id.in_(measures)))
    for member in RELATIONS:
        kept = [one for one in getattr(operation, member) if one["code"] not in what.get(member, [])]
        setattr(operation, member, kept)


def _one(table: Any, operation: Operation, code: str, pointer: str) -> Any:
    found = session().scalars(select(table).filter_by(operation_id=operation.id, code=code)).one_or_none()
    if found is None:
        raise Invalid.at(pointer, f"There is no {code} to remove.")
    return found


def _rows(table: Any, operation: Operation) -> list[Any]:
    return list(session().scalars(select(table).filter_by(operation_id=operation.id).order_by(table.id)))
