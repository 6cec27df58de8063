"""What is coordinated, and who takes part.

Words: an **operation** has a **window** and a **phase**; **units** form a tree; **measures** have **categories** that
partition them; **rules** and **derived** measures relate measures. The **catalogue** is all of that for one operation, as
one immutable value. Enters access.
"""
