"""The command line: one module per verb, each a door that calls into the rooms or starts the hub's processes."""
