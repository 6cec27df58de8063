"""``python3 -m coordinator faults``: does it hold? A hub of its own, clients that post, and a nemesis; exit 1 if anything is found.

With --night an operation's published night is played instead, under faults that no caller may notice. With --on the hub is one
that runs already, only those faults are committed, and whatever tries it meanwhile is yours.
"""

from __future__ import annotations

import argparse
import random
import sys
from pathlib import Path

from coordinator.hosting.stopping import StopAsked, stopped_by_signals
from coordinator.nights import playing
from coordinator.nights.caller import NightStopped
from faults import beside, hubs, nemesis, tables
from faults.hubs import Hub, hub
from faults.trial import Trial, run

PACE = 100.0
SECONDS_TO_A_FAULT = 2.5
INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> int:
    """Tries it, prints what was done and found, and answers 0 where every finding is 0, else 1."""
    parser = _parser()
    options = parser.parse_args(arguments)
    faults = nemesis.GENTLE if options.night or options.on else nemesis.ALL
    try:
        options.kinds = nemesis.only(options.only, faults)
    except ValueError as problem:
        parser.error(str(problem))
    options.seed = random.SystemRandom().randrange(10**6) if options.seed is None else options.seed
    try:
        with stopped_by_signals():
            return _trouble(options) if options.on else _with_a_hub(options)
    except StopAsked:
        print("stopped" if options.on else "stopped; the hub and its folder are gone")
        return INTERRUPTED
    except NightStopped as problem:
        print(f"tallyroom: {problem}", file=sys.stderr)
        return 2


def _say(line: str) -> None:
    print(line, flush=True)


def _with_a_hub(options: argparse.Namespace) -> int:
    _say(f"seed {options.seed}")
    with hub() as on:
        _say(f"a hub of its own is ready at {on.url}")
        return _night(options, on) if options.night else _trial(options, on)


def _trial(options: argparse.Namespace, on: Hub) -> int:
    faults = int(options.seconds / SECONDS_TO_A_FAULT) if options.faults is None else options.faults
    trial = Trial(options.seed, posts=max(1, int(options.seconds * options.pace)), faults=faults, pace=options.pace, kinds=options.kinds)
    _say(f"{trial.posts:,} posts at {trial.pace:g} a second, {trial.faults} faults")
    result = run(trial, on, _say)
    tables.show(result)
    return 0 if result.holds else 1


def _night(options: argparse.Namespace, on: Hub) -> int:
    console = playing.console()
    done, equal = beside.play_night(options.night, on, options.seed, options.seconds, console, options.kinds)
    tables.show_faults(done.tally, options.seed, console)
    return 0 if equal else 1


def _trouble(options: argparse.Namespace) -> int:
    _say(f"seed {options.seed}: faults that no caller may notice, for {options.seconds:g} seconds")
    done = beside.trouble(hubs.running(options.on), options.seed, options.seconds, _say, options.kinds)
    tables.show_faults(done.tally, options.seed)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tallyroom faults", description=__doc__)
    parser.add_argument("--seconds", type=_positive, default=60.0, help="how long is posted, at least (default: 60)")
    parser.add_argument("--seed", type=int, help="which of all trials; printed, so that it can be tried again (default: any)")
    parser.add_argument("--faults", type=int, help="how many faults (default: one for each 2.5 seconds)")
    parser.add_argument("--pace", type=_positive, default=PACE, help="posts a second (default: 100)")
    parser.add_argument("--only", metavar="WORD", action="append", default=[], help="only faults with this in their name; may be repeated")
    parser.add_argument("--night", metavar="FACTS", help="play the night of a template's name, or of a file of published facts")
    parser.add_argument("--on", metavar="DATA", type=Path, help="the data folder of a hub that runs already, started by `up`")
    return parser


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value <= 86_400:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 86400")
    return value


if __name__ == "__main__":
    sys.exit(main())
