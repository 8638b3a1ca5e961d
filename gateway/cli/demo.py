"""`lotwatch demo`: a whole simulated supplier site on this machine."""

from __future__ import annotations

import asyncio
import math
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.options import address
from gateway.cli.output import Code, Exit, emit, ending_signals, say

if TYPE_CHECKING:
    from gateway.demo.stage import Wishes


@click.command()
@click.option(
    "--seconds",
    type=click.FloatRange(min=1),
    help="End by itself so many seconds after the first reading; else at Ctrl-C.",
)
@click.option(
    "--speed",
    type=click.FloatRange(0.1, 100),
    default=1.0,
    show_default=True,
    help="How fast the plant runs.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Of all chance in the plant.")
@click.option(
    "--data", type=click.Path(path_type=Path, file_okay=False), help="Keep journal, replica and logs here."
)
@click.option(
    "--port",
    type=click.IntRange(1, 65_535),
    help="Of the pages, on this machine; one that is free if not given.",
)
@click.option("--no-faults", is_flag=True, help="Plant no change and no fault: nothing may be signalled.")
@click.option(
    "--broker", metavar="URL", default="", help="A real MQTT broker instead of one of the demo's own."
)
@click.option("--database", metavar="URL", default="", help="An InfluxDB v2 API to write to as well.")
@click.option(
    "--database-kind",
    type=click.Choice(["influxdb", "influxdb1", "victoriametrics"]),
    default="influxdb",
    show_default=True,
    help="What the database keeps, and when.",
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print the summary as one JSON object, last, on stdout."
)
def command(  # one a flag
    seconds: float | None,
    speed: float,
    seed: int,
    data: Path | None,
    port: int | None,
    broker: str,
    database: str,
    database_kind: str,
    *,
    no_faults: bool,
    as_json: bool,
) -> None:
    """Run a whole simulated supplier site: devices, broker, gateway with its pages, ingest worker, replica.

    Real processes over real sockets and serial lines. Tells what happens, and ends with an account: what the
    simulated devices served against what arrived in the replica, each planted change beside what was signalled, the
    week's balance against a supplier's list with a planted mistake, the month's reward ranking and scorecard.
    """
    from gateway.demo.process import ChildDied  # noqa: PLC0415
    from gateway.demo.stage import Wishes  # noqa: PLC0415

    if not math.isfinite(seconds or 1.0) or not math.isfinite(speed):
        raise Exit(Code.USAGE, "--seconds and --speed: write a number such as 20")
    if broker:
        address("--broker", broker if "//" in broker else f"mqtt://{broker}", ("mqtt",))
    if database:
        address("--database", database, ("http", "https"))
    if data is not None and (data / "journal").exists():
        raise Exit(Code.USAGE, f"{data} holds an earlier demo; name a new folder")
    if data is not None:
        _make(data)
    place = tempfile.TemporaryDirectory(prefix="lotwatch-demo-") if data is None else nullcontext(str(data))
    with place as folder:
        wishes = Wishes(
            Path(folder), seconds, speed, seed, not no_faults, broker, database, database_kind, port or 0
        )
        try:
            summary = asyncio.run(_perform(wishes))
        except ChildDied as error:
            raise Exit(Code.UNREACHABLE, str(error)) from error
    if as_json:
        emit(summary)
    else:
        from gateway.demo.summary import table  # noqa: PLC0415

        click.echo(table(summary, data))
    if summary["lost"] or summary["duplicated"]:
        raise SystemExit(int(Code.FINDINGS))


def _make(folder: Path) -> None:
    from gateway.journal.chunkfile import make_folder  # noqa: PLC0415
    from gateway.journal.errors import JournalError  # noqa: PLC0415

    try:
        make_folder(folder)
    except JournalError as error:
        raise Exit(Code.USAGE, str(error)) from error


async def _perform(wishes: Wishes) -> dict[str, Any]:
    from gateway.clock import SystemClock  # noqa: PLC0415
    from gateway.demo.play import play  # noqa: PLC0415

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in ending_signals():
        loop.add_signal_handler(number, stop.set)
    perform: Callable[..., Awaitable[dict[str, Any]]] = play
    return await perform(wishes, SystemClock(), stop, say)
