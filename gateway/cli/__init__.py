"""The command line: one file a command, found by walking this folder.

Each module exposes `command`. stdout is data, stderr is talk. Exit codes: 0 ok, 1 findings, 2 usage, 69 device or
server unreachable, 75 try later, 78 bad config.
"""

from __future__ import annotations

import difflib
import importlib
import os
import pkgutil
import re
import sys
from collections.abc import Sequence
from keyword import iskeyword
from pathlib import Path
from typing import Any

import click

from gateway import __version__

os.environ.setdefault(
    "OPENBLAS_NUM_THREADS", "1"
)  # before numpy comes: no pool of threads for sums of a few values
from gateway.cli.edge import check_text, open_stdout
from gateway.loading import loading


class Commands(click.Group):
    """Loads a command when it is asked for, so that `decode` does not pay for `run`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        names = [module.name for module in pkgutil.iter_modules(__path__)]
        return sorted(name.rstrip("_").replace("_", "-") for name in names if name not in _HELPERS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        with loading():
            module = importlib.import_module(f"{__name__}.{_module(cmd_name)}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """As click's, but what a command says of itself is read in its file: to load them all takes half a second."""
        names = self.list_commands(ctx)
        limit = formatter.width - 6 - max(map(len, names))
        with formatter.section("Commands"):
            formatter.write_dl([(name, said_of(name, limit)) for name in names])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            near = difflib.get_close_matches(args[0], self.list_commands(ctx), 1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(self.list_commands(ctx))}"
            ctx.fail(f"{args[0]} is not a command; {hint}")
        return super().resolve_command(ctx, args)

    def main(self, args: Sequence[str] | None = None, *rest: Any, **more: Any) -> Any:
        """As click's, at the edge to the shell."""
        check_text(sys.argv[1:] if args is None else args)
        with open_stdout():
            return super().main(args, *rest, **more)


def said_of(name: str, limit: int) -> str:
    """The first sentence of a command's docstring, in so many characters."""
    text = Path(__path__[0], f"{_module(name)}.py").read_text("utf-8")
    found = _SAYS.search(text)
    return click.Command(name, help=found[1] if found else None).get_short_help_str(limit)


def _module(name: str) -> str:
    name = name.replace("-", "_")
    return f"{name}_" if iskeyword(name) else name


_SAYS = re.compile(r'^def command\(.*?^    """(.*?)"""', re.DOTALL | re.MULTILINE)
_HELPERS = {
    "output",
    "options",
    "stored",
    "csvfile",
    "genealogyfile",
    "importepcis",
    "ingestparts",
    "massshow",
    "alarmtrace",
    "csvstream",
    "checkonline",
    "edge",
    "entering",
    "away",
    "keyfile",
    "limitsfile",
    "rulewords",
    "spcfile",
    "spcshow",
    "falsealarms",
    "importorders",
    "scoring",
    "useraccounts",
}


@click.command(
    cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="lotwatch")
def main() -> None:
    """Read a plastics line, watch it with SPC, tie every reading to its lots, and prove the record."""
