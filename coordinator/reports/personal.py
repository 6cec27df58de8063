"""Free text that looks like a person: pure. Figures only is a promise, and a note field is where it is broken.

The forms are those that identify a person on their own: social security numbers, telephone numbers, e-mail addresses,
dates of birth, licence plates and case numbers named as such. A name alone can't be told from a place, so it is not tried; a
name before a date long past can.
"""

from __future__ import annotations

import re

_FORMS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("a social security number", re.compile(r"(?<!\d)\d{3}[- ]\d{2}[- ]\d{4}(?!\d)|\bssn\b\W{0,4}\d", re.I)),
    ("an e-mail address", re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+\.[\w.-]+")),
    (
        "a telephone number",
        re.compile(
            r"(?<![\d-])(\+?1[ .-]?)?(\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}(?!\d)|(?<!\d)\+\d{10,14}(?!\d)"
            r"|\b(phone|telephone|tel|mobile|cell|call)\b\W{0,4}(?!\d{4}-\d\d-\d\d)\d[\d .-]{5,}\d",
            re.I,
        ),
    ),
    ("a date of birth", re.compile(r"\b(dob|d\.o\.b\.?|born|birth ?date|date of birth)\b\W{0,8}(on )?\W{0,2}(\d|[a-z]{3,9} \d)", re.I)),
    (
        "a licence plate",
        re.compile(
            r"\b(plate|tag)\b(?: no| number| #)?\W{0,3}(?=[a-z0-9]{0,8}[ -]?[a-z0-9]{0,8}\d)[a-z0-9]{2,4}[ -]?[a-z0-9]{2,4}\b", re.I
        ),
    ),
    (
        "a case number",
        re.compile(
            r"\b(case|incident|docket)\b\W{0,2}((no\.?|number|num\.?|#|nr\.?)\W{0,3}[a-z0-9-]*\d|\d{2,4}-([a-z]{1,4}-)?\d{3,})",
            re.I,
        ),
    ),
    (
        "a name with a date of birth",
        re.compile(
            r"\b[A-Z][a-z'’-]+ ([A-Z][a-z'’.-]* ?){1,3}\W{0,3}"
            r"(\d{1,2}[/.-]\d{1,2}[/.-](19\d\d|20[01]\d)|(19\d\d|20[01]\d)-\d\d-\d\d)(?!\d)"
        ),
    ),
)


def looks_like(text: str) -> str | None:
    """What of a person the text seems to hold, in words, or None."""
    return next((what for what, form in _FORMS if form.search(text)), None)


def patterns() -> list[dict[str, str]]:
    """The same forms for a page to look for before it sends: they are written so that a browser's regular expressions read them alike."""
    return [{"what": what, "form": form.pattern, "flags": "i" if form.flags & re.I else ""} for what, form in _FORMS]


def complaint(text: str | None) -> str | None:
    """The sentence for whoever wrote it, or None where there is nothing to say."""
    found = looks_like(text) if text else None
    return found and f"This looks like {found}. Tallyroom takes figures only: leave out whatever could identify a person."
