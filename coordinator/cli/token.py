"""``tallyroom token``: issue, list and revoke tokens at the hub's own machine."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Any
from uuid import UUID

import click

from coordinator.access import tokens
from coordinator.access.actor import ROLES, console
from coordinator.cli.connected import connected
from coordinator.db import transaction
from coordinator.fields import moment_text, parse_moment
from coordinator.operations import members

_REASONS = {
    "invalid": "write a time such as 2021-08-27T06:00:00-05:00",
    "naive": "add an offset: Z, or one such as -05:00",
    "outside": "the year is out of range",
}


class MomentType(click.ParamType):
    """A time in RFC 3339 form with an offset."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The aware datetime, or a usage error that says what to write."""
        try:
            return value if isinstance(value, datetime) else parse_moment(value)
        except ValueError as problem:
            self.fail(_REASONS[str(problem)], param, ctx)


@click.group()
def command() -> None:
    """Issue, list and revoke tokens."""


@command.command()
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--name", required=True, help="Whose token it is, such as 'Kentucky liaison'.")
@click.option("--operation", help="Its operation's code; every role but admin needs one.")
@click.option("--unit", "units", multiple=True, help="A unit a liaison posts for; may be given several times.")
@click.option("--expires", "expires_at", type=MomentType(), help="When it ends by itself.")
@connected
def issue(role: str, name: str, operation: str | None, units: tuple[str, ...], expires_at: datetime | None) -> None:
    """Issue a token and print it, once."""
    actor = dataclasses.replace(console(), secret=tokens.fresh_secret())
    content = {"role": role, "name": name, "operation": operation, "units": list(units), "expires_at": expires_at}
    with transaction():
        issued = members.issue(actor, content)
    click.echo(tokens.text_of(actor, UUID(issued["id"])))


@command.command("list")
@connected
def list_tokens() -> None:
    """List tokens, newest first; never their text."""
    with transaction():
        shown = [members.description(token) for token in tokens.visible(console(), 200, None)]
    for one in shown:
        state = "revoked" if one["revoked_at"] else f"until {moment_text(one['expires_at'])}" if one["expires_at"] else "good"
        click.echo(
            f"{one['id']}  {one['role']:8}  {one['operation'] or '-':24}  {','.join(one['units']) or '-':12}  {state:8}  {one['name']}"
        )


@command.command()
@click.argument("id", type=click.UUID)
@connected
def revoke(id: UUID) -> None:
    """End a token at once, its streams included."""
    with transaction():
        tokens.revoke(console(), id)
    click.echo(f"{id} is revoked")
