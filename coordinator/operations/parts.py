"""The parts of an operation: adding, changing and removing units, measures, categories, rules and derived measures.

Everything is given by code: what is new is added, what is there is changed, what is not named stays.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import delete, select

from coordinator.db import session
from coordinator.errors import InUse, Invalid
from coordinator.operations.expressions import ExpressionError, parse_derived, parse_rule
from coordinator.operations.models import NATIONAL, UNATTRIBUTED, UNSPECIFIED, Category, Measure, Operation, Unit


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


def put_units(operation: Operation, given: list[dict[str, Any]]) -> None:
    """Adds units and changes what may change; kind and parent of an existing unit stay (InUse)."""
    known = {unit.code: unit for unit in _rows(Unit, operation)}
    for number, content in enumerate(_parents_first(given, known)):
        if content["code"] in (NATIONAL, UNATTRIBUTED):
            raise Invalid.at(f"/units/{number}/code", f"{content['code']} is built in.")
        parent = known[content["parent"]] if content.get("parent") else None
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
    session().flush()
    return unit


def _change_unit(unit: Unit, content: dict[str, Any], parent: Unit | None) -> None:
    if content["kind"] != unit.kind or ("parent" in content and unit.parent_id != (parent.id if parent else None)):
        raise InUse(f"{unit.code} keeps its kind and its place in the tree. Add a unit with another code instead.")
    _set_unit(unit, content)


def _set_unit(unit: Unit, content: dict[str, Any]) -> None:
    separately = content.get("conducted_separately")
    unit.name, unit.level, unit.time_zone = content["name"], content.get("level"), content.get("time_zone")
    unit.expected = content.get("expected", content["kind"] == "jurisdiction")
    unit.conducted_separately = separately and {
        "starts_at": separately["starts_at"].isoformat(),
        "ends_at": separately["ends_at"].isoformat(),
        "footnote": separately["footnote"],
    }


def _parents_first(given: list[dict[str, Any]], known: dict[str, Unit]) -> list[dict[str, Any]]:
    """The units with each parent before its children; a parent that is nowhere, a circle or a repeated code is refused."""
    by_code = {content["code"]: content for content in given}
    if len(by_code) < len(given):
        raise Invalid.at("/units", "Names a unit twice.")
    ordered: dict[str, dict[str, Any]] = {}
    for number, content in enumerate(given):
        chain = _chain(content, by_code, known, f"/units/{number}/parent")
        ordered.update((one["code"], one) for one in reversed(chain) if one["code"] not in ordered)
    return list(ordered.values())


def _chain(content: dict[str, Any], by_code: dict[str, dict[str, Any]], known: dict[str, Unit], pointer: str) -> list[dict[str, Any]]:
    chain = [content]
    while parent := chain[-1].get("parent"):
        if parent in (NATIONAL, UNATTRIBUTED) or (parent not in by_code and parent not in known):
            raise Invalid.at(pointer, f"There is no unit {parent} to stand below.")
        if any(one["code"] == parent for one in chain):
            raise Invalid.at(pointer, "The units stand below each other in a circle.")
        if parent not in by_code:
            break
        chain.append(by_code[parent])
    return chain


def put_relations(operation: Operation, content: dict[str, Any]) -> None:
    """Adds or changes rules and derived measures, then checks that all of them speak of measures that are there."""
    for member in ("rules", "derived"):
        kept = {one["code"]: one for one in getattr(operation, member)}
        kept.update((one["code"], one) for one in content.get(member, []))
        setattr(operation, member, list(kept.values()))
    check_relations(operation)


def check_relations(operation: Operation) -> None:
    """Refuses with Invalid a rule or derived measure that does not parse or names what is not there."""
    names = (
        select(Measure.code, Category.name).join(Category, Category.measure_id == Measure.id).where(Measure.operation_id == operation.id)
    )
    known: set[tuple[str, str | None]] = {(measure, category) for measure, category in session().execute(names)}
    known |= {(measure, None) for measure, _ in known}
    errors: dict[str, list[str]] = {}
    parsers: tuple[tuple[str, Callable[[str], Any]], ...] = (("rules", parse_rule), ("derived", parse_derived))
    for member, parse in parsers:
        for number, one in enumerate(getattr(operation, member)):
            problem = _relation_problem(parse, one["expression"], known)
            if problem:
                errors[f"/{member}/{number}/expression"] = [problem]
    if errors:
        raise Invalid(errors)


def _relation_problem(parse: Callable[[str], Any], expression: str, known: set[tuple[str, str | None]]) -> str | None:
    try:
        unknown = parse(expression).measures() - known
    except ExpressionError as problem:
        return str(problem)
    return f"There is no measure {', '.join(sorted('.'.join(filter(None, name)) for name in unknown))}." if unknown else None


def remove(operation: Operation, what: dict[str, Any]) -> None:
    """Removes by code; the database refuses what has reports, figures, tokens or units below it."""
    for code in what.get("units", []):
        _delete(Unit, operation, code, "/remove/units")
    for code in what.get("measures", []):
        measure = _one(Measure, operation, code, "/remove/measures")
        session().execute(delete(Category).where(Category.measure_id == measure.id))
        session().delete(measure)
    for member in ("rules", "derived"):
        kept = [one for one in getattr(operation, member) if one["code"] not in what.get(member, [])]
        setattr(operation, member, kept)


def _delete(table: Any, operation: Operation, code: str, pointer: str) -> None:
    if code in (NATIONAL, UNATTRIBUTED):
        raise InUse(f"{code} is built in.")
    session().delete(_one(table, operation, code, pointer))


def _one(table: Any, operation: Operation, code: str, pointer: str) -> Any:
    found = session().scalars(select(table).filter_by(operation_id=operation.id, code=code)).one_or_none()
    if found is None:
        raise Invalid.at(pointer, f"There is no {code} to remove.")
    return found


def _rows(table: Any, operation: Operation) -> list[Any]:
    return list(session().scalars(select(table).filter_by(operation_id=operation.id).order_by(table.id)))
