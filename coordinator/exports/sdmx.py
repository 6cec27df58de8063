"""The exchange format: SDMX-CSV 2.0 and the SDMX-ML 3.0 structure it names, so that a statistics office's system reads it. Pure.

SDMX (ISO 17369) is what statistical offices exchange aggregates in; its CSV needs no XML to write or read, and says of each figure what
it is, how it is counted and how far it can be trusted. Source: SDMX Technical Notes, "SDMX-CSV", version 2.0.0.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, register_namespace, tostring

from coordinator.exports.dossier import Dossier
from coordinator.operations.models import NATIONAL
from coordinator.releases.statistics import ALL

AGENCY, VERSION = "TALLYROOM", "1.0.0"
TOTAL = "_T"
"""SDMX's code for a total over all categories."""

DIMENSIONS = ("UNIT", "MEASURE", "CATEGORY", "TIME_PERIOD")
ATTRIBUTES = ("OBS_STATUS", "CONF_STATUS", "UNIT_MEASURE", "DECIMALS", "ASSISTED", "POSITION", "RELEASE_STATUS", "COMMENT_OBS")
HEADER = ("STRUCTURE", "STRUCTURE_ID", "ACTION", *DIMENSIONS, "OBS_VALUE", *ATTRIBUTES)

OBS_STATUS = {"A": "Normal value", "P": "Provisional value", "Q": "Missing value; suppressed"}
CONF_STATUS = {"F": "Free (not confidential)", "N": "Not for publication, restricted for internal use only"}
RELEASE_STATUS = {
    "EXERCISE": "Exercise",
    "PARTIAL": "Unofficial, partial",
    "COMPLETE": "Unofficial, complete",
    "CERTIFIED": "Certified or amended",
}

_STATUS = {"exercise": "EXERCISE", "unofficial-partial": "PARTIAL", "unofficial-complete": "COMPLETE"}
_NAMESPACES = {
    "mes": "http://www.sdmx.org/resources/sdmxml/schemas/v3_0/message",
    "str": "http://www.sdmx.org/resources/sdmxml/schemas/v3_0/structure",
    "com": "http://www.sdmx.org/resources/sdmxml/schemas/v3_0/common",
}


def as_sdmx_csv(dossier: Dossier) -> bytes:
    """One observation a row; figures as they are counted, so no multiplier."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(HEADER)
    writer.writerows(_observations(dossier))
    return file.getvalue().encode()


def as_structure(dossier: Dossier) -> bytes:
    """The structure message: code lists, concepts, data structure and dataflow of this operation."""
    for prefix, address in _NAMESPACES.items():
        register_namespace(prefix, address)
    message = Element(_tag("mes", "Structure"))
    header = SubElement(message, _tag("mes", "Header"))
    for name, value in (("ID", f"{_id(dossier.code)}_{dossier.position}"), ("Test", _flag(dossier.operation["exercise"]))):
        SubElement(header, _tag("mes", name)).text = value
    SubElement(header, _tag("mes", "Prepared")).text = dossier.moment
    SubElement(header, _tag("mes", "Sender"), {"id": AGENCY})
    structures = SubElement(message, _tag("mes", "Structures"))
    _code_lists(SubElement(structures, _tag("str", "Codelists")), dossier)
    _concepts(SubElement(structures, _tag("str", "ConceptSchemes")))
    _dataflow(SubElement(structures, _tag("str", "Dataflows")), dossier)
    _data_structure(SubElement(structures, _tag("str", "DataStructures")), dossier)
    indent(message)
    body: bytes = tostring(message, encoding="utf-8", xml_declaration=True)
    return body + b"\n"


def flow(dossier: Dossier) -> str:
    """The dataflow's reference: ``TALLYROOM:DF_UNITED_FRONT_2021(1.0.0)``."""
    return f"{AGENCY}:DF_{_id(dossier.code)}({VERSION})"


def category_codes(names: Iterable[str]) -> dict[str, str]:
    """A code of SDMX's form for each category of one operation: letters and digits of its name, a number where two would be equal."""
    codes: dict[str, str] = {ALL: TOTAL}
    for name in names:
        if name not in codes:
            plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
            base = re.sub(r"[^A-Z0-9]+", "_", plain.upper()).strip("_")[:60] or "C"
            taken = set(codes.values())
            codes[name] = next(code for code in _numbered(base) if code not in taken)
    return codes


def _numbered(base: str) -> Iterator[str]:
    yield base
    number = 2
    while True:
        yield f"{base}_{number}"
        number += 1


def _observations(dossier: Dossier) -> Iterator[list[Any]]:
    categories, scales = _categories(dossier), {measure["code"]: measure["scale"] for measure in dossier.operation["measures"]}
    official = "A" if dossier.status.startswith(("certified", "amended")) else "P"
    trusted = _STATUS.get(dossier.status, "CERTIFIED")
    period = dossier.operation["starts_at"][:10]
    for row in dossier.rows:
        hidden = row["quantity"] is None
        key = [row["unit"], row["measure"].upper(), categories[row["category"]], period]
        said = ["Q" if hidden else official, "F" if dossier.public else "N", _id(row["unit_of_count"]), scales[row["measure"]]]
        more = [_plain(row["assisted"]), row["position"], trusted, row["note"]]
        yield ["dataflow", flow(dossier), "R", *key, _plain(row["quantity"]), *said, *more]


