"""The shapes the contract speaks in, as marshmallow fields: counts, moments, codes, plain text, JSON pointers."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema

MOST = 10**12
"""The largest figure taken, in whole units of count."""

LARGEST = 2**31 - 1
"""The largest number of a release, a version or a report that the database can hold."""

OPERATION_CODE = "[a-z0-9][a-z0-9-]{0,62}"
"""The form of an operation's code, wherever it stands."""

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class Shape(Schema):
    """A JSON object of known members: one that is not known is refused."""

    class Meta:
        unknown = RAISE


class Moment(fields.DateTime):
    """A moment in RFC 3339 with an offset; ``naive`` times are refused. Loads to an aware datetime in UTC."""

    default_error_messages = {
        "invalid": "Not a time in RFC 3339 form, such as 2021-08-26T22:15:00-04:00.",
        "naive": "The time has no offset: add Z or one such as -04:00.",
        "outside": "The year must lie between 1900 and 9998.",
    }

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else moment_text(value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        try:
            return parse_moment(value)
        except ValueError as problem:
            raise self.make_error(str(problem)) from None


def parse_moment(text: str) -> datetime:
    """RFC 3339 to an aware datetime in UTC; a ValueError says ``invalid``, ``naive`` or ``outside``."""
    if not _MOMENT.fullmatch(text):
        raise ValueError("naive" if _MOMENT.fullmatch(text + "Z") else "invalid")
    try:
        moment = datetime.fromisoformat(text.upper())
    except ValueError:
        raise ValueError("invalid") from None
    if not 1900 <= moment.year <= 9998:
        raise ValueError("outside")
    return moment.astimezone(UTC)


def clock_text(moment: datetime, time_zone: str) -> str:
    """What a clock in a zone shows at a moment, as pages write it: ``9:15 pm CDT``."""
    own = moment.astimezone(zone(time_zone))
    return f"{own.hour % 12 or 12}:{own:%M} {'am' if own.hour < 12 else 'pm'} {own.tzname()}"


def moment_text(moment: datetime) -> str:
    """An aware datetime as RFC 3339 in UTC, with microseconds where there are any: ``2021-08-27T02:15:00Z``."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def in_text(document: dict[str, Any], *moments: str) -> dict[str, Any]:
    """A document whose members of these names, moments or None, are written as text."""
    return document | {name: document[name] and moment_text(document[name]) for name in moments}


class Text(fields.String):
    """Text of people: no control characters, no half surrogates, nothing that turns the direction of writing."""

    def __init__(self, most: int = 200, least: int = 1, **kwargs: Any) -> None:
        super().__init__(validate=[validate.Length(least, most), *kwargs.pop("validate", [])], **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = str(super()._deserialize(value, attr, data, **kwargs))
        if _FORBIDDEN.search(text):
            raise ValidationError("Holds characters that can't be shown.")
        if not text.strip() and text:
            raise ValidationError("Holds nothing but spaces.")
        return text


class Flag(fields.Boolean):
    """``true`` or ``false``; nothing that merely stands for one, such as 1."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Code(fields.String):
    """A code of a given form."""

    def __init__(self, pattern: str, **kwargs: Any) -> None:
        super().__init__(validate=validate.Regexp(f"{pattern}\\Z", error="Does not have the form {regex}."), **kwargs)


def operation_code(**kwargs: Any) -> Code:
    """``united-front-2021``."""
    return Code(f"^{OPERATION_CODE}", **kwargs)


def measure_code(**kwargs: Any) -> Code:
    """``victims_rescued``."""
    return Code("^[a-z][a-z0-9_]{0,62}", **kwargs)


def unit_code(**kwargs: Any) -> Code:
    """``KY-KSP``."""
    return Code("^[A-Z0-9][A-Z0-9-]{0,31}", **kwargs)


class Zone(fields.String):
    """An IANA time zone."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        name = str(super()._deserialize(value, attr, data, **kwargs))
        if name not in ZONES:
            raise ValidationError("Not a time zone of the IANA list, such as America/Chicago.")
        return name


ZONES = frozenset(available_timezones())


def zone(name: str) -> ZoneInfo:
    """The zone of a name that Zone has taken."""
    return ZoneInfo(name)


class Page(Shape):
    """How a list is read: at most ``limit`` items from ``cursor`` on."""

    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))
    cursor = Text(300, load_default=None)


class Separately(Shape):
    """When a unit's part ran apart from the window, though it is counted."""

    starts_at = Moment(required=True)
    ends_at = Moment(required=True)
    footnote = Text(500, required=True)

    @validates_schema
    def in_order(self, data: dict, **_: object) -> None:
        if data["ends_at"] < data["starts_at"]:
            raise ValidationError("Must not end before it starts.", "ends_at")


STATUS = r"^(exercise|unofficial-partial|unofficial-complete|certified|amended-\d+)$"


def Figure(required: bool = True, description: str = "") -> fields.Raw:
    """A figure: an integer, or a decimal string where the measure has a scale; below 0 where an adjustment takes something out."""
    described = "; ".join(filter(None, (description, "an integer, or a decimal string for a measure with a scale")))
    return fields.Raw(required=required, metadata={"type": ["integer", "string"], "description": described})


def pointers(messages: Any, at: str = "") -> dict[str, list[str]]:
    """marshmallow's nested messages as JSON pointers (RFC 6901): ``{"lines": {0: {"quantity": [..]}}}`` -> ``/lines/0/quantity``."""
    if isinstance(messages, dict):
        found: dict[str, list[str]] = {}
        for key, inner in messages.items():
            step = "" if key == "_schema" else "/" + str(key).replace("~", "~0").replace("/", "~1")
            found.update(pointers(inner, at + step))
        return found
    return {at: [str(message) for message in (messages if isinstance(messages, list) else [messages])]}


DECIMAL = r"(0|[1-9][0-9]{0,17})(\.[0-9]{1,6})?"
_DECIMAL = re.compile(DECIMAL)


class Quantity(fields.Field[int | Decimal]):
    """A figure: a whole JSON number, or for measures with a scale a string such as "12500.00". Never a fraction in binary."""

    default_error_messages = {
        "invalid": 'A figure is a whole number, or for money and weights a string such as "12500.00".',
        "fraction": 'A count is a whole number; money and weights are strings such as "12500.00".',
        "range": f"A figure lies between 0 and {MOST}.",
    }

    def __init__(self, **kwargs: Any) -> None:
        shape = {"type": ["integer", "string"], "minimum": 0, "maximum": MOST, "pattern": f"^{DECIMAL}$"}
        super().__init__(metadata=shape, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int | Decimal:
        figure = self._number(value)
        if not 0 <= figure <= MOST:
            raise self.make_error("range")
        return figure

    def _number(self, value: Any) -> int | Decimal:
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise self.make_error("invalid")
        if isinstance(value, str):
            if not _DECIMAL.fullmatch(value):
                raise self.make_error("invalid")
            return Decimal(value).normalize()
        if isinstance(value, float) and not value.is_integer():
            raise self.make_error("fraction")
        return int(value)
