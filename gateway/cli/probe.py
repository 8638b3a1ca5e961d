"""`lotwatch probe`: which Modbus units are on a line, what they say they are, and what their registers likely mean."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.options import Folder
from gateway.cli.output import Code, Exit, emit, ending_signals, say, stop

if TYPE_CHECKING:
    from gateway.probing import Found, Places, Target


@click.command()
@click.argument("place")
@click.option(
    "-o",
    "--out",
    type=Folder(),
    help="Write site.yaml and device maps into this folder, which must be empty.",
)
@click.option(
    "--units", help="Unit ids, such as 1-20,30. Default: 1-247 on a serial line; 1, 255 and 0 on a socket."
)
@click.option(
    "--baud", "bauds", multiple=True, type=click.IntRange(300, 4_000_000), help="A speed to try; repeat it."
)
@click.option(
    "--parity",
    "parities",
    multiple=True,
    type=click.Choice(["N", "E", "O"]),
    help="A parity to try; repeat it.",
)
@click.option(
    "--table",
    "tables",
    multiple=True,
    type=click.Choice(["holding", "input", "coil", "discrete"]),
    help="A table to look through; repeat it. Default: all four.",
)
@click.option(
    "--addresses",
    help="Addresses from 0 to decide one by one, such as 0-999,4096-4200. Default: 0-127, and likely ones beyond.",
)
@click.option(
    "--reads", type=click.IntRange(1, 100), default=5, show_default=True, help="How often each value is read."
)
@click.option(
    "--every",
    "every_s",
    type=click.FloatRange(0, 3600),
    default=1.0,
    show_default=True,
    help="Seconds between two reads: what counts and what moves is known by it.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one object.")
def command(  # noqa: PLR0917 # as many options as it has
    place: str,
    out: Path | None,
    units: str | None,
    bauds: tuple[int, ...],
    parities: tuple[str, ...],
    tables: tuple[str, ...],
    addresses: str | None,
    reads: int,
    every_s: float,
    *,
    as_json: bool,
) -> None:
    """Find the Modbus units at PLACE, and what they have: tcp://HOST:PORT, rtu:/dev/... or rtu+tcp://HOST:PORT.

    It only reads; nothing is ever written to a device. Ctrl-C ends it and keeps what was found. Ends with 69 where
    nobody answers.
    """
    from gateway.probe import sweep  # noqa: PLC0415 # a command loads what it needs, when it runs
    from gateway.probe.found import TABLES  # noqa: PLC0415
    from gateway.probing import BadTarget, Places, target_of  # noqa: PLC0415

    try:
        target = target_of(place)
        ids = sweep.numbers(units, 247 if target.serial else 255) if units else None
        ranges = sweep.numbers(addresses, 65_535) if addresses else None
    except BadTarget as error:
        raise Exit(Code.USAGE, str(error)) from error
    except ValueError as error:
        raise Exit(Code.USAGE, f"--units or --addresses: {error}") from error
    if (bauds or parities) and not target.serial:
        raise Exit(Code.USAGE, f"{place} is a socket: --baud and --parity are for rtu:/dev/...")
    if out is not None and out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise Exit(Code.USAGE, f"{out} is not an empty directory: nothing was asked")
    lines = sweep.settings(bauds or sweep.BAUDS, parities or sweep.PARITIES) if target.serial else []
    if ids is None:
        ids = list(sweep.TCP_IDS if target.driver == "modbus.tcp" else sweep.IDS)
    _announce(target, ids, lines)
    places = Places(ids, lines, tables or TABLES, ranges, reads, round(every_s * 1e9))
    found = _search(target, places)
    written = _write(out, target, found) if out is not None and found.units else []
    _report(place, found, written, as_json=as_json)
    if not found.units:
        stop(Code.OK if found.stopped else Code.UNREACHABLE)


def _announce(target: Target, ids: list[int], lines: list[Any]) -> None:
    from gateway.probe import sweep  # noqa: PLC0415

    if lines:
        worst_s = sweep.worst_ns(ids, lines) / 1e9
        say(
            f"{target.address}: {len(ids)} unit ids at {len(lines)} settings, at most "
            f"{worst_s // 60:.0f} min {worst_s % 60:.0f} s where nobody answers; Ctrl-C keeps what was found"
        )
    else:
        say(f"{target.address}: unit ids {', '.join(map(str, ids[:8]))}{' ...' if len(ids) > 8 else ''}")


def _search(target: Target, places: Places) -> Found:
    from gateway.clock import SystemClock  # noqa: PLC0415
    from gateway.probing import Search  # noqa: PLC0415

    clock = SystemClock()
    stopped = False

    def end() -> None:
        nonlocal stopped
        stopped = True
        say("\nending, with what was found")

    async def main() -> Found:
        for number in ending_signals():
            asyncio.get_running_loop().add_signal_handler(number, end)
        search = Search(lambda setting: target.exchange(setting, clock), clock, _progress(), lambda: stopped)
        return await search.run(places)

    return asyncio.run(main())


def _progress() -> Any:
    """Over one line of a terminal; nothing where nobody looks on."""
    if not sys.stderr.isatty():
        return lambda _: None
    return lambda text: click.echo(f"\r\033[K{text[:78]}", nl=False, err=True)


def _write(out: Path, target: Target, found: Found) -> list[str]:
    from gateway.probe import siteyaml  # noqa: PLC0415

    bus = siteyaml.Bus(target.driver, target.address)
    files = siteyaml.files(bus, found.units)
    written = []
    try:
        for name, text in files.items():
            file = out / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
            written.append(str(file))
        site = out / "site.yaml"
        files = siteyaml.files(bus, found.units, _bearable(site))
        site.write_text(files["site.yaml"], "utf-8")
    except OSError as error:
        raise Exit(Code.USAGE, f"{error.filename or out} cannot be written: {error.strerror}") from error
    return written


def _bearable(site: Path) -> str:
    """How often all of it can be read with half of the bus's time to spare."""
    from gateway.config import load  # noqa: PLC0415
    from gateway.poll import predict_load  # noqa: PLC0415

    made = load(site)
    share = max(predict_load(bus, made.devices) for bus in made.buses)
    return next((f"{period}s" for period in (1, 2, 5, 10, 30, 60, 300) if share / period <= 0.5), "1h")


def _report(place: str, found: Found, written: list[str], *, as_json: bool) -> None:
    from gateway.probe import tables  # noqa: PLC0415

    if sys.stderr.isatty():
        click.echo("\r\033[K", nl=False, err=True)
    if as_json:
        emit(
            {
                "place": place, "asked": found.asked, "stopped": found.stopped, "trouble": found.trouble,
                "units": [tables.plain(unit) for unit in found.units], "written": written,
            }
        )  # fmt: skip
    else:
        for unit in found.units:
            for line in tables.lines(unit):
                click.echo(line)
    if found.trouble:
        say(f"{place}: {found.trouble}: the search ended there")
    elif not found.units and found.stopped:
        say("nobody had answered when it was ended")
    elif not found.units:
        say(f"nobody answered at {place}: {_advice(place)}")
    if written:
        say(f"wrote {', '.join(written)}; now: lotwatch check {written[0]}")


def _advice(place: str) -> str:
    if place.startswith("rtu:"):
        return "are A and B swapped, is the line's other master off, does it take another speed (--baud)?"
    return "is it switched on, is the port right, does it have another unit id (--units 1-247)?"
