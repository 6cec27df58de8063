"""Every line any part of the hub logs, in one form on stderr: structlog's own and those of gunicorn, Celery and SQLAlchemy.

Times are UTC in ISO 8601. Whatever the door bound to the context (the request's id, the operation) is on each line.
"""

from __future__ import annotations

import logging.config
import sys
from typing import Any

import orjson
import structlog
from structlog.typing import Processor

from config.settings import Settings

QUIET = dict.fromkeys(("sqlalchemy", "kombu", "amqp", "urllib3", "celery.app.trace", "celery.worker.strategy"), "WARNING")
"""Libraries that say too much at INFO."""


def configure_logs(settings: Settings) -> None:
    """Sets up structlog and the standard library's logging."""
    options = logging_options(settings)
    structlog.configure(
        processors=[*_on_every_line(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[settings.log_level]),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(options)
    logging.captureWarnings(True)


def logging_options(settings: Settings) -> dict[str, Any]:
    """The same for ``logging.config.dictConfig``; gunicorn takes it as its own ``logconfig_dict``."""
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": _on_every_line(),
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_rendering(settings)],
    }
    through_root = {"handlers": [], "propagate": True}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": formatter},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "stream": "ext://sys.stderr"}},
        "root": {"level": settings.log_level, "handlers": ["stderr"]},
        "loggers": {
            **dict.fromkeys(("gunicorn.error", "gunicorn.access", "celery"), through_root),
            **{name: {"level": level} for name, level in QUIET.items()},
        },
    }


def _on_every_line() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]


def _rendering(settings: Settings) -> list[Processor]:
    if settings.log_format == "json":
        return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(serializer=_json)]
    return [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)]


def _json(line: Any, **_: Any) -> str:
    return orjson.dumps(line, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
