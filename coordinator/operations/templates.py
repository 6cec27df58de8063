"""Operations ready to be loaded: the published facts of real ones, and the operation document made from such facts.

Two forms come in. **Facts** (see ``facts/``) hold what was published of an operation, its figures included. An
**operation document** (it has ``units``) is the body that creates an operation, and passes through as it is. Nothing
here is checked twice: the hub refuses a bad document better than we could; only what is needed to make one is asked for.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from coordinator.operations.naming import place_code, relation_code, sentence, unique, unit_code
from coordinator.operations.states import STATES

Facts = dict[str, Any]
FOLDER = Path(__file__).with_name("facts")

PARTNERS = "US"
"""The jurisdiction of agencies that are no state's: they take part, and no figures are expected of them."""

NIGHT_FALLS, NIGHT_ENDS = time(18), time(6)
"""The hours of an operation published as one night without hours: two dates in a row."""

DATES_NOT_PUBLISHED = {"starts": "2021-01-04", "ends": "2021-01-10"}
"""The window of an operation published without dates: a week from Monday to Sunday, long enough ago for any report."""

SEPARATELY = timedelta(days=14), timedelta(days=7)
"""How long before the window a part conducted separately began and ended, where no dates are given."""

REPORTING_INTERVAL = 60
"""Minutes between a unit's reports."""

_NEEDED: dict[str, type] = {"code": str, "name": str, "time_zone": str, "jurisdictions": list, "measures": list, "statistics": list}
_POSSIBLE: dict[str, type] = {"window": dict, "derived": dict, "rule_messages": dict, "derived_labels": dict, "published_totals": dict}
_KINDS: dict[type, str] = {str: "text", list: "a list", dict: "an object"}


class FactsUnusable(Exception):
    """No such template or file, or one that holds no operation; the message is one line that says what to do."""


def names() -> list[str]:
    """The templates that come with the hub."""
    return sorted(path.stem for path in FOLDER.glob("*.json"))


def facts(name_or_path: str | Path) -> Facts:
    """The facts of a template, or of a file of the same form or of an operation document; FactsUnusable otherwise."""
    name = str(name_or_path)
    if name in names():
        return _read(FOLDER / f"{name}.json", name)
    if not Path(name).exists():
        raise FactsUnusable(f"There is no template and no file {name}. The templates are {', '.join(names())}.")
    return _read(Path(name), name)


def operation_document(facts: Facts, code: str | None = None) -> dict[str, Any]:
    """The body that creates the operation (``POST /operations``), under another ``code`` if given."""
    if "units" in facts:
        return {**facts, **({"code": code} if code else {})}
    starts, ends = window(facts)
    return {
        "code": code or facts["code"],
        "name": facts["name"],
        "time_zone": facts["time_zone"],
        "starts_at": starts.isoformat(),
        "ends_at": ends.isoformat(),
        "reporting_interval_minutes": REPORTING_INTERVAL,
        "exercise": False,
        "measures": [_measure(measure) for measure in facts["measures"]],
        "rules": list(_rules(facts)),
        "derived": list(_derived(facts)),
        **({"headlines": facts["headlines"]} if "headlines" in facts else {}),
        "units": [*_jurisdictions(facts), *_below(facts)],
    }


def overview(name: str) -> dict[str, Any]:
    """A template in a list: what it is called, and how many jurisdictions and measures it has."""
    known = facts(name)
    return {
        "template": name,
        "name": known["name"],
        "jurisdictions": len(known["jurisdictions"]),
        "measures": [measure["label"] for measure in known["measures"]],
    }


def window(facts: Facts) -> tuple[datetime, datetime]:
    """When the operation began and ended, with offsets: as published, else by the defaults above. FactsUnusable if it can't be."""
    published = facts.get("window", {})
    starts, ends = _span(published if published.get("starts") else DATES_NOT_PUBLISHED, zone(facts))
    if ends <= starts:
        raise FactsUnusable(f"window: it ends ({ends.isoformat()}) before it starts ({starts.isoformat()}).")
    return starts, ends


def zone(facts: Facts) -> ZoneInfo:
    """The operation's time zone."""
    return ZoneInfo(facts["time_zone"])


