"""What commands share that enter something: by the door of a daemon, or into the journal where none runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from gateway.cli.options import data_option
from gateway.cli.output import Code, Exit, emit, say, stop
from gateway.cli.stored import lot_named, opened, refusal
from gateway.journal import JournalReader
from gateway.journal.errors import JournalBusy, JournalError
from gateway.model import Plain

json_option = click.option("--json", "as_json", is_flag=True, help="Print one object.")


def acting(command: Callable[..., None], where: str = "The journal of this gateway.") -> Callable[..., None]:
    """Options of every command that enters something."""
    for option in (
        json_option,
        click.option(
            "--accept-clock",
            is_flag=True,
            envvar="LOTWATCH_ACCEPT_CLOCK",
            help="Vouch for this machine's wall clock, where no daemon runs that does.",
        ),
        click.option(
            "--operator",
            required=True,
            metavar="N",
            envvar="LOTWATCH_OPERATOR",
            help="Your operator number; names never enter the journal.",
        ),
        data_option(where),
    ):
        command = option(command)
    return command


def own_journal(data: Path, readers: list[JournalReader]) -> JournalReader:
    """The one journal that something can be entered into. Replicas: code 2."""
    if len(readers) > 1 or readers[0].replica:
        raise Exit(Code.USAGE, f"{data}: replicas only copy: enter it at the gateway, on its journal")
    return readers[0]


def named_lot(data: Path, code: str) -> tuple[str, str]:
    """The lot in a code, and its kind where it is known by mass. One that was never seen is taken at its word."""
    with opened(data) as readers:
        reader = own_journal(data, readers)
        try:
            lot = lot_named(code, readers)
        except Exit as unknown:
            if reader.lots_of_code(code):
                raise
            from gateway.codes.identify import Refused, lot_of  # noqa: PLC0415 # as in `gateway.views.naming`

            said = lot_of(code)
            if isinstance(said, Refused):
                raise Exit(Code.USAGE, f"{code}: {said.message}") from unknown
            say(f"lotwatch: {said.lot} was not seen here yet")
            return said.lot, ""
        made = reader.made.made(lot)
        return lot, made.kind if made is not None else ""


def entered(
    data: Path, kind: str, operator: str, body: Mapping[str, Plain], *, accept_clock: bool
) -> tuple[int, tuple[Mapping[str, Any], ...]]:
    """Hand it in, wait for its commit; its number and what it caused. What cannot be ends the command."""
    from gateway.door import BadRequest, DoorClosed, DoorSilent, ask, request  # noqa: PLC0415 # who only reads needs none

    line = request(kind, operator, body)
    try:
        try:
            seq, events = ask(data, line)
        except DoorClosed:
            from gateway.app import SystemEntropy  # noqa: PLC0415 # a second of imports
            from gateway.door.offline import enter  # noqa: PLC0415

            seq, events = enter(data, line, SystemEntropy(), accept_clock=accept_clock)
    except BadRequest as error:
        raise Exit(Code.USAGE, str(error)) from error
    except DoorSilent as error:
        raise Exit(Code.TRY_LATER, str(error)) from error
    except JournalBusy as error:
        raise Exit(Code.TRY_LATER, f"{error}, or try again: it does not listen yet, or no longer") from error
    except JournalError as error:
        raise refusal(error) from error
    return seq, events


def told(seq: int, events: tuple[Mapping[str, Any], ...], *, as_json: bool) -> None:
    """What an entry caused, in a line each. A refusal, and an entry that did nothing, end the command with code 1."""
    if as_json:
        emit({"seq": seq, "events": list(events)})
    refused = [event for event in events if str(event.get("kind", "")).endswith("_refused")]
    for event in events if not as_json else ():
        if line := line_of(event):
            click.echo(line)
    for event in refused:
        say(f"lotwatch: {event['subject']}: {event['facts']['reason']}")
    if refused or not events:
        stop(Code.FINDINGS)


_WORDS = {
    "lot_held": "held",
    "lot_released": "released",
    "release_asked": "one of two operators has released it",
    "lot_suspect": "shipped, now suspect",
    "lot_cleared": "keeps its rules by what is known now, and stays held until it is released",
    "lot_result": "result entered",
    "check_due": "due",
    "check_late": "late",
    "check_missed": "missed",
    "sample_noted": "noted",
    "handover": "told to the next shift",
    "lot_recounted": "counted anew",
    "scan_corrected": "scan corrected",
}


def line_of(event: Mapping[str, Any]) -> str:
    """An event for people to read; "" for one that another command shows."""
    match event["is"]:
        case "AlarmChanged":
            return f"{event['alarm']}: {event['state']} (version {event['version']})"
        case "LotMade":
            return f"{event['lot']}: version {event['version']}, {event['reason']}"
        case "Noted" if event["kind"] == "lot_disposition":
            return f"{event['subject']}: {event['facts']['disposition']}"
        case "Noted" if event["kind"] == "check_done":
            facts = event["facts"]
            return f"{event['subject']}: done, {facts['verdict']}{', late' if facts['late'] else ''}"
        case "Noted" if event["kind"] in _WORDS:
            reason = event["facts"].get("reason")
            return f"{event['subject']}: {_WORDS[event['kind']]}{f' ({reason})' if reason else ''}"
        case _:
            return ""
