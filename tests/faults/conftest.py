"""One hub for all faults; after each test what it has stopped runs again."""

from tests.hubs import hub, shared_hub

__all__ = ["hub", "shared_hub"]
