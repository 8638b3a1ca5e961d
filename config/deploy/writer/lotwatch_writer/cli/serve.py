"""`lotwatch-writer serve`: the writer itself, as its service runs it."""

from __future__ import annotations

import asyncio
import logging
import os
from functools import partial
from pathlib import Path

import click

from gateway.cli.output import Code, ending_signals, say
from gateway.clock import SystemClock
from gateway.config.problems import ConfigErrors
from gateway.lines import open_line
from gateway.service.notify import notifier
from lotwatch_writer.audit import Audit, AuditBroken, AuditBusy
from lotwatch_writer.cli.common import FOLDER, Stop, list_argument
from lotwatch_writer.cli.lists import told
from lotwatch_writer.client import DEFAULT
from lotwatch_writer.desk import Desk, Outside
from lotwatch_writer.listfile import load
from lotwatch_writer.server import Server, listening


class Chance:
    """The machine's."""

    def token(self, nbytes: int) -> bytes:
        return os.urandom(nbytes)

    def uniform(self) -> float:
        return int.from_bytes(os.urandom(6), "big") / 2**48


@click.command()
@list_argument
@click.option(
    "--audit", type=click.Path(path_type=Path), default=FOLDER, show_default=True, metavar="DIR",
    help="The folder of the audit.",
)  # fmt: skip
@click.option(
    "--socket", "place", type=click.Path(path_type=Path), default=DEFAULT, show_default=True, metavar="PATH",
    help="Where to listen.",
)  # fmt: skip
def serve(file: Path, audit: Path, place: Path) -> None:
    """Take proposals and approvals at a local socket and write what LIST allows, until SIGTERM."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    clock = SystemClock()
    if clock.row().boot_id.startswith("pid-"):
        raise Stop(
            Code.USAGE,
            "this boot has no name here, and rates could not be kept: set LOTWATCH_BOOT_ID=%b in the service",
        )
    try:
        with Audit(audit, clock) as book:
            desk = Desk(Outside(clock, Chance(), partial(load, file), open_line), book)
            made = listening(place)
            say(f"lotwatch-writer: listening at {place}, {len(book.rows)} rows in {audit}")
            try:
                asyncio.run(_until_told(Server(desk, clock), made))
            finally:
                place.unlink(missing_ok=True)
    except ConfigErrors as errors:
        told(errors)
    except AuditBroken as error:
        raise Stop(
            Code.BAD_CONFIG, f"{audit}: {error}: nothing is written before somebody has looked; see verify"
        ) from error
    except AuditBusy as error:
        raise Stop(Code.TRY_LATER, str(error)) from error
    except OSError as error:
        raise Stop(Code.TRY_LATER, f"{error.filename or audit}: {error.strerror or error}") from error


async def _until_told(server: Server, made: object) -> None:
    """Serve until a signal; a write that is under way is brought to its end first."""
    loop = asyncio.get_running_loop()
    serving = loop.create_task(server.run(made))  # type: ignore[arg-type] # the socket of `listening`
    for each in ending_signals():
        loop.add_signal_handler(each, serving.cancel)
    manager = notifier()
    if manager is not None:
        manager.say(READY="1", STATUS="takes proposals")
    try:
        await serving
    except asyncio.CancelledError:
        await server.rest()
    finally:
        if manager is not None:
            manager.say(STOPPING="1")
            manager.close()
