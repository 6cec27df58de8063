"""Tasks: one for each job of ``coordinator/jobs.py``, of the same name and parameters."""
