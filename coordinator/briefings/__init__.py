"""What is said before the night: packs of pages and files, the counting rules, who has read and acknowledged them, and readiness.

Words: a **briefing** is one numbered **version** of the pack, which never changes; the **counting rules** are what each measure means,
frozen in the version; a version may **ask**, and is then **in force** until another asks: no liaison who has not passed its short
**check** can post. Enters messages, reports, operations and access; the gate itself stands in reports.
"""
