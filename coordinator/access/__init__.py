"""Who is speaking, and may they.

Words: an **actor** is whoever acts; its **role** says what it may do. A **right** to act, in an operation and for units, is a row
of ``tokens``; a **token**'s text proves it, or an **account** (a name and passphrase) or a **device** (a browser that stays signed
in behind a short code) holds it. A **session** is a browser in which someone has signed in; an **invitation** offers a right once.
The **audit** record keeps every act that is not itself a report. Enters no other room: an operation and its units are ids here.
"""
