"""The live screen: what changes, as it changes.

Words: a **watcher** is one open stream; a **channel** is what one process sends to all watchers of one operation. Enters
messages, totals, operations and access.
"""
