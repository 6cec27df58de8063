"""What a verification finds, in plain words. Nothing but the standard library."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

MOST_SHOWN = 20
"""What is wrong in one part, at most: where there is more, its number is said."""


class Refused(Exception):
    """The file can't be looked at: it is no bundle, or of a version that is not known here."""


@dataclass
class Findings:
    """Lines of ``ok``, ``note`` and ``WRONG``, handed to ``say`` as they are found."""

    say: Callable[[str], None] = field(default=lambda _: None)
    faults: list[str] = field(default_factory=list)
    _in_part: dict[str, int] = field(default_factory=dict)

    @property
    def hold(self) -> bool:
        """Whether nothing was wrong."""
        return not self.faults

    def ok(self, text: str) -> None:
        """Something that was checked, and holds."""
        self.say(printable(f"ok     {text}"))

    def note(self, text: str) -> None:
        """Something that holds no figure up, but should be known."""
        self.say(printable(f"note   {text}"))

    def wrong(self, part: str, text: str) -> None:
        """Something that does not hold, and where."""
        self.faults.append(f"{part}: {text}")
        self._in_part[part] = self._in_part.get(part, 0) + 1
        if self._in_part[part] <= MOST_SHOWN:
            self.say(printable(f"WRONG  {part}: {text}"))

    def wrongs(self, part: str) -> int:
        """How much was wrong in a part."""
        return self._in_part.get(part, 0)

    def close(self) -> None:
        """Says what was left out."""
        for part, number in self._in_part.items():
            if number > MOST_SHOWN:
                self.say(printable(f"WRONG  {part}: {number - MOST_SHOWN} more"))


def printable(text: str) -> str:
    """The text as one line that does nothing to a terminal: a bundle made by somebody else must not write over what is found in it."""
    return "".join(one if one.isprintable() else f"\\u{{{ord(one):x}}}" for one in text)
