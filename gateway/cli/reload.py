"""`lotwatch reload`: another config for the daemon that runs."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.entering import json_option
from gateway.cli.options import data_option
from gateway.cli.output import Code, Exit, emit, say

WAIT_S = 150.0  # a large plan is designed anew, on a slow box


@click.command()
@click.argument("config", type=click.Path(path_type=Path), required=False)
@data_option("The journal of the daemon.")
@click.option(
    "--operator",
    metavar="N",
    default="",
    envvar="LOTWATCH_OPERATOR",
    help="Your operator number, for the event.",
)
@json_option
def command(config: Path | None, data: Path, operator: str, *, as_json: bool) -> None:
    """Let the running daemon read its config again, or CONFIG, and put all of it in force, or nothing.

    Buses that stay as they are go on without a missed poll. Code 78: the config is not good; 1: it needs a restart.
    """
    from gateway.door import BadRequest, DoorClosed, DoorRefused, DoorSilent, ask, reload_request  # noqa: PLC0415 # quick help

    if operator and not (operator.isascii() and operator.isdigit()):
        raise Exit(Code.USAGE, "--operator is a number: names of people never enter the journal")
    if config is not None and not config.is_file():
        raise Exit(Code.USAGE, f"{config}: no such file")
    line = reload_request(operator, str(config.absolute()) if config else "")
    try:
        seq, events = ask(data, line, WAIT_S)
    except DoorClosed as error:
        raise Exit(Code.UNREACHABLE, f"{error}: a daemon reads its config when it starts") from error
    except DoorRefused as error:
        nothing = "nothing was changed" if error.code == Code.BAD_CONFIG else "restart the daemon for that"
        raise Exit(Code(error.code), f"{nothing}:\n{error}") from error
    except BadRequest as error:
        raise Exit(Code.USAGE, str(error)) from error
    except DoorSilent as error:
        raise Exit(Code.TRY_LATER, str(error)) from error
    changes = [
        word
        for event in events
        if event.get("kind") == "config_changed"
        for word in event["facts"]["changes"]
    ]
    if as_json:
        emit({"seq": seq, "changes": changes, "events": list(events)})
        return
    for word in changes:
        click.echo(word)
    if not changes:
        say("lotwatch: nothing is different from the config in force")
    elif config is not None:
        say(f"lotwatch: {config} is in force; the next start reads the file that it is told to")
