"""What is published: statistics by agency, exported from the same totals as the board shows.

Enters totals, operations and access.
"""
