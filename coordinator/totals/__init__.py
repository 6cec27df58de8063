"""What it comes to: totals folded from the record.

Words: a **position** is a place in the journal, and in a cell its figure; a **cell** is unit, measure and category; an
**entry** is a line of a journaled report at its cell; a **series** is a cell by minute; a **recount** folds the whole record
again and compares. Everything in this room's tables is derived: it can be dropped and rebuilt. Enters reports, operations
and access.
"""
