"""The sentences that stand in every file for readers: what a status means, and how it was counted. Pure."""

from __future__ import annotations

from datetime import datetime

from coordinator.browser.wording import figure_text, moment_words
from coordinator.exports.dossier import Dossier
from coordinator.fields import zone

STATUS = {
    "exercise": "Exercise: nothing here is real",
    "unofficial-partial": "Unofficial: figures are still coming in",
    "unofficial-complete": "Unofficial: all have reported, nothing is certified",
    "certified": "Certified",
}

COUNTING = (
    "Units post what is new, or the figure that stands. A figure is the latest standing figure observed by then, plus what is new since.",
    "The order in which reports arrive changes nothing, and a report that comes twice counts once.",
    "Reports that were corrected or withdrawn are left out; they stay on record.",
    "A unit's figure is its own and that of all units below it.",
    "The nation is the jurisdictions and what is attributed to no unit, less what more than one of them counted.",
    "Categories exclude each other: a measure's total is their sum.",
    "A joint action counts once, at the unit that led it; units that assisted are credited apart, and no credit is in a total.",
    "A dash means that no figure was reported. 0 is a figure that someone has reported.",
)

PUBLIC = (
    "This is the public form. Counts from 1 to 10 are hidden, and with them whatever would let them be derived; what is hidden stays "
    "hidden in every later publication. 0 is shown as 0. Amounts of money and weight are not counts of persons and are shown."
)


def status(dossier: Dossier) -> str:
    """The status as a reader understands it: ``Certified``, ``Certified, amendment 2``."""
    return STATUS.get(dossier.status) or f"Certified, amendment {dossier.status.removeprefix('amended-')}"


def moment(dossier: Dossier, text: str) -> str:
    """A moment of the documents in the operation's zone, with the zone's name."""
    return moment_words(datetime.fromisoformat(text), zone(dossier.operation["time_zone"]))


def heard(dossier: Dossier) -> str:
    """How many of how many have reported."""
    reporting = dossier.totals["reporting"]
    return f"{reporting['heard']} of {reporting['expected']} jurisdictions that were expected to report"


def derived(dossier: Dossier) -> list[tuple[str, str]]:
    """Figures made of figures, each with how; none in a public form."""
    told = dossier.totals["derived"]
    return [(one["label"], f"{figure_text(told[one['code']])}  ({one['expression']})") for one in dossier.operation["derived"]]


def facts(dossier: Dossier) -> list[tuple[str, str]]:
    """What the file is about, as names and values."""
    operation = dossier.operation
    window = f"{moment(dossier, operation['starts_at'])} to {moment(dossier, operation['ends_at'])}"
    place = [("Release", str(dossier.release))] if dossier.release is not None else []
    return [
        ("Operation", f"{operation['name']} ({operation['code']})"),
        ("Window", window),
        ("Status", status(dossier)),
        *place,
        ("Journal position", str(dossier.position)),
        ("Figures as of" if dossier.release is None else "Released", moment(dossier, dossier.moment)),
        ("Heard from", heard(dossier)),
    ]
