"""Verification by anyone: what is needed to check every figure without this hub, its server or its database.

Words: a **bundle** is one file with all that an operation's figures rest on; a **checkpoint** says under the hub's signature how
far the record went at a moment, and is worth most where someone else keeps it; the **margin** is what stands beside an entry of
the journal and is not in its report's digest; a **proof** leads from a receipt to the checkpoint above it. Enters releases, totals,
reports and operations.

``verify`` and what it stands on (``archive``, ``canonical``, ``keys``, ``told``, ``recounted``, ``checks``, ``figures``, ``findings``) need
Python's standard library and ``cryptography`` alone: a test holds them to it.
"""
