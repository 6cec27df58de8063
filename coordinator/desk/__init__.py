"""The live screen: what changes, as it changes.

Words: a **watcher** is one open stream; a **channel** is what one process sends to all watchers of one operation. Enters
totals, operations and access.
"""
