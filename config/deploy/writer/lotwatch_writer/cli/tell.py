"""`lotwatch-writer tell`: what the audit says, into the gateway's journal."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import click

from gateway.cli.options import data_option
from gateway.cli.output import Code, ending_signals, say
from gateway.door import BadRequest, DoorClosed, DoorRefused, DoorSilent
from gateway.journal.errors import JournalError
from lotwatch_writer.audit import NAME, AuditBroken, read
from lotwatch_writer.cli.common import Stop, audit_option
from lotwatch_writer.telling import OtherAudit, Told
from lotwatch_writer.telling import tell as tell_rows

LOOK_S = 2.0
LATER_S = 15.0


@click.command()
@audit_option
@data_option("The journal of the gateway.")
@click.option("--follow", is_flag=True, help="Go on with what comes, until SIGTERM.")
def tell(audit: Path, data: Path, *, follow: bool) -> None:
    """Enter what was proposed, approved, refused and written into the journal of the daemon that runs on DATA."""
    over = threading.Event()
    if follow:
        for each in ending_signals():
            signal.signal(each, lambda *_: over.set())
    last: Told | None = None
    size = -1  # of the audit when all of it was told: it only grows
    while True:
        pause_s = LOOK_S
        try:
            before, now = last, (audit / NAME).stat().st_size
            if last is None or now != size:  # years of rows are not read every two seconds
                last, size = tell_rows(read(audit), data, last), now
            if not follow:
                click.echo("told" if last.n else "nothing to tell")
            elif last != before:
                say(f"lotwatch-writer: told up to row {last.n}")
        except (DoorClosed, DoorSilent, DoorRefused, OSError, JournalError) as error:
            if not follow:
                raise Stop(Code.TRY_LATER, f"{error}; what was not told yet is told next time") from error
            say(f"lotwatch-writer: {error}; again in {LATER_S:g} s")
            last, pause_s = None, LATER_S  # the journal knows what it has
        except (BadRequest, OtherAudit, AuditBroken) as error:
            raise Stop(Code.FINDINGS, str(error)) from error
        if not follow or over.wait(pause_s):
            return
