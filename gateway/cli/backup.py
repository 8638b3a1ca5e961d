"""`lotwatch backup`: a consistent copy of a journal or replica, while its daemon runs."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.options import data_option
from gateway.cli.output import Code, Exit, emit, say
from gateway.cli.stored import refusal


@click.command()
@click.argument("target", type=click.Path(path_type=Path))
@data_option("The journal, or one replica, to be copied.")
@click.option("--json", "as_json", is_flag=True, help="Print the manifest.")
def command(target: Path, data: Path, *, as_json: bool) -> None:
    """Copy the journal in --data to TARGET, a new folder, or a new file where its name ends in .tar.

    The daemon may run meanwhile. The box's private key is not copied; accounts of people are.
    """
    from gateway.clock import SystemClock  # noqa: PLC0415 # a command loads what it needs, when it runs
    from gateway.journal.errors import JournalError  # noqa: PLC0415
    from gateway.keeping.backup import BackupFailed, backup  # noqa: PLC0415

    try:
        made = backup(data, target, SystemClock().now().time_ns)
    except BackupFailed as error:
        raise Exit(Code.USAGE, str(error)) from error
    except JournalError as error:
        raise refusal(error) from error
    if as_json:
        emit(made)
        return
    size = sum(size for size, _ in made.files.values())
    say(
        f"lotwatch: {target}: inputs to {made.input}, events to {made.event} of {made.site}/{made.gateway}, "
        f"{size / 1e6:.1f} MB in {len(made.files)} files"
    )
