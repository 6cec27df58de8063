"""Why a hub can't run here, in a sentence that says what to do."""

from __future__ import annotations


class HostingRefused(Exception):
    """The machine, the folder or a server does not allow it; the message is one line for whoever typed the command."""