def _plain(value: Any) -> Any:
    return "" if value is None else value


def _categories(dossier: Dossier) -> dict[str, str]:
    return category_codes(name for measure in dossier.operation["measures"] for name in measure["categories"])


def _id(text: str) -> str:
    """A text as an identifier of SDMX's form; ``n/a`` becomes ``N_A``."""
    return re.sub(r"[^A-Z0-9_]+", "_", unicodedata.normalize("NFKD", text).upper()).strip("_") or "_X"


def _tag(prefix: str, name: str) -> str:
    return f"{{{_NAMESPACES[prefix]}}}{name}"


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _lists(dossier: Dossier) -> dict[str, dict[str, str]]:
    """Every code list: code -> name."""
    measures, units = dossier.operation["measures"], (*dossier.operation["units"], *dossier.totals["units"])
    categories = {code: "Total" if code == TOTAL else name for name, code in _categories(dossier).items()}
    return {
        "UNIT": {unit["code"]: unit["name"] for unit in units} | {NATIONAL: "National"},
        "MEASURE": {measure["code"].upper(): measure["label"] for measure in measures},
        "CATEGORY": categories,
        "UNIT_MEASURE": {_id(measure["unit"]): measure["unit"] for measure in measures},
        "OBS_STATUS": OBS_STATUS,
        "CONF_STATUS": CONF_STATUS,
        "RELEASE_STATUS": RELEASE_STATUS,
    }


def _named(parent: Element, tag: str, name: str, **attributes: str) -> Element:
    element = SubElement(parent, _tag("str", tag), attributes)
    SubElement(element, _tag("com", "Name"), {"{http://www.w3.org/XML/1998/namespace}lang": "en"}).text = name
    return element


def _code_lists(parent: Element, dossier: Dossier) -> None:
    for id, codes in _lists(dossier).items():
        listed = _named(parent, "Codelist", id.replace("_", " ").capitalize(), **_own(f"CL_{_id(dossier.code)}_{id}"))
        for code, name in codes.items():
            _named(listed, "Code", name, id=code)


def _own(id: str) -> dict[str, str]:
    return {"id": id, "agencyID": AGENCY, "version": VERSION}


def _concepts(parent: Element) -> None:
    scheme = _named(parent, "ConceptScheme", "Concepts of a tally", **_own("CS_TALLY"))
    for id in (*DIMENSIONS, "OBS_VALUE", *ATTRIBUTES):
        _named(scheme, "Concept", id.replace("_", " ").capitalize(), id=id)


def _dataflow(parent: Element, dossier: Dossier) -> None:
    made = _named(parent, "Dataflow", dossier.operation["name"], **_own(f"DF_{_id(dossier.code)}"))
    structure = f"urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure={AGENCY}:DSD_{_id(dossier.code)}({VERSION})"
    SubElement(made, _tag("str", "Structure")).text = structure


def _data_structure(parent: Element, dossier: Dossier) -> None:
    made = _named(parent, "DataStructure", dossier.operation["name"], **_own(f"DSD_{_id(dossier.code)}"))
    components = SubElement(made, _tag("str", "DataStructureComponents"))
    dimensions = SubElement(components, _tag("str", "DimensionList"), {"id": "DimensionDescriptor"})
    for number, id in enumerate(DIMENSIONS[:-1], 1):
        _component(dimensions, "Dimension", id, dossier, position=str(number))
    _component(dimensions, "TimeDimension", "TIME_PERIOD", dossier)
    attributes = SubElement(components, _tag("str", "AttributeList"), {"id": "AttributeDescriptor"})
    for id in ATTRIBUTES:
        element = _component(attributes, "Attribute", id, dossier, usage="optional")
        SubElement(SubElement(element, _tag("str", "AttributeRelationship")), _tag("str", "Observation"))
    measures = SubElement(components, _tag("str", "MeasureList"), {"id": "MeasureDescriptor"})
    _component(measures, "Measure", "OBS_VALUE", dossier, usage="optional")


TYPES: Mapping[str, str] = {
    "TIME_PERIOD": "ObservationalTimePeriod", "OBS_VALUE": "Decimal", "DECIMALS": "Integer", "ASSISTED": "Decimal", "POSITION": "Integer",
    "COMMENT_OBS": "String",
}  # fmt: skip


def _component(parent: Element, tag: str, id: str, dossier: Dossier, **attributes: str) -> Element:
    element = SubElement(parent, _tag("str", tag), {"id": id} | attributes)
    concept = f"urn:sdmx:org.sdmx.infomodel.conceptscheme.Concept={AGENCY}:CS_TALLY({VERSION}).{id}"
    SubElement(element, _tag("str", "ConceptIdentity")).text = concept
    form = SubElement(element, _tag("str", "LocalRepresentation"))
    if id in TYPES:
        SubElement(form, _tag("str", "TextFormat"), {"textType": TYPES[id]})
    else:
        codes = f"urn:sdmx:org.sdmx.infomodel.codelist.Codelist={AGENCY}:CL_{_id(dossier.code)}_{id}({VERSION})"
        SubElement(form, _tag("str", "Enumeration")).text = codes
    return element