def places(facts: Facts) -> dict[tuple[str, str], str]:
    """The code of every agency and site, by its jurisdiction and name; the same at every call."""
    codes: dict[tuple[str, str], str] = {}
    for kind, content in _members(facts):
        at, name = jurisdiction_of(content, facts), content["name"]
        code = content.get("code") or (place_code if kind == "site" else unit_code)(at, name)
        codes[at, name] = unique(code, {*codes.values(), *facts["jurisdictions"], PARTNERS})
    return codes


def jurisdiction_of(agency: dict[str, Any], facts: Facts) -> str:
    """Where an agency or site belongs: as the facts say, else a federal one to the partners and any other to the first state."""
    if agency.get("jurisdiction"):
        return str(agency["jurisdiction"])
    return PARTNERS if agency.get("level") == "federal" else str(facts["jurisdictions"][0])


def unit_of(row: dict[str, Any], facts: Facts) -> str | None:
    """The code of the unit a row of ``statistics`` speaks of; None where it speaks of the whole operation."""
    if not row.get("agency"):
        jurisdiction: str | None = row["jurisdiction"]
        return jurisdiction
    found = [code for (at, name), code in places(facts).items() if name == row["agency"] and row["jurisdiction"] in (at, None)]
    if len(found) != 1:
        raise FactsUnusable(f"statistics speak of {row['agency']} in {row['jurisdiction']}: agencies do not hold it once.")
    return found[0]


def _read(path: Path, name: str) -> Facts:
    try:
        content = json.loads(path.read_text("utf-8"))
    except OSError as problem:
        raise FactsUnusable(f"{name} can't be read: {problem.strerror}.") from None
    except (ValueError, RecursionError) as problem:
        raise FactsUnusable(f"{name} is not JSON: {problem}.") from None
    if not isinstance(content, dict):
        raise FactsUnusable(f"{name} holds no JSON object, so no operation.")
    if "units" not in content:
        _check(content, name)
    return content


def _check(content: Facts, name: str) -> None:
    """Asks for every key that a document is made from, and says which one is missing or of another kind."""
    _need(content, _NEEDED, name)
    _need(content, {key: kind for key, kind in _POSSIBLE.items() if key in content}, name)
    _zone_known(content["time_zone"], name)
    if not content["jurisdictions"]:
        raise FactsUnusable(f"{name}: jurisdictions is empty; name at least one.")
    _each(content, "jurisdictions", str, {}, name)
    _each(content, "measures", dict, {"code": str, "label": str, "unit": str}, name)
    _each(content, "statistics", dict, {}, name)
    for member in ("agencies", "sites"):
        _each(content, member, dict, {"name": str}, name)
    _each(content, "headlines", dict, {"code": str, "text": str}, name)
    for member in ("rules", "notes"):
        _each(content, member, str, {}, name)
    for number, row in enumerate(content["statistics"]):
        if row.get("jurisdiction", "") not in [*content["jurisdictions"], PARTNERS, None]:
            raise FactsUnusable(f"{name}: statistics[{number}] has no jurisdiction that jurisdictions names (null: the whole operation).")


def _need(content: dict[str, Any], needed: dict[str, type], where: str) -> None:
    for key, kind in needed.items():
        if key not in content:
            raise FactsUnusable(f"{where} lacks {key}.")
        if not isinstance(content[key], kind):
            raise FactsUnusable(f"{where}: {key} must be {_KINDS[kind]}.")


def _each(content: Facts, member: str, kind: type, needed: dict[str, type], name: str) -> None:
    _need({member: content.get(member, [])}, {member: list}, name)
    for number, one in enumerate(content.get(member, [])):
        _need({f"{member}[{number}]": one}, {f"{member}[{number}]": kind}, name)
        _need(one, needed, f"{name}: {member}[{number}]")


def _zone_known(time_zone: str, name: str) -> None:
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise FactsUnusable(f"{name}: time_zone is {time_zone!r}, which is no IANA time zone.") from None


