"""Shapes of operations and of tokens, in and out."""
