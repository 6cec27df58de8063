"""What is set from outside: the environment read once, the queue, the logs, the web server. Enters no other room."""

import sys


def _import_structlog_alone() -> None:
    """structlog takes rich along where it is installed: 7 MB in each process, for tracebacks in colours that our logs don't have."""
    if "rich" not in sys.modules:
        sys.modules["rich"] = None  # type: ignore[assignment]  # Python's own way to say that there is no such module
        try:
            import structlog.dev  # noqa: F401 (imported for what it leaves out)
        finally:
            del sys.modules["rich"]


_import_structlog_alone()
