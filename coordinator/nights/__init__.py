"""An operation's night told again: its published figures are posted to a running hub, over HTTP alone, by its liaisons.

Words: **facts** are what was published; a **night** is the plan of who posts what and when, the same for the same seed;
an **act** is one thing a liaison does (post, repeat, correct, withdraw); the **comparison** sets the hub's figures beside
the published ones. Pure: ``figures``, ``pieces``, ``plan``, ``fates``, ``comparison``, ``remarks``, ``board``. Speaking to the hub:
``caller``, ``stream``, ``player``. Showing it in a terminal: ``screen``, ``tables``. Enters operations for its pure files
(templates, states), and nothing else of the house: what it knows of the hub is its contract.
"""
