"""The published facts of real operations, one JSON file each; ``operations/templates.py`` reads them.

A package rather than a bare folder so that its files are installed with the code. The form: ``code``, ``name``,
``time_zone``, ``window``, ``jurisdictions``, ``agencies``, ``sites``, ``measures``, ``rules``, ``derived``,
``statistics`` (a row for each unit that figures are published for) and ``published_totals`` (the headline figures).
"""
