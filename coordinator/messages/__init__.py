"""Who is there, what was ordered, and who has heard it.

Words: a unit **checks in**; a **word** is the last that was heard of it; who is **overdue** is **reminded**, first the liaison, then
the alternate, then the desk is shown whom to **call**. A **bulletin** goes from the desk to units, may **supersede** one before, and
may ask for an **acknowledgement** by a time; an **order** is the bulletin of a phase. Everything that happens here is a
**happening**: the numbered row by which streams know what they have not told yet. Enters deliveries, totals,
reports, operations and access.
"""
