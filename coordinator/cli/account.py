"""``tallyroom account``: the first admin, and what an admin does for whoever is locked out, at the hub's own machine."""

from __future__ import annotations

import sys

import click

from coordinator.access import accounts, passphrases
from coordinator.access.actor import ROLES, console
from coordinator.cli.connected import connected
from coordinator.db import transaction
from coordinator.errors import Invalid
from coordinator.operations import members, people


@click.group()
def command() -> None:
    """Make, list, lock and unlock accounts that sign in by name."""


@command.command()
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--name", required=True, help="The name to sign in with.")
@click.option("--operation", help="Its operation's code; every role but admin needs one.")
@click.option("--unit", "units", multiple=True, help="A unit a liaison posts for; may be given several times.")
@connected
def add(role: str, name: str, operation: str | None, units: tuple[str, ...]) -> None:
    """Make an account. The passphrase is asked for, or read from standard input; never given as an argument."""
    passphrase = _passphrase()
    if objection := passphrases.objection(passphrase, name, operation or ""):
        raise Invalid.at("the passphrase", objection)
    verifier, content = passphrases.hashed(passphrase), {"role": role, "operation": operation, "units": list(units)}
    with transaction():
        catalogue = members.operation_of(console(), content)
        ids = list(members.units_of(content, catalogue).values())
        account = accounts.add(name, verifier)
        accounts.give(console(), account, role, catalogue.id if catalogue else None, ids, None)
    click.echo(f"{account.name} signs in by name and passphrase")


@command.command("list")
@connected
def list_accounts() -> None:
    """List accounts, newest first, with who is locked and by what."""
    with transaction():
        shown = people.account_rows(accounts.visible(None, 200, None))
    for one in shown:
        click.echo(f"{one['id']}  {one['created_at'][:19]}  {'locked: ' + one['locked'] if one['locked'] else 'good':16}  {one['name']}")


@command.command()
@click.argument("name")
@connected
def lock(name: str) -> None:
    """Keep an account from signing in, and end its sessions."""
    with transaction():
        accounts.lock(console(), accounts.named(name))
    click.echo(f"{name} is locked")


@command.command()
@click.argument("name")
@connected
def unlock(name: str) -> None:
    """Let an account sign in again, whatever locked it."""
    with transaction():
        accounts.unlock(console(), accounts.named(name))
    click.echo(f"{name} can sign in")


def _passphrase() -> str:
    """From whoever types it, twice and unseen; else the first line of standard input."""
    if sys.stdin.isatty():
        return str(click.prompt("Passphrase", hide_input=True, confirmation_prompt="The same again"))
    return sys.stdin.readline().rstrip("\r\n")
