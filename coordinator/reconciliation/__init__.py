"""Putting figures right before they are certified: finals, checks, explanations, overlaps, control totals.

Words: a **final** is a unit's own statement of its standing figure; a **check** says what should hold, of which inputs, and
whether it does; an **explanation** settles a check for as long as its inputs stay as they are; an **adjustment** takes out of
the nation what more than one unit counted; a **control** is a figure published or expected elsewhere, and its **remainder**
what the nation lacks of it. What is not settled is **open**. Enters totals, reports, operations and access.
"""
