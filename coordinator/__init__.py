"""The hub: one folder per room, plumbing beside them, and the doors (web, command line) that put them together."""
