"""An operation's night told again: its published figures are posted to a running hub, over HTTP alone, by its liaisons.

Words: **facts** are what was published; a **night** is the plan of who posts what and when, the same for the same seed;
an **act** is one thing a liaison does (post, repeat, correct, withdraw); a **stage** is an operation opened on a hub, with
a caller for everyone who acts; the **comparison** sets the hub's figures beside the published ones.

Pure: ``figures``, ``pieces``, ``plan``, ``fates``, ``night``, ``comparison``, ``wording``, ``digits``, ``board``. Speaking to
the hub: ``caller``, ``stream``, ``player``. In a terminal: ``screen``, ``tables``. All of it together: ``playing``. Enters operations for
its pure files (templates, states), releases for its own (figures, remarks), and nothing else of the house: what it knows of
the hub is the contract.
"""
