"""What leaves the hub for someone elsewhere: by e-mail, by webhook, and to phones that are to be woken.

Words: an **address** is where something may go, for a unit's liaison or alternate or for the desk; an **outgoing** delivery is one
message to one address, its words frozen when it was made; the **outbox** is all of them. A **way** (mail, webhook, push) is open where
the settings list where it may lead, and nothing goes anywhere else. Workers **send**, as often as it takes, so a receiver may get
one twice: its id is the same each time. Enters operations and access.
"""
