"""A link as a QR code (ISO/IEC 18004), for a phone to read from a screen or from paper: pure."""

from __future__ import annotations

import segno


def svg(text: str) -> str:
    """The code as an SVG element without styles or scripts, black on white whatever surrounds it, at a size its page chooses."""
    code = segno.make(text, error="m", micro=False)
    return str(code.svg_inline(border=4, dark="#000", light="#fff", omitsize=True, title="The link of this invitation as a QR code"))
