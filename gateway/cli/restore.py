"""`lotwatch restore`: a backup put back and verified; to read, or to go on from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.options import Folder
from gateway.cli.output import Code, Exit, emit, say
from gateway.cli.verify import head_of, key_of

if TYPE_CHECKING:
    from gateway.keeping.manifest import Manifest


@click.command()
@click.argument("source", metavar="BACKUP", type=click.Path(exists=True, path_type=Path))
@click.argument("target", metavar="DIR", type=Folder())
@click.option(
    "--go-on",
    metavar="NEW",
    type=Folder(),
    help="Make a journal in NEW that goes on from the backup under a new epoch: lots, charts and alarms stand as then.",
)
@click.option(
    "--key", metavar="PUB", help="The box's public key, its line or a file with it; else the backup's own."
)
@click.option(
    "--head",
    "head_file",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A checkpoint that was kept elsewhere: what is before it must be as it was then.",
)
@click.option(
    "--accept-clock",
    is_flag=True,
    envvar="LOTWATCH_ACCEPT_CLOCK",
    help="With --go-on: vouch for this machine's wall clock where no time service keeps it right.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one object.")
def command(
    source: Path,
    target: Path,
    *,
    go_on: Path | None,
    key: str | None,
    head_file: Path | None,
    accept_clock: bool,
    as_json: bool,
) -> None:
    """Put BACKUP into DIR, which must be new or empty, and verify every record of it.

    What is in DIR then is read as any journal, and written no more: what came after the backup may be elsewhere under
    the same numbers. `run` works on NEW.
    """
    from gateway.app import SystemEntropy  # noqa: PLC0415 # a command loads what it needs, when it runs
    from gateway.clock import SystemClock  # noqa: PLC0415
    from gateway.keeping.goon import go_on as going_on  # noqa: PLC0415
    from gateway.keeping.restore import NotRestored, restore  # noqa: PLC0415

    told: dict[str, Any] = {"epoch": None}

    def then(folder: Path, manifest: Manifest) -> None:
        if go_on is not None:
            clock = SystemClock(accepted=accept_clock)
            told["epoch"] = going_on(folder, go_on, manifest, clock, SystemEntropy())

    if go_on is not None and go_on.exists() and any(go_on.iterdir()):
        raise Exit(
            Code.USAGE, f"--go-on {go_on}: it is not empty, and nothing is written over: name another folder"
        )
    known = key_of(key) if key else None
    kept = head_of(head_file, [known] if known else []) if head_file else None
    try:
        done = restore(source, target, known, kept, then)
    except NotRestored as error:
        raise Exit(Code.FINDINGS, f"nothing was put back: {error}") from error
    made, verdict = done.manifest, done.verdict
    if as_json:
        found = {"inputs": verdict.inputs, "events": verdict.events, "heads": verdict.heads}
        emit(
            {
                "input": made.input,
                "event": made.event,
                "old_epoch": made.epoch,
                "epoch": told["epoch"],
                **found,
            }
        )
        return
    say(
        f"lotwatch: {target}: {verdict.inputs} inputs and {verdict.events} events are as they were committed, "
        f"{verdict.heads} signed heads fit"
    )
    if go_on is not None:
        say(
            f"lotwatch: {go_on}: goes on from there as epoch {told['epoch']}: lotwatch run SITE --data {go_on}"
        )
