"""Figures large enough to be read across a room: three rows of half blocks for each digit. Pure."""

from __future__ import annotations

_ROWS = {
    "0": ("█▀█", "█ █", "▀▀▀"),
    "1": ("▀█ ", " █ ", "▀▀▀"),
    "2": ("▀▀█", "█▀▀", "▀▀▀"),
    "3": ("▀▀█", " ▀█", "▀▀▀"),
    "4": ("█ █", "▀▀█", "  ▀"),
    "5": ("█▀▀", "▀▀█", "▀▀▀"),
    "6": ("█▀▀", "█▀█", "▀▀▀"),
    "7": ("▀▀█", "  █", "  ▀"),
    "8": ("█▀█", "█▀█", "▀▀▀"),
    "9": ("█▀█", "▀▀█", "▀▀▀"),
    ".": (" ", " ", "▀"),
    ",": (" ", " ", "▄"),
    "≥": ("▀▄ ", "▄▀ ", "▀▀ "),
    "–": ("  ", "▀▀", "  "),
}

HEIGHT = 3


def large(figure: str) -> list[str]:
    """The three rows of a figure written with digits, points, commas or a dash; anything else is left out."""
    drawn = [_ROWS[letter] for letter in figure if letter in _ROWS]
    return [" ".join(letter[row] for letter in drawn) for row in range(HEIGHT)]
