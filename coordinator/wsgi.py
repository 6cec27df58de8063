"""The web application as gunicorn starts it in each of its processes."""

from config.logs import configure_logs
from config.settings import Settings
from coordinator.app import create_app, start

_settings = Settings.from_environment()
configure_logs(_settings)
app = start(create_app(_settings))
