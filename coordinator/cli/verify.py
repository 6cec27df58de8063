"""``tallyroom verify``: check a bundle. All of it is in ``coordinator/verification``, which needs nothing of this command line."""

from __future__ import annotations

import click

from coordinator.verification.verify import main


@click.command(add_help_option=False, context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def command(ctx: click.Context, arguments: tuple[str, ...]) -> None:
    """Check a bundle: every figure, seal and signature in it."""
    ctx.exit(main(arguments, "tallyroom verify"))
