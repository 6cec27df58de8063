"""``tallyroom bench``: how fast it is here, each figure beside its limit."""

from __future__ import annotations

import sys

import click


@click.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True}, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> None:
    """Measure on hubs of its own; ``--json FILE`` writes the figures as well."""
    try:
        from benchmarks.__main__ import main
    except ModuleNotFoundError as problem:
        raise click.ClickException("the benchmarks are not part of an installed hub: run this in the repository") from problem
    sys.exit(main(list(arguments)))
