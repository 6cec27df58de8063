"""``python3 -m coordinator VERB``: the way in, also installed as ``tallyroom``.

This file is read by whatever Python there is, so it keeps to what every Python 3 can parse; all else may be newer.
"""

import sys


def main() -> int:
    """Makes sure the packages are there, then runs the verb; returns the exit status."""
    if sys.version_info < (3, 11):  # noqa: UP036 (this is where an older one ends)
        return _refuse("Tallyroom needs Python 3.11 or newer, and this is " + sys.version.split()[0] + ": run it with a newer python3.")
    if sys.platform == "win32":
        return _refuse("Tallyroom runs on Linux and macOS: on Windows use WSL or the Docker image.")
    if sys.argv[1:2] == ["verify"] and _has("cryptography"):
        from coordinator.verification import verify

        return verify.main(sys.argv[2:], "python3 -m coordinator verify")
    from coordinator import bootstrap

    bootstrap.enter(sys.argv[1:])
    from coordinator.cli import main as verbs

    return verbs.main(sys.argv[1:])


def _has(package: str) -> bool:
    """Whether it is installed where this Python looks."""
    from importlib.util import find_spec

    return find_spec(package) is not None


def _refuse(sentence: str) -> int:
    sys.stderr.write("tallyroom: " + sentence + "\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
