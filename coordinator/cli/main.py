"""``tallyroom VERB``: each verb's module is imported only when that verb runs, so that every verb starts quickly."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Sequence

import click

from config.settings import SettingsError
from coordinator.errors import Refusal
from coordinator.hosting.refusals import HostingRefused

VERBS = {
    "up": ("up", "Start a whole hub on this machine, with private servers unless others are named."),
    "demo": ("demo", "Start a hub on an empty folder and play the night of Operation United Front."),
    "test": ("testing", "Run the tests; arguments go to pytest."),
    "account": ("account", "Make, list, lock and unlock accounts that sign in by name."),
    "token": ("token", "Issue, list and revoke tokens."),
    "operation": ("operation", "Load an operation from a file, or list those there are."),
    "play": ("play", "Play an operation's published night against a running hub."),
    "recount": ("recount", "Compare totals with a recount from the journal, and mend them."),
    "backup": ("backup", "Write all that the hub keeps to one file."),
    "restore": ("backup", "Fill an empty database from a backup, and count every total again."),
    "bundle": ("bundle", "Write all that an operation's figures rest on to one file."),
    "verify": ("verify", "Check a bundle: every figure, seal and signature, without a server."),
    "web": ("services", "Run the web server, for a deployment of several processes."),
    "worker": ("services", "Run one Celery worker."),
    "beat": ("services", "Run the scheduler."),
    "migrate": ("migrate", "Bring the database's tables up to date."),
    "screenshots": ("screenshots", "Play the night on a hub of its own and take pictures of its pages."),
    "bench": ("bench", "Measure this machine: each figure beside its limit."),
    "faults": ("faults", "Kill, freeze and flush a hub of its own while clients post, and count what is wrong."),
    "doctor": ("doctor", "Read the settings of the running servers, and say what is unsafe and how to mend it."),
}
"""Each verb's module in this package and what it does. The module names it ``command``, or by the verb where it holds several."""


class Verbs(click.Group):
    """The verbs, imported one at a time."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All verbs, in the order of the table."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb's command, imported now; None where there is no such verb."""
        if cmd_name not in VERBS:
            return None
        module = importlib.import_module(f"coordinator.cli.{VERBS[cmd_name][0]}")
        command = getattr(module, "command", None) or getattr(module, cmd_name)
        if not isinstance(command, click.Command):
            raise TypeError(f"coordinator.cli has no command for {cmd_name}")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of verbs in ``--help``, from the table alone."""
        with formatter.section("Verbs"):
            formatter.write_dl([(verb, about) for verb, (_, about) in VERBS.items()])


@click.group(
    cls=Verbs, no_args_is_help=False, context_settings={"help_option_names": ["-h", "--help"]}, subcommand_metavar="VERB [ARGUMENTS]..."
)
def tallyroom() -> None:
    """One hub for an operation that many states run on the same night."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a verb; returns the exit status: 0, what the verb says, or 2 with one line on stderr for what was refused."""
    try:
        status = tallyroom.main(args=arguments, prog_name="tallyroom", standalone_mode=False)
        sys.stdout.flush()
        return status if isinstance(status, int) else 0
    except BrokenPipeError:
        return _nobody_reads()
    except (KeyboardInterrupt, click.Abort):
        return 130
    except Exception as problem:
        sentence = _sentence(problem)
        if sentence is None:
            raise
        print(f"tallyroom: {sentence}", file=sys.stderr)
        return 2


def _sentence(problem: Exception) -> str | None:
    """What to tell whoever typed the command, on one line; None for a mistake of ours, which deserves its traceback."""
    for kind, tell in _TELLINGS:
        if isinstance(problem, kind):
            return " ".join(tell(problem).split())
    if any(kind.__name__ == "OperationalError" for kind in type(problem).__mro__):
        return f"the database can't be reached or refused: {' '.join(str(problem).split())}"
    return None


def _usage(problem: click.UsageError) -> str:
    command = problem.ctx.command_path if problem.ctx else "tallyroom"
    return f"{problem.format_message()} Try `{command} --help`."


def _refusal(problem: Refusal) -> str:
    said = problem.detail or (type(problem).__doc__ or "").partition("\n")[0]
    errors = getattr(problem, "errors", {})
    return "; ".join([said, *(f"{place or 'the document'}: {', '.join(messages)}" for place, messages in errors.items())])


_TELLINGS: list[tuple[type[Exception], Callable[..., str]]] = [
    (click.UsageError, _usage),
    (click.ClickException, lambda problem: problem.format_message()),
    (Refusal, _refusal),
    (SettingsError, str),
    (HostingRefused, str),
]


def _nobody_reads() -> int:
    """Whoever read our output has gone (``| head``): nothing to say, and Python must not try to at its exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 141
