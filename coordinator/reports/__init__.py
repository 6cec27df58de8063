"""What liaisons said, for ever: reports, their lines, corrections, withdrawals, and the journal that puts them in order.

Words: a **report** has **lines** and a **basis**; a **correction** is a report that supersedes one, a **withdrawal**
supersedes one with nothing; the **inbox** holds what the journal does not yet. A **draft** is a report that has passed
every rule and is not yet recorded; a **joint action** is led by one unit, and the reports of it by others are mere
**credit**. Enters operations and access.

The journal's table stands here, with the record, because it is truth like the reports it numbers; only the fold of
``totals`` writes it.
"""
