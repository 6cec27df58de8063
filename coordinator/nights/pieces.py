"""Cutting a figure into what is posted of it, piece by piece and agency by agency. Pure, but for the dice handed in."""

from __future__ import annotations

from random import Random
from typing import Any

from coordinator.operations.templates import Facts, jurisdiction_of, places

FINELY, COARSELY = 8, 3
"""A piece is at most one part in so many of its figure; about twice as many reports then tell it."""

_DO_NOT_LEAD = {"federal", "nonprofit"}


def pieces(dice: Random, quantity: int, whole: int = 1, parts: int = FINELY) -> list[int]:
    """The quantity in random positive pieces, in multiples of ``whole`` as far as they go; a zero is one piece of zero."""
    most, left, cut = max(3, quantity // whole // parts), quantity // whole, []
    while left:
        cut.append(min(left, dice.randint(1, most)))
        left -= cut[-1]
    found = [piece * whole for piece in cut] or [0]
    found[-1] += quantity % whole
    return found


def shares(dice: Random, quantity: int, posters: list[str]) -> dict[str, int]:
    """The quantity shared among those who post it: the first has most, another has some if there are enough to share."""
    others = posters[1:] if quantity >= 2 * len(posters) else []
    given = {poster: dice.randint(1, quantity // (len(posters) + 1)) for poster in others}
    return {posters[0]: quantity - sum(given.values()), **given}


def posters(facts: Facts, unit: str) -> list[str]:
    """Who posts the figures published for ``unit``: its lead agency and one more, or the unit itself.

    Only agencies whose jurisdiction the facts name lead here. Where they are just listed, nobody published whose figures
    these are, and the jurisdiction posts its own; so it does where agencies have published figures themselves.
    """
    if any(row["jurisdiction"] == unit and row.get("agency") for row in facts["statistics"]):
        return [unit]
    codes = places(facts)
    named = [
        agency for agency in facts.get("agencies", []) if agency.get("jurisdiction") == unit and agency.get("level") not in _DO_NOT_LEAD
    ]
    found = [codes[jurisdiction_of(agency, facts), agency["name"]] for agency in sorted(named, key=_rank)]
    return list(dict.fromkeys(found))[:2] or [unit]


def _rank(agency: dict[str, Any]) -> int:
    """Police and investigators of the state before its prosecutors, since arrests are theirs; then everyone else."""
    prosecutes = "Attorney General" in agency["name"]
    return 2 if agency.get("level") != "state" else 1 if prosecutes else 0
