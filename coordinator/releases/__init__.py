"""What is certified and released.

Enters totals, operations and access.
"""
