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
from lotwatch_writer.audit import AuditBroken, read
from lotwatch_writer.cli.common import Stop, audit_option
from lotwatch_writer.telling import OtherAudit, left, newest
from lotwatch_writer.telling import tell as tell_row

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
    while True:
        try:
            count = _round(audit, data)
        except (DoorClosed, DoorSilent, DoorRefused, OSError, JournalError) as error:
            if not follow:
                raise Stop(Code.TRY_LATER, f"{error}; what was not told yet is told next time") from error
            say(f"lotwatch-writer: {error}; again in {LATER_S:g} s")
            over.wait(LATER_S)
        except (BadRequest, OtherAudit, AuditBroken) as error:
            raise Stop(Code.FINDINGS, str(error)) from error
        else:
            if not follow:
                click.echo(f"{count} rows told")
        if not follow or over.wait(LOOK_S):
            return


def _round(audit: Path, data: Path) -> int:
    """Tell what is left; how many rows."""
    rows = read(audit)
    if not rows:
        return 0
    todo = left(rows, newest(data))
    for row in todo:
        tell_row(data, row)
    return len(todo)
