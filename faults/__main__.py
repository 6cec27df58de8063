"""``python3 -m coordinator faults``: does it hold? A hub of its own, clients that post, and a nemesis; exit 1 if anything is found."""

from __future__ import annotations

import argparse
import random
import sys

from coordinator.hosting.stopping import StopAsked, stopped_by_signals
from faults import tables
from faults.hubs import hub
from faults.trial import Trial, run

PACE = 100.0
SECONDS_TO_A_FAULT = 2.5
INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> int:
    """Tries it, prints what was done and found, and answers 0 where every finding is 0, else 1."""
    options = _parser().parse_args(arguments)
    seed = random.SystemRandom().randrange(10**6) if options.seed is None else options.seed
    faults = int(options.seconds / SECONDS_TO_A_FAULT) if options.faults is None else options.faults
    trial = Trial(seed, posts=max(1, int(options.seconds * options.pace)), faults=faults, pace=options.pace)
    print(f"seed {seed}: {trial.posts:,} posts at {trial.pace:g} a second, {trial.faults} faults", flush=True)
    try:
        with stopped_by_signals(), hub() as on:
            print(f"a hub of its own is ready at {on.url}", flush=True)
            result = run(trial, on, lambda line: print(line, flush=True))
    except StopAsked:
        print("stopped; the hub and its folder are gone")
        return INTERRUPTED
    tables.show(result)
    return 0 if result.holds else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tallyroom faults", description=__doc__)
    parser.add_argument("--seconds", type=_positive, default=60.0, help="how long is posted, at least (default: 60)")
    parser.add_argument("--seed", type=int, help="which of all trials; printed, so that it can be tried again (default: any)")
    parser.add_argument("--faults", type=int, help="how many faults (default: one for each 2.5 seconds)")
    parser.add_argument("--pace", type=_positive, default=PACE, help="posts a second (default: 100)")
    return parser


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value <= 86_400:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 86400")
    return value


if __name__ == "__main__":
    sys.exit(main())
