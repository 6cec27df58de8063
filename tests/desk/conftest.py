"""One hub for all tests of the stream."""

from tests.hubs import hub, shared_hub

__all__ = ["hub", "shared_hub"]
