"""`lotwatch init`: a commented starter site."""

from __future__ import annotations

import json
from pathlib import Path

import click

from gateway.cli.options import Folder
from gateway.cli.output import Code, Exit, say


@click.command()
@click.argument("directory", type=Folder())
def command(directory: Path) -> None:
    """Write a starter site into DIRECTORY, which must be empty or not there yet: config, control plan, device map.

    It passes `lotwatch check` as it is; every line says what it is for.
    """
    from gateway.config.models import FILES, schema  # noqa: PLC0415 # a command loads what it needs, when it runs
    from gateway.resources import config_dir  # noqa: PLC0415

    example = config_dir() / "example"
    try:
        if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
            raise Exit(Code.USAGE, f"{directory} is not an empty directory: nothing was written")
        for source in sorted(example.rglob("*.yaml")):
            target = directory / source.relative_to(example)
            target.parent.mkdir(parents=True, exist_ok=True)
            # the schemas stand one level above the example, and beside the new site
            target.write_text(source.read_text("utf-8").replace("$schema=../", "$schema=", 1), "utf-8")
            click.echo(str(target))
        for kind in FILES:
            target = directory / f"{kind}.schema.json"
            target.write_text(json.dumps(schema(kind), indent=2) + "\n", "utf-8")
            click.echo(str(target))
    except OSError as error:
        raise Exit(
            Code.USAGE, f"{error.filename or directory} cannot be written: {error.strerror}"
        ) from error
    say(f"Now change it to what you have, and run: lotwatch check {directory / 'site.yaml'}")
