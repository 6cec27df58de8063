"""``tallyroom faults``: does it hold while everything it is made of is killed, frozen and flushed?"""

from __future__ import annotations

import sys

import click


@click.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True}, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> None:
    """Try a hub of its own under faults; ``--seconds``, ``--seed``, ``--faults`` and ``--pace`` say how much."""
    try:
        from faults.__main__ import main
    except ModuleNotFoundError as problem:
        raise click.ClickException("the faults are not part of an installed hub: run this in the repository") from problem
    sys.exit(main(list(arguments)))
