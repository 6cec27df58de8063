"""Which characters a PDF can show: those of the fonts in typst's wheel, since no other machine has this one's fonts. Pure."""

from __future__ import annotations

import unicodedata

FONTS = ("Libertinus Serif", "New Computer Modern", "DejaVu Sans Mono")

SHOWN = (
    (0x20, 0x7E), (0xA0, 0xAC), (0xAE, 0x2FF), (0x370, 0x377), (0x37A, 0x37F), (0x384, 0x38A), (0x38C, 0x38C), (0x38E, 0x3A1),
    (0x3A3, 0x482), (0x48A, 0x4FF), (0x531, 0x556), (0x5D0, 0x5EA), (0x1E00, 0x1F15), (0x2000, 0x200A), (0x2010, 0x2027),
    (0x202F, 0x2040), (0x2070, 0x2071), (0x2074, 0x208E), (0x20A0, 0x20C0), (0x2100, 0x211E), (0x2122, 0x2122), (0x2190, 0x23FF),
    (0x2460, 0x262F), (0xFB00, 0xFB06), (0xFFFD, 0xFFFD),
)  # fmt: skip
"""First and last of each run that one of FONTS has; a test has typst set them all."""


def shown(text: str) -> str:
    """The text as it can be set: what has no sign in the fonts is named by its number, ``‹U+6771›``, and never left out."""
    plain = unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
    return "".join(character if _has(character) else " " if character in "\t\n\r" else f"‹U+{ord(character):04X}›" for character in plain)


def _has(character: str) -> bool:
    return any(first <= ord(character) <= last for first, last in SHOWN)
