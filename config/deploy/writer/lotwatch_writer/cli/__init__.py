"""`lotwatch-writer`: the commands, a file each."""

from __future__ import annotations

import click

from lotwatch_writer.cli.check import check
from lotwatch_writer.cli.looking import status
from lotwatch_writer.cli.serve import serve
from lotwatch_writer.cli.signing import approve, propose, withdraw
from lotwatch_writer.cli.tell import tell
from lotwatch_writer.cli.verify import verify


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Send a setpoint to a device: what a list allows, by two persons, read back and written down."""


for _each in (check, propose, approve, withdraw, status, serve, tell, verify):
    main.add_command(_each)
