"""What a message says, as a mail and on a phone: pure, from its frozen words alone, so that every try says the same."""

from __future__ import annotations

import textwrap
from typing import Any

HEADLINE = 120
"""Characters of a bulletin that a locked phone shows at most."""


def title(message: dict[str, Any]) -> str:
    """``EXERCISE. FLASH: bulletin 3, Operation United Front``."""
    said = f"{message['title']}, {message['operation']['name']}"
    loud = message.get("priority") in ("immediate", "flash")
    return one_line(f"{'EXERCISE. ' if message['exercise'] else ''}{message['priority'].upper() + ': ' if loud else ''}{said}")


def letter(message: dict[str, Any]) -> str:
    """The text of a mail."""
    parts = [message["text"]]
    if message["exercise"]:
        parts.insert(0, "EXERCISE EXERCISE EXERCISE")
    if message.get("answer_by"):
        parts.append(f"Acknowledge by {message['answer_by']}, on the page of bulletins.")
    parts.append(f"{one_line(message['operation']['name'])} ({message['operation']['code']}). Nobody reads answers to this mail.")
    return "\n\n".join(parts) + "\n"


def headline(message: dict[str, Any]) -> str:
    """The first words, short enough for a locked phone."""
    return textwrap.shorten(one_line(message["text"]), HEADLINE, placeholder=" …")


def one_line(text: str) -> str:
    """The same without line breaks."""
    return " ".join(text.split())
