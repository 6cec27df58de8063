"""The web application as gunicorn starts it: made once, before its processes part, and started in each of them."""

from flask import Flask

from config.logs import configure_logs
from config.settings import Settings
from coordinator.app import create_app, start

_settings = Settings.from_environment()
configure_logs(_settings)
_made = create_app(_settings)


def app() -> Flask:
    """The application, connected to this process' own database and Redis. Called once in each process."""
    return start(_made)
