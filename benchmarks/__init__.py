"""How fast it is: every figure beside its limit, measured in the same run on the same machine, against a hub of its own."""
