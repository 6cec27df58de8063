"""The API of briefings."""
