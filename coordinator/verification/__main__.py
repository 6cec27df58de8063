"""``python3 -m coordinator.verification BUNDLE``: ``verify`` for whoever has this folder, Python and ``cryptography`` and nothing else."""

from __future__ import annotations

import sys

from coordinator.verification.verify import main

if __name__ == "__main__":
    sys.exit(main(program="python3 -m coordinator.verification"))
