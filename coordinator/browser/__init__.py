"""The plumbing of pages: their files, their frame, who may see them, and what they may do in a browser.

A page is what a room shows a person (`pages.py`). Words: a page's *parts* are third-party files, fetched at set-up (`parts`);
its *files* are those and our own, served by the hub itself (`files`). It enters access alone.
"""
