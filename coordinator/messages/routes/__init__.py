"""The API of messages."""