def _span(given: dict[str, str], at: ZoneInfo) -> tuple[datetime, datetime]:
    """Two dates or moments as moments. Dates in a row are a night; any others count from their first to their last midnight."""
    first, last = str(given["starts"]), str(given.get("ends", given["starts"]))
    try:
        if "T" in first:
            return _moment(first, at), _moment(last, at)
        begin, end = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError:
        raise FactsUnusable(f"window: {first} or {last} is no date of the form 2021-08-26.") from None
    if end - begin == timedelta(days=1):
        return datetime.combine(begin, NIGHT_FALLS, at), datetime.combine(end, NIGHT_ENDS, at)
    return datetime.combine(begin, time(0), at), datetime.combine(end + timedelta(days=1), time(0), at)


def _moment(text: str, at: ZoneInfo) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=at)


def _measure(measure: dict[str, Any]) -> dict[str, Any]:
    """Money is counted in cents unless the facts say otherwise."""
    return {**({"scale": 2} if measure["unit"] == "USD" else {}), **measure}


def _rules(facts: Facts) -> Iterator[dict[str, str]]:
    labels, taken = _labels(facts), set[str]()
    for expression in facts.get("rules", []):
        message = facts.get("rule_messages", {}).get(expression) or sentence(expression, labels)
        code = unique(relation_code(expression), taken)
        taken.add(code)
        yield {"code": code, "expression": expression, "message": message[:300]}


def _derived(facts: Facts) -> Iterator[dict[str, str]]:
    for code, expression in facts.get("derived", {}).items():
        label = facts.get("derived_labels", {}).get(code) or code.replace("_", " ").capitalize()
        yield {"code": code, "label": label, "expression": expression}


def _labels(facts: Facts) -> dict[str, str]:
    return {measure["code"]: measure["label"] for measure in facts["measures"]}


def _jurisdictions(facts: Facts) -> Iterator[dict[str, Any]]:
    """The states that are expected to report, then those that are there only because an agency of theirs takes part."""
    partners = dict.fromkeys(jurisdiction_of(content, facts) for _, content in _members(facts))
    for code in [*facts["jurisdictions"], *(code for code in partners if code not in facts["jurisdictions"])]:
        unit = {"code": code, "name": _name(code), "kind": "jurisdiction", "time_zone": _time_zone(code, facts)}
        unit.update(_separately(facts, code))
        if code not in facts["jurisdictions"]:
            unit["expected"] = False
        yield unit


def _below(facts: Facts) -> Iterator[dict[str, Any]]:
    codes = places(facts)
    for kind, content in _members(facts):
        parent = jurisdiction_of(content, facts)
        code = codes[parent, content["name"]]
        unit = {"code": code, "name": content["name"], "kind": kind, "parent": parent, **_separately(facts, code)}
        yield {**unit, "level": content["level"]} if content.get("level") else unit


def _members(facts: Facts) -> Iterator[tuple[str, dict[str, Any]]]:
    """Agencies and sites with their kind, each name once in a jurisdiction."""
    seen = set()
    for kind, member in (("agency", "agencies"), ("site", "sites")):
        for content in facts.get(member, []):
            known = jurisdiction_of(content, facts), content["name"]
            if known not in seen:
                seen.add(known)
                yield kind, content


def _name(code: str) -> str:
    return "Federal and national partners" if code == PARTNERS else STATES[code].name if code in STATES else code


def _time_zone(code: str, facts: Facts) -> str:
    return STATES[code].time_zone if code in STATES else str(facts["time_zone"])


def _separately(facts: Facts, code: str) -> dict[str, Any]:
    """``conducted_separately`` of a unit whose row says so, with the dates and the footnote the facts give, or defaults."""
    given = next(
        (row["conducted_separately"] for row in facts["statistics"] if row.get("conducted_separately") and unit_of(row, facts) == code),
        None,
    )
    if not given:
        return {}
    said = given if isinstance(given, dict) else {}
    earlier = [window(facts)[0] - before for before in SEPARATELY]
    starts, ends = _span(said, zone({"time_zone": _time_zone(code[:2], facts)})) if said.get("starts") else earlier
    footnote = said.get("footnote") or _footnote(facts, _name(code))
    return {"conducted_separately": {"starts_at": starts.isoformat(), "ends_at": ends.isoformat(), "footnote": footnote[:500]}}


def _footnote(facts: Facts, name: str) -> str:
    """The published note that names the unit."""
    return next((note for note in facts.get("notes", []) if name in note), "Conducted separately; counted in the totals.")
