"""``tallyroom operation``: load one from a template or a file, list those there are."""

from __future__ import annotations

import json

import click

from coordinator.access.actor import console
from coordinator.cli.connected import connected
from coordinator.db import transaction
from coordinator.doors import load as through
from coordinator.errors import Refusal
from coordinator.operations import exercising, service, templates
from coordinator.operations.schemas.operations import OperationIn


@click.group()
def command() -> None:
    """Load operations and list them."""


@command.command()
@click.argument("file")
@click.option("--code", help="A code of its own, where the file's is taken.")
@connected
def load(file: str, code: str | None) -> None:
    """Create an operation from FILE: a template's name, published facts, or a document as POST /operations takes it."""
    try:
        document = templates.operation_document(templates.facts(file), code)
    except templates.FactsUnusable as problem:
        raise click.ClickException(str(problem)) from problem
    content = through(OperationIn(), json.loads(json.dumps(document)))
    with transaction():
        catalogue = service.create(console(), content)
    click.echo(f"{catalogue.code}: {catalogue.name}, {len(catalogue.units)} units, {len(catalogue.measures)} measures, {catalogue.phase}")


@command.command()
@click.argument("code")
@connected
def exercise(code: str) -> None:
    """Make an exercise of the operation CODE: the same plan under a code of its own, to practise in."""
    try:
        with transaction():
            made = exercising.make(console(), code)
    except Refusal as refusal:
        raise click.ClickException(refusal.detail) from refusal
    click.echo(f"{made.code}: {made.name}, {len(made.units)} units, {len(made.measures)} measures, {made.phase}")


@command.command("list")
@connected
def list_operations() -> None:
    """List operations, newest first."""
    with transaction():
        rows = service.visible(console(), 200, 0)
    for row in rows:
        click.echo(f"{row.code:40}  {row.phase:14}  {'exercise  ' if row.exercise else ''}{row.name}")
