"""The lines of a report: from what was sent to figures in units of 10^-scale, at cells of the operation. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from coordinator.operations.catalogue import Catalogue, MeasureEntry


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A line as it will be recorded; ``quantity`` in units of 10^-scale, None where ``unquantified`` says why."""

    category_id: int
    quantity: int | None
    unquantified: str | None
    assisting: tuple[int, ...]


def read(catalogue: Catalogue, content: Mapping[str, Any], errors: dict[str, list[str]]) -> tuple[DraftLine, ...]:
    """The lines of a report's content; what is wrong with them is added to ``errors``, by JSON pointer."""
    drafts, standing = [], set()
    for number, line in enumerate(content["lines"]):
        at = f"/lines/{number}"
        category = category_of(catalogue, line, at, errors)
        quantity = quantity_of(catalogue.measure_by_code.get(line["measure"]), line.get("quantity"), at, errors)
        assisting = _assisting(catalogue, content, line, at, errors)
        if content["basis"] == "to_date" and category in standing:
            errors[at] = ["Gives a second standing figure for the same measure and category."]
        standing.add(category)
        drafts.append(DraftLine(category, quantity, line.get("unquantified"), assisting))
    return tuple(drafts)


def category_of(catalogue: Catalogue, line: Mapping[str, Any], at: str, errors: dict[str, list[str]]) -> int:
    """The id of the category that ``line`` names; 0, and a sentence in ``errors``, where there is none."""
    measure = catalogue.measure_by_code.get(line["measure"])
    if measure is None:
        errors[f"{at}/measure"] = [f"There is no measure {line['measure']} in this operation."]
        return 0
    if line["category"] not in measure.categories:
        errors[f"{at}/category"] = [f"{measure.code} has no category {line['category']}. It has: {', '.join(measure.categories)}."]
    return measure.categories.get(line["category"], 0)


def quantity_of(measure: MeasureEntry | None, given: int | Decimal | None, at: str, errors: dict[str, list[str]]) -> int | None:
    """The figure in units of 10^-scale; a decimal string only where the measure has a scale."""
    if measure is None or given is None:
        return None
    scaled = Decimal(given).scaleb(measure.scale)
    if isinstance(given, Decimal) and not measure.scale:
        errors[f"{at}/quantity"] = [f"{measure.code} is counted in whole {measure.unit}: send a whole number."]
    elif scaled != scaled.to_integral_value():
        errors[f"{at}/quantity"] = [f"{measure.code} has {measure.scale} decimal places at most."]
    return int(scaled)


def _assisting(
    catalogue: Catalogue, content: Mapping[str, Any], line: Mapping[str, Any], at: str, errors: dict[str, list[str]]
) -> tuple[int, ...]:
    codes = line["assisting"]
    problems = [f"There is no unit {code} in this operation." for code in codes if code not in catalogue.taking_part]
    if codes and content["basis"] != "increment":
        problems.append("Only an increment can name units that assisted.")
    if codes and "unquantified" in line:
        problems.append("Only a line with a quantity can name units that assisted.")
    if content["unit"] in codes:
        problems.append("The unit that reports leads; it does not assist itself.")
    if len(set(codes)) < len(codes):
        problems.append("Names a unit twice.")
    if problems:
        errors[f"{at}/assisting"] = problems
        return ()
    return tuple(sorted(catalogue.unit_by_code[code].id for code in codes))
