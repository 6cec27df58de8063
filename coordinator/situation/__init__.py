"""Situation reports: where the whole operation stands, said at a time, numbered, and never changed.

A report has the header of an ICS-209 or an EDXL-SitRep, and of every figure what is new in its **period** (from the position of the
report before) and what it comes to; each **reduction** with its reason; where units stand, and which bulletins are open. It is made
on demand or when it is **due** by the operation's schedule, goes to all as a bulletin in the same transaction, and is **approved** by
someone else than whoever prepared it. The room also tells messages whose final is in and who is certified. Enters exports, releases,
reconciliation, messages, totals, reports, operations and access.
"""
