"""`lotwatch-writer`: the commands, loaded when one is asked for: who signs need not wait for a reader of configs."""

from __future__ import annotations

from importlib import import_module

import click

_PLACES = {
    "check": "check",
    "propose": "signing",
    "approve": "signing",
    "withdraw": "signing",
    "status": "looking",
    "serve": "serve",
    "tell": "tell",
    "verify": "verify",
}


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(_PLACES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in _PLACES:
            return None
        found: click.Command = getattr(import_module(f"lotwatch_writer.cli.{_PLACES[cmd_name]}"), cmd_name)
        return found


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Send a setpoint to a device: what a list allows, by two persons, read back and written down."""
