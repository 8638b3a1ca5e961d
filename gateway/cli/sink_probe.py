"""`lotwatch sink-probe`: how a database really behaves."""

from __future__ import annotations

import contextlib
import secrets
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.options import load_site, set_option
from gateway.cli.output import Code, Exit, emit, say, stop

if TYPE_CHECKING:
    from gateway.ingest.probe import Probed
    from gateway.ingest.probestore import ProbeStore
    from gateway.site import Database

SPARE_S = 3.0


@click.command()
@click.argument("config", type=click.Path(path_type=Path))
@set_option
@click.option(
    "--kill",
    "victim",
    metavar="PID|COMMAND",
    help="SIGKILL this database, which is to be the one of CONFIG, and see which writes survive: a process that "
    "somebody starts again, or a command that is run, killed and run again.",
)
@click.option(
    "--kills",
    type=click.IntRange(1, 100),
    default=2,
    show_default=True,
    help="How often, with a command; a process is killed once.",
)
@click.option(
    "--span",
    "span_s",
    type=click.FloatRange(1, 600),
    help="Seconds of writing before each kill; 3 more than the config counts on.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one object.")
def command(
    config: Path,
    settings: tuple[str, ...],
    *,
    victim: str | None,
    kills: int,
    span_s: float | None,
    as_json: bool,
) -> None:
    """Write a few points to the database of CONFIG, read them back, and say what it keeps.

    They go under a measurement of their own, lotwatch_probe_..., which is deleted again. Ends with 1 where the database
    keeps less than the config makes lotwatch count on, with 69 where it cannot be asked. With --kill it is killed as a
    power cut would end it, with all that others have just written to it: name one that may lose that.
    """
    site = load_site(config, settings)
    if site.database is None:
        raise Exit(Code.USAGE, f"{config} has no database")
    from gateway.ingest.victims import NoVictim  # noqa: PLC0415 # after the config is known to be good
    from gateway.ingest.writer import WriteFailed  # noqa: PLC0415

    try:
        probed = _probed(site.database, victim, kills, span_s)
    except NoVictim as error:
        raise Exit(Code.USAGE, f"--kill: {error}") from error
    except WriteFailed as error:
        raise Exit(Code.UNREACHABLE, f"{site.database.url}: {error}") from error
    if as_json:
        emit(probed.plain())
    else:
        heads = ("question", "found", "counted on", "")
        lines = [(a.question, a.found, a.declared, "" if a.good else "LESS") for a in probed.answers]
        widths = [max(len(row[column]) for row in (heads, *lines)) for column in range(4)]
        for row in (heads, *lines):
            click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        say(f"{probed.url}, written as {probed.kind}{f', says {probed.version}' if probed.version else ''}")
    if not probed.cleaned:
        say(f"left behind: {probed.left}")
    if not probed.good:
        stop(Code.FINDINGS)


def _probed(database: Database, victim: str | None, kills: int, span_s: float | None) -> Probed:
    """Ask, and kill where that is wanted. Raises NoVictim, WriteFailed."""
    from gateway.clock import SystemClock  # noqa: PLC0415 # after the config is known to be good
    from gateway.ingest.kinds import KINDS  # noqa: PLC0415
    from gateway.ingest.probe import probe  # noqa: PLC0415
    from gateway.ingest.probestore import probe_store  # noqa: PLC0415
    from gateway.ingest.survival import survive  # noqa: PLC0415
    from gateway.ingest.victims import ByCommand, ByPid  # noqa: PLC0415

    def opened() -> ProbeStore:
        try:
            return probe_store(database)
        except (OSError, ValueError) as error:
            raise Exit(Code.BAD_CONFIG, f"database.token_from: {error}") from error

    def answers() -> bool:
        from gateway.ingest.writer import WriteFailed  # noqa: PLC0415

        with contextlib.closing(opened()) as store, contextlib.suppress(WriteFailed):
            return any(store.recognised())
        return False

    clock, pause, nonce = SystemClock(), threading.Event().wait, secrets.token_hex(4)
    killed = None
    if victim is not None:
        killed = (
            ByPid(int(victim), answers, pause) if victim.isdecimal() else ByCommand(victim, answers, pause)
        )
    try:
        with contextlib.closing(opened()) as store:
            probed = probe(database, store, nonce, clock.now().time_ns, pause)
        if killed is not None:
            kind = KINDS[database.kind]
            say(f"killing it: {kills if killed.again else 1} times, points of known age before each")
            survival = survive(
                opened, killed, f"lotwatch_probe_{nonce}", clock, pause,
                kills=kills, span_s=span_s or kind.durable_after_s + SPARE_S, snapshots=kind.durable_after_s > 0,
            )  # fmt: skip
            probed.answers[-1] = survival.answer(kind)
            probed.left = probed.left or survival.left
            probed.cleaned = probed.cleaned and not survival.left
        return probed
    finally:
        if killed is not None:
            killed.stop()
