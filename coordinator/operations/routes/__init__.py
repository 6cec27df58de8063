"""The API of operations and of those who take part."""
