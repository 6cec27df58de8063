"""What is open: nothing of it is certified without a waiver. Pure.

Each item has a name that stays (``unquantified:currency_seized:IA``) and a sentence that says what is open. A waiver covers the
item while its sentence reads the same: what has changed since is open again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Item = dict[str, str]


def items(operation: Mapping[str, Any], totals: Mapping[str, Any], unsigned: Sequence[Mapping[str, str]]) -> list[Item]:
    """Every open item as ``item`` and ``detail``. ``operation`` is the operation document, ``totals`` the totals document with its
    alarms, ``unsigned`` the units that must sign and have not: ``unit``, ``unit_name`` and their ``figures`` in one line."""
    return [*_unquantified(operation, totals), *_failed(totals), *_alarms(totals), *map(_unsigned, unsigned)]


def _unquantified(operation: Mapping[str, Any], totals: Mapping[str, Any]) -> Iterator[Item]:
    names = {unit["code"]: unit["name"] for unit in totals["units"]}
    for measure in operation["measures"]:
        for code in totals["national"][measure["code"]]["unquantified"]:
            detail = f"{measure['label']}: {names[code]} reports some without an amount."
            yield {"item": f"unquantified:{measure['code']}:{code}", "detail": detail}


def _failed(totals: Mapping[str, Any]) -> Iterator[Item]:
    for rule in totals["rules"]:
        places = [code for code, holds in rule["units"].items() if not holds]
        if not rule["holds"]:
            yield {"item": f"rule:{rule['code']}", "detail": f"{rule['message']} (in the nation)."}
        for code in places:
            yield {"item": f"rule:{rule['code']}:{code}", "detail": f"{rule['message']} (in {code})."}


def _alarms(totals: Mapping[str, Any]) -> Iterator[Item]:
    for alarm in totals["alarms"]:
        yield {"item": f"alarm:{alarm['code']}", "detail": alarm["detail"]}


def _unsigned(unit: Mapping[str, str]) -> Item:
    said = f"its figures: {unit['figures']}" if unit["figures"] else "that it has nothing to report"
    return {"item": f"unsigned:{unit['unit']}", "detail": f"{unit['unit_name']} has not signed {said}."}
