"""``python -m simulators``: the demo's site, recordings as registers, load for benchmarks, and the account."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import click

from gateway.clock import SystemClock
from gateway.config import ConfigErrors, load
from gateway.journal import JournalError
from gateway.resources import config_dir


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """A moulding site that does not exist, on real sockets and ptys."""


@main.command()
@click.option(
    "--run-dir", type=click.Path(path_type=Path), required=True, help="Where ports.json and the logs go."
)
@click.option("--site", type=click.Path(path_type=Path), help="Site file; the shipped demo's if not given.")
@click.option("--seconds", type=click.FloatRange(min=0), help="End after so many real seconds.")
@click.option(
    "--speed",
    type=click.FloatRange(min=0.01),
    default=1.0,
    show_default=True,
    help="Plant seconds in a second.",
)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--script", type=click.Path(path_type=Path), help="Faults and changes, a line each.")
@click.option("--no-faults", is_flag=True, help="Nothing goes wrong.")
@click.option("--waits", is_flag=True, help="Nothing moves before every device was asked.")
def demo(
    run_dir: Path,
    site: Path | None,
    seconds: float | None,
    speed: float,
    seed: int,
    script: Path | None,
    *,
    no_faults: bool,
    waits: bool,
) -> None:
    """All devices of a site, until told to stop."""
    # pymodbus is loaded by who needs it
    from simulators.demo import SCRIPT, Wishes, run_demo  # noqa: PLC0415
    from simulators.faults import ScriptError  # noqa: PLC0415
    from simulators.rig import RigError  # noqa: PLC0415
    from simulators.wire.image import MapMismatch  # noqa: PLC0415

    try:
        rows = load(site or config_dir() / "demo" / "site.yaml")
    except ConfigErrors as errors:
        click.echo(str(errors), err=True)
        sys.exit(78)
    words = None if no_faults else script.read_text("utf-8") if script else SCRIPT
    try:
        asyncio.run(run_demo(rows, Wishes(run_dir, seconds, speed, seed, words, waits), SystemClock()))
    except (ScriptError, RigError, MapMismatch) as error:
        click.echo(str(error), err=True)
        sys.exit(78)


@main.command()
@click.option("--run-dir", type=click.Path(path_type=Path, exists=True), required=True)
@click.option("--replica", type=click.Path(path_type=Path), required=True, help="A journal or replicas.")
def account(run_dir: Path, replica: Path) -> None:
    """What was served against what a replica holds, as JSON."""
    from simulators.ledger import compare  # noqa: PLC0415

    try:
        summary = compare(run_dir, replica)
    except (FileNotFoundError, JournalError) as error:
        click.echo(f"no account: {error}", err=True)
        sys.exit(75)
    click.echo(json.dumps(summary.plain()))
    sys.exit(0 if summary.whole else 1)


@main.command()
@click.option("--run-dir", type=click.Path(path_type=Path, exists=True), required=True)
@click.option("--replica", type=click.Path(path_type=Path), required=True, help="A journal or replicas.")
@click.option("--week", required=True, help="ISO week, such as 2026-W46.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of the mistake.")
@click.option("--no-faults", is_flag=True, help="A true list.")
def declare(run_dir: Path, replica: Path, week: str, seed: int, *, no_faults: bool) -> None:
    """The supplier's weekly list out of the plant's own books, with one mistake; what it is, as JSON."""
    from gateway.journal import open_readers  # noqa: PLC0415
    from simulators import daybook  # noqa: PLC0415

    try:
        readers = open_readers(replica)
        with readers[0] as reader:
            site = reader.site()
            if site is None:
                raise ValueError("nothing was read yet")
            told = daybook.declare(run_dir, reader, site, week, seed, faults=not no_faults)
    except (FileNotFoundError, ValueError, JournalError) as error:
        click.echo(f"no list: {error}", err=True)
        sys.exit(75)
    click.echo(json.dumps(told))


@main.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--port", type=int, default=0, help="0: a free one.")
@click.option(
    "--speed",
    type=click.FloatRange(min=0.001),
    default=1.0,
    help="Rows come so many times faster than recorded.",
)
@click.option("--period", type=click.FloatRange(min=0.001), help="Rows come every so many seconds instead.")
@click.option(
    "--write-site", type=click.Path(path_type=Path), help="Folder for a matching site and device map."
)
@click.option("--poll", default="50ms", show_default=True, help="Poll period of the written site.")
@click.option("--loop", is_flag=True, help="Begin again at the end.")
@click.option("--patient", is_flag=True, help="A row stays until it was read.")
def play(
    file: Path,
    port: int,
    speed: float,
    period: float | None,
    write_site: Path | None,
    poll: str,
    *,
    loop: bool,
    patient: bool,
) -> None:
    """A recording as Modbus registers."""
    from simulators.player import run_player  # noqa: PLC0415
    from simulators.recording import RecordingError  # noqa: PLC0415

    try:
        asyncio.run(
            run_player(
                file, port, speed, period, write_site, SystemClock(), loop=loop, patient=patient, poll=poll
            )
        )
    except RecordingError as error:
        click.echo(str(error), err=True)
        sys.exit(78)


@main.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--rows", type=click.IntRange(2), default=1500, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
def record(file: Path, rows: int, seed: int) -> None:
    """Write a recording with glitches and irregular times."""
    from simulators.recording import write_glitches  # noqa: PLC0415

    write_glitches(file, rows, seed)


@main.command()
@click.option("--devices", type=click.IntRange(1, 247), default=10, show_default=True)
@click.option("--registers", type=click.IntRange(4, 60000), default=100, show_default=True)
@click.option("--port", type=int, default=0, help="0: a free one.")
@click.option("--separate", is_flag=True, help="A port for each device, not one for all.")
@click.option(
    "--write-site", type=click.Path(path_type=Path), help="Folder for a matching site and device map."
)
def load_server(devices: int, registers: int, port: int, write_site: Path | None, *, separate: bool) -> None:
    """Many units with many changing registers, cheaply."""
    from simulators.load import run_load  # noqa: PLC0415

    asyncio.run(run_load(devices, registers, port, write_site, SystemClock(), separate=separate))


@main.command()
@click.option(
    "--site", type=click.Path(path_type=Path), help="Site file; the shipped example's if not given."
)
@click.option("--seconds", type=click.FloatRange(min=0), help="End after so many seconds.")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--no-faults", is_flag=True, help="Nobody clears, knocks or switches off.")
def dosing(site: Path | None, seconds: float | None, seed: int, *, no_faults: bool) -> None:
    """Blenders and feeders of a site on its own ports, and what is true of them on stdout."""
    from simulators.dosing_day import run_dosing  # noqa: PLC0415

    where = site or config_dir() / "dosing" / "site.yaml"
    try:
        asyncio.run(run_dosing(where, seconds, seed, SystemClock(), click.echo, faults=not no_faults))
    except ConfigErrors as errors:
        click.echo(str(errors), err=True)
        sys.exit(78)
    except (OSError, RuntimeError) as error:
        click.echo(f"the ports of {where} cannot be had: {error}", err=True)
        sys.exit(69)


@main.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--seed", type=int)
@click.option("--days", type=float)
def simulate(files: tuple[Path, ...], seed: int | None, days: float | None) -> None:
    """Scenarios in virtual time, an outcome a line as JSON: `lotwatch simulate` runs this."""
    from simulators.whatif.run import FoldFailed  # noqa: PLC0415
    from simulators.whatif.worker import simulate as play_all  # noqa: PLC0415

    try:
        play_all(files, seed, days, click.echo)
    except ConfigErrors as errors:
        click.echo(str(errors), err=True)
        sys.exit(78)
    except FoldFailed as error:
        click.echo(f"the fold refused an input: {error}", err=True)
        sys.exit(70)


@main.command()
@click.option("--seed", "seeds", type=int, multiple=True, required=True)
@click.option("--hours", type=float, default=2.0)
@click.option("--period", type=float, default=10.0)
@click.option("--script", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--record", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--no-explain", is_flag=True)
@click.option("--soak", is_flag=True, help="No faults: how much memory a day takes.")
def chaos(
    seeds: tuple[int, ...],
    hours: float,
    period: float,
    script: Path | None,
    record: Path | None,
    *,
    no_explain: bool,
    soak: bool,
) -> None:
    """The whole daemon under faults in virtual time, an outcome a line as JSON: `lotwatch chaos` runs this."""
    from simulators.chaos.script import ScriptError  # noqa: PLC0415
    from simulators.chaos.vfs import NoVfs  # noqa: PLC0415
    from simulators.chaos.worker import chaos as run_chaos  # noqa: PLC0415

    try:
        whole = run_chaos(seeds, hours, period, script, record, click.echo, explain=not no_explain, soak=soak)
    except (ConfigErrors, ScriptError) as error:
        click.echo(str(error), err=True)
        sys.exit(78)
    except (OSError, NoVfs) as error:
        click.echo(str(error), err=True)
        sys.exit(69)
    sys.exit(0 if whole else 1)


main.add_command(load_server, "load")

if __name__ == "__main__":
    main(prog_name="python -m simulators")
