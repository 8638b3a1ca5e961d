"""What the commands share: exits, options, asking the writer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from gateway.cli.output import Code, Exit, say
from lotwatch_writer.client import DEFAULT, Denied, NoAnswer, NobodyThere, ask

FOLDER = Path("/var/lib/lotwatch-writer")
LIST = Path("/etc/lotwatch-writer/list.yaml")

json_option = click.option("--json", "as_json", is_flag=True, help="Print one object.")
list_argument = click.argument("file", metavar="[LIST]", type=click.Path(path_type=Path), default=LIST)
audit_option = click.option(
    "--audit", type=click.Path(path_type=Path), default=FOLDER, show_default=True, metavar="DIR",
    envvar="LOTWATCH_WRITER_AUDIT", help="The folder with the audit.",
)  # fmt: skip
_socket = click.option(
    "--socket", "place", type=click.Path(path_type=Path), default=DEFAULT, show_default=True, metavar="PATH",
    envvar="LOTWATCH_WRITER_SOCKET", help="The writer's door; over ssh, the end of ssh -L here.",
)  # fmt: skip


class Stop(Exit):
    """Stop with this code and one message."""

    def show(self, file: Any = None) -> None:
        del file
        say(f"lotwatch-writer: {self.message}")


def asking(command: Callable[..., None]) -> Callable[..., None]:
    """Options of a command that asks the writer."""
    return json_option(_socket(command))


def asked(place: Path, note: str = "") -> dict[str, Any]:
    """What the writer says. What it refuses ends the command with code 1."""
    try:
        return ask(place, note)
    except NobodyThere as error:
        raise Stop(Code.UNREACHABLE, str(error)) from error
    except NoAnswer as error:
        unknown = "; it is not known what became of it: lotwatch-writer status" if note else ""
        raise Stop(Code.TRY_LATER, f"{error}{unknown}") from error
    except Denied as error:
        raise Stop(Code.FINDINGS, str(error)) from error
