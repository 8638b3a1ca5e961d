"""`lotwatch support-bundle`: what somebody far away needs to help, without secrets and people."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import click

from gateway.cli.options import data_option
from gateway.cli.output import Code, Exit, say

_LOG = ("journalctl", "--no-pager", "--output=short-iso-precise", "--lines=20000")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--config", type=click.Path(exists=True, path_type=Path, dir_okay=False), help="The site file.")
@data_option("The journal.")
@click.option(
    "--unit", default="lotwatch@*", show_default=True, help="The services whose log goes in; '' for none."
)
def command(file: Path, config: Path | None, data: Path, unit: str) -> None:
    """Write FILE, a .tar.gz to be sent to whoever helps. Look through it first.

    Secrets, names, addresses and operator numbers are taken out; readings, lots and entries are not in it.
    """
    from gateway.clock import SystemClock  # noqa: PLC0415 # a command loads what it needs, when it runs
    from gateway.keeping.bundle import Leak, bundle  # noqa: PLC0415

    if file.exists():
        raise Exit(Code.USAGE, f"{file}: it is there already, and nothing is written over: name another one")
    if config is None and not data.exists():
        raise Exit(Code.USAGE, f"{data}: no journal here, and no --config: there is nothing to put in")
    there = data if data.is_dir() else None
    try:
        made = bundle(config, there, _log(unit), os.urandom(16), SystemClock().now().time_ns)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(made)
    except Leak as error:
        raise Exit(Code.FINDINGS, str(error)) from error
    except OSError as error:
        raise Exit(Code.USAGE, f"{error.filename or file}: {error.strerror}") from error
    say(f"lotwatch: {file}, {len(made) / 1000:.0f} kB: look through it before you send it")


def _log(unit: str) -> str:
    if not unit:
        return ""
    try:
        done = subprocess.run([*_LOG, f"--unit={unit}"], capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace")
