"""What is answered for and published: who signed which figures, what was released and what of it is no longer so; statistics by agency.

Words: a unit **signs** its figures at a position, and its signature **falls** with the next entry that touches it; a **waiver** says why
something **open** is certified all the same; a **release** is numbered and never changes; an **amendment** opens it again with a reason;
a **headline** is a sentence made from figures, **stale** when one of them is another.

Pure: ``canonical``, ``changes``, ``figures``, ``opening``, ``remarks``, ``sentences``, ``signing``, ``statistics``. What can be done:
``certification`` (units sign, the desk waives), ``releasing`` (the desk signs the whole, and amends), ``state`` and ``reading``. Enters
reconciliation for what is open, totals, reports for its record, operations and access.
"""
