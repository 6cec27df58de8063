"""What a browser calls itself, in the few words by which its owner knows it: pure."""

from __future__ import annotations

_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"), ("FxiOS", "Firefox"))
_ENGINES = (("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


def named(user_agent: str) -> str:
    """``Chrome on Android``, from the User-Agent header; ``a browser`` or ``a program`` where it says nothing we know."""
    browser = _first(user_agent, (*_BROWSERS, *_ENGINES))
    if browser is None:
        return "a browser" if user_agent.startswith("Mozilla/") else "a program"
    system = _first(user_agent, _SYSTEMS)
    return f"{browser} on {system}" if system else browser


def _first(text: str, names: tuple[tuple[str, str], ...]) -> str | None:
    return next((name for sign, name in names if sign in text), None)
