"""The second door into the house: what Celery does. Tasks of three lines; all they know is in ``coordinator``."""
