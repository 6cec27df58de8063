"""The 50 states, the District of Columbia and the five territories: how each is written, timed and placed on a map.

Codes are the postal ones (USPS Publication 28), numbers those of FIPS 5-2. A state that lies in two time zones is given
the one of its capital, except Alaska, where nearly everyone lives by Anchorage's. Row and column place it on a map of
equal tiles, rows from the north, columns from the west: neighbours stay as near as squares allow, and the territories
lie where they are from Hawaii and Florida.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class State:
    """One of the 56. ``fips`` is two digits, ``time_zone`` a name in the IANA database, ``row`` and ``column`` count from 0."""

    code: str
    fips: str
    name: str
    time_zone: str
    row: int
    column: int


_EASTERN, _CENTRAL, _MOUNTAIN, _PACIFIC = "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"

STATES: dict[str, State] = {
    state.code: state
    for state in (
        State("AL", "01", "Alabama", _CENTRAL, 6, 6),
        State("AK", "02", "Alaska", "America/Anchorage", 0, 0),
        State("AZ", "04", "Arizona", "America/Phoenix", 5, 1),
        State("AR", "05", "Arkansas", _CENTRAL, 5, 4),
        State("CA", "06", "California", _PACIFIC, 4, 0),
        State("CO", "08", "Colorado", _MOUNTAIN, 4, 2),
        State("CT", "09", "Connecticut", _EASTERN, 3, 10),
        State("DE", "10", "Delaware", _EASTERN, 4, 9),
        State("DC", "11", "District of Columbia", _EASTERN, 5, 8),
        State("FL", "12", "Florida", _EASTERN, 7, 8),
        State("GA", "13", "Georgia", _EASTERN, 6, 7),
        State("HI", "15", "Hawaii", "Pacific/Honolulu", 7, 1),
        State("ID", "16", "Idaho", "America/Boise", 2, 1),
        State("IL", "17", "Illinois", _CENTRAL, 3, 5),
        State("IN", "18", "Indiana", "America/Indiana/Indianapolis", 3, 6),
        State("IA", "19", "Iowa", _CENTRAL, 3, 4),
        State("KS", "20", "Kansas", _CENTRAL, 5, 3),
        State("KY", "21", "Kentucky", _EASTERN, 4, 5),
        State("LA", "22", "Louisiana", _CENTRAL, 6, 4),
        State("ME", "23", "Maine", _EASTERN, 0, 11),
        State("MD", "24", "Maryland", _EASTERN, 4, 8),
        State("MA", "25", "Massachusetts", _EASTERN, 2, 10),
        State("MI", "26", "Michigan", "America/Detroit", 2, 7),
        State("MN", "27", "Minnesota", _CENTRAL, 2, 4),
        State("MS", "28", "Mississippi", _CENTRAL, 6, 5),
        State("MO", "29", "Missouri", _CENTRAL, 4, 4),
        State("MT", "30", "Montana", _MOUNTAIN, 2, 2),
        State("NE", "31", "Nebraska", _CENTRAL, 4, 3),
        State("NV", "32", "Nevada", _PACIFIC, 3, 1),
        State("NH", "33", "New Hampshire", _EASTERN, 1, 11),
        State("NJ", "34", "New Jersey", _EASTERN, 3, 9),
        State("NM", "35", "New Mexico", _MOUNTAIN, 5, 2),
        State("NY", "36", "New York", _EASTERN, 2, 9),
        State("NC", "37", "North Carolina", _EASTERN, 5, 6),
        State("ND", "38", "North Dakota", _CENTRAL, 2, 3),
        State("OH", "39", "Ohio", _EASTERN, 3, 7),
        State("OK", "40", "Oklahoma", _CENTRAL, 6, 3),
        State("OR", "41", "Oregon", _PACIFIC, 3, 0),
        State("PA", "42", "Pennsylvania", _EASTERN, 3, 8),
        State("RI", "44", "Rhode Island", _EASTERN, 3, 11),
        State("SC", "45", "South Carolina", _EASTERN, 5, 7),
        State("SD", "46", "South Dakota", _CENTRAL, 3, 3),
        State("TN", "47", "Tennessee", _CENTRAL, 5, 5),
        State("TX", "48", "Texas", _CENTRAL, 7, 3),
        State("UT", "49", "Utah", _MOUNTAIN, 4, 1),
        State("VT", "50", "Vermont", _EASTERN, 1, 10),
        State("VA", "51", "Virginia", _EASTERN, 4, 7),
        State("WA", "53", "Washington", _PACIFIC, 2, 0),
        State("WV", "54", "West Virginia", _EASTERN, 4, 6),
        State("WI", "55", "Wisconsin", _CENTRAL, 2, 5),
        State("WY", "56", "Wyoming", _MOUNTAIN, 3, 2),
        State("AS", "60", "American Samoa", "Pacific/Pago_Pago", 8, 1),
        State("GU", "66", "Guam", "Pacific/Guam", 7, 0),
        State("MP", "69", "Northern Mariana Islands", "Pacific/Saipan", 6, 0),
        State("PR", "72", "Puerto Rico", "America/Puerto_Rico", 8, 9),
        State("VI", "78", "U.S. Virgin Islands", "America/St_Thomas", 8, 10),
    )
}
"""All of them by postal code, in the order of their FIPS numbers."""
