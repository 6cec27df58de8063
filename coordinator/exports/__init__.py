"""What leaves the hub as a file: the figures of a position or a release, for readers and programs.

A **dossier** is everything that is said of one position; every format is written from it alone, so the same dossier is the same
file to the last byte. Long ones are made by a worker. A **publication** is a dossier's public form: small counts are **hidden**.

Enters releases, totals, reports, operations and access.
"""
