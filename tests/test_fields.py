"""The shapes the contract speaks in: moments, codes, text, pointers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError

from coordinator import doors, wire
from coordinator.errors import Invalid, NotReadable
from coordinator.fields import Flag, Moment, Text, Zone, measure_code, moment_text, operation_code, parse_moment, pointers, unit_code


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2021-08-26T22:15:00-04:00", datetime(2021, 8, 27, 2, 15, tzinfo=UTC)),
        ("2021-08-27T02:15:00Z", datetime(2021, 8, 27, 2, 15, tzinfo=UTC)),
        ("2021-08-27t02:15:00z", datetime(2021, 8, 27, 2, 15, tzinfo=UTC)),
        ("2021-08-27T02:15:00.5+00:00", datetime(2021, 8, 27, 2, 15, 0, 500_000, tzinfo=UTC)),
        ("2021-08-27T02:15:00.123456789-00:00", datetime(2021, 8, 27, 2, 15, 0, 123_456, tzinfo=UTC)),
        ("2020-02-29T12:00:00+14:00", datetime(2020, 2, 28, 22, 0, tzinfo=UTC)),
        ("1900-01-01T00:00:00Z", datetime(1900, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_moment_of_rfc_3339_is_read_to_utc(text: str, moment: datetime) -> None:
    assert parse_moment(text) == moment
    assert parse_moment(text).utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("2021-08-26T22:15:00", "naive"),
        ("2021-08-26T22:15:00.25", "naive"),
        ("2021-08-26", "invalid"),
        ("2021-08-26 22:15:00Z", "invalid"),
        ("2021-08-26T22:15Z", "invalid"),
        ("2021-08-26T22:15:00-0400", "invalid"),
        ("2021-08-26T22:15:00+25:00", "invalid"),
        ("2021-02-29T00:00:00Z", "invalid"),
        ("2021-13-01T00:00:00Z", "invalid"),
        ("2021-08-26T24:00:00Z", "invalid"),
        ("2016-12-31T23:59:60Z", "invalid"),
        ("٢٠٢١-08-26T22:15:00Z", "invalid"),
        ("2021-08-26T22:15:00Z\n", "invalid"),
        (" 2021-08-26T22:15:00Z", "invalid"),
        ("now", "invalid"),
        ("", "invalid"),
        ("0001-01-01T00:00:00Z", "outside"),
        ("0000-01-01T00:00:00Z", "invalid"),
        ("1899-12-31T23:59:59Z", "outside"),
        ("9999-12-31T23:59:59Z", "outside"),
    ],
)
def test_what_is_no_moment_is_told_apart_from_what_lacks_its_offset(text: str, fault: str) -> None:
    with pytest.raises(ValueError, match=f"^{fault}$"):
        parse_moment(text)
    with pytest.raises(ValidationError):
        Moment().deserialize(text)


@pytest.mark.parametrize("value", [None, 0, 1_630_000_000, 1.5, True, [], {}])
def test_a_moment_is_text(value: object) -> None:
    with pytest.raises(ValidationError):
        Moment().deserialize(value)


offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(datetime(1901, 1, 1), datetime(9997, 12, 31), timezones=offsets))
def test_a_moment_written_and_read_is_the_same(moment: datetime) -> None:
    assert moment_text(moment).endswith("Z")
    assert parse_moment(moment_text(moment)) == moment == parse_moment(moment.isoformat())


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        (operation_code(), ["a", "united-front-2021", "0", "a" * 63], ["", "A", "-a", "a_b", "a" * 64, "a\n", "ä", "a b", "٣"]),
        (measure_code(), ["a", "victims_rescued", "a1", "a" * 63], ["", "A", "1a", "_a", "a-b", "a" * 64, "a\n", "é"]),
        (unit_code(), ["KY", "KY-KSP", "1", "A" * 32], ["", "ky", "-KY", "KY_KSP", "A" * 33, "KY\n", "Ä", "KY "]),
    ],
)
def test_codes_have_one_form(field, good: list[str], bad: list[str]) -> None:
    assert [field.deserialize(code) for code in good] == good
    for code in (*bad, 1, None, True, ["KY"]):
        with pytest.raises(ValidationError):
            field.deserialize(code)


@pytest.mark.parametrize(
    "text",
    [
        *("\x00", "a\x00b", "\x1b[31m", "\u202etxt", "\u2066x", "\ufeffx", "\ud800", "a\udfff", "\u2028", "\x7f", "\x85"),
        *("\ufffe", "a\uffff", "\ufdd0", "", " ", "\n\t ", "\u200b", "\u00ad \u2060", "\u3164", "\u2800", "\u200e"),
    ],
)
def test_text_that_can_not_be_shown_or_says_nothing_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        Text().deserialize(text)


@pytest.mark.parametrize(
    "text",
    [
        *("x", "second location cleared", "line\nline\ttab", "Doña Ana", "日本", "👮🏽", "👩\u200d🚒", "\ue000", "ab\u00adcd", "a" * 200),
        *("<script>alert(1)</script>", "=1+1"),
    ],
)
def test_text_of_people_is_taken_as_it_is(text: str) -> None:
    assert Text().deserialize(text) == text


def test_text_has_a_length() -> None:
    with pytest.raises(ValidationError):
        Text(5).deserialize("123456")


@pytest.mark.parametrize("value", [1, 0, 1.0, "true", "yes", "", None, []])
def test_a_flag_is_true_or_false_and_nothing_that_stands_for_it(value: object) -> None:
    assert [Flag().deserialize(one) for one in (True, False)] == [True, False]
    with pytest.raises(ValidationError):
        Flag().deserialize(value)


@pytest.mark.parametrize("name", ["America/Chicgo", "", "CST", "../../etc/passwd", "america/chicago", 5, None])
def test_a_zone_is_one_of_the_iana_list(name: object) -> None:
    assert Zone().deserialize("America/Chicago") == "America/Chicago"
    with pytest.raises(ValidationError):
        Zone().deserialize(name)


def test_messages_become_json_pointers() -> None:
    messages = {"lines": {0: {"quantity": ["a", "b"], "_schema": ["c"]}}, "a/b": ["d"], "m~n": ["e"], "_schema": ["f"]}
    found = {"/lines/0/quantity": ["a", "b"], "/lines/0": ["c"], "/a~1b": ["d"], "/m~0n": ["e"], "": ["f"]}
    assert pointers(messages) == found


def test_two_messages_for_one_place_are_both_told() -> None:
    assert pointers({"": ["a"], "_schema": ["b"]}) == {"/": ["a"], "": ["b"]}


@pytest.mark.parametrize("text", ["", "{}", "x" * 300, "2021-08-26", "a\u00e4"])
def test_a_place_in_a_list_survives_its_cursor(text: str) -> None:
    if text.isascii():
        assert doors.place(doors.cursor(text)) == text


@pytest.mark.parametrize("cursor", ["!", "====", "a", "ä", "\u0661", "/w", "-_8"])
def test_what_is_no_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(Invalid) as found:
        doors.place(cursor)
    assert set(found.value.errors) == {"/cursor"}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"{'a': 1}", "not JSON"),
        (b'{"a": 1,}', "not JSON"),
        (b"{} {}", "not JSON"),
        (b"\xff", "not UTF-8"),
        (b'"\xc3\x28"', "not UTF-8"),
        (b'\xef\xbb\xbf{"a": 1}', "not JSON"),
        ('{"a": 1}'.encode("utf-16"), "not UTF-8"),
        (b'{"a": 1, "a": 1}', "a member twice"),
        (b'{"a": [{"b": 1, "\\u0062": 2}]}', "a member twice"),
        (b"NaN", "NaN is not a number"),
        (b'{"a": -Infinity}', "-Infinity is not a number"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' * 50_000, "nested too deeply"),
        (b"1" * 5_000, "more digits"),
        (b'{"a": ' + b"9" * 60_000 + b"}", "more digits"),
        (b'{"\\ud800": 1}', "half a character"),
        (b'{"a": {"b\\udfffc": 1}}', "half a character"),
    ],
)
def test_what_is_not_strict_json_is_refused_in_a_plain_sentence(body: bytes, said: str) -> None:
    with pytest.raises(NotReadable, match=said) as found:
        wire.strict_json(body)
    assert "sys." not in found.value.detail, "nothing of the inside"
    assert len(found.value.detail) < 200


texts = st.text(st.characters(exclude_categories=["Cs"]))
documents = st.recursive(
    st.none() | st.booleans() | st.integers() | texts, lambda inner: st.lists(inner) | st.dictionaries(texts, inner), max_leaves=20
)


@settings(max_examples=50, deadline=None)
@given(documents)
def test_what_is_written_can_be_read_again(document: object) -> None:
    assert wire.strict_json(wire.encode(document)) == document
