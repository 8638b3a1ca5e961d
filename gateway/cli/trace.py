"""`lotwatch trace`: what a lot is made of and who holds it, by mass with its bound; and as it was scanned."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from gateway.cli.alarmtrace import alarm_trace
from gateway.cli.massshow import counted, lines_of, rest_words, totals_words
from gateway.cli.options import data_option
from gateway.cli.output import Code, Exit, emit, say
from gateway.cli.stored import instant, iso, lot_named, opened
from gateway.journal.exposure import Exposures
from gateway.journal.made import HELD_FROM
from gateway.journal.madelots import NEWEST
from gateway.views.trace import UNITS, Asked, told

_WORDS = {True: "went into", False: "made of"}


@click.command()
@click.argument("code", required=False)
@click.option("--forward", "direction", flag_value="forward", help="Only who holds it.")
@click.option("--backward", "direction", flag_value="backward", help="Only what it is made of.")
@click.option(
    "--min-share",
    "least",
    type=click.FloatRange(0.0, 1.0, min_open=True),
    default=HELD_FROM,
    show_default=True,
    help="Only lots whose mass it is this share of, or more.",
)
@click.option(
    "--all", "every_kind", is_flag=True, help="Forward every kind of lot, not only boxes, pallets, shipments."
)
@click.option(
    "--any", "links", is_flag=True, help="Also every lot that can hold anything of it: the legal set."
)
@click.option("--as-of", "as_of", metavar="TIME", help="What was known at that time.")
@click.option(
    "--alarm", metavar="ID", help="Instead of CODE: the lots of a drift alarm, and what changed in them."
)
@data_option("A journal, a replica, or a folder of replicas.")
@click.option("--json", "as_json", is_flag=True, help="Print one object.")
def command(  # noqa: PLR0917 # as many as there are options
    code: str | None,
    direction: str | None,
    least: float,
    every_kind: bool,
    links: bool,
    as_of: str | None,
    alarm: str | None,
    data: Path,
    as_json: bool,
) -> None:
    """Follow the lot in CODE back to the sources that it is made of, and on to the lots that hold it, by mass.

    A share is told with its interval (mixing that nobody knows, and what was too small to be kept apart) and its
    standard uncertainty (weighing). Lots that were only scanned are shown with their links. Exit code 1 when no lot
    has the code.
    """
    if (code is None) == (alarm is None):
        raise Exit(Code.USAGE, "name a lot by its CODE, or an alarm with --alarm ID")
    time_ns = instant(as_of) if as_of is not None else None
    with opened(data) as readers:
        upto = tuple(NEWEST if time_ns is None else reader.made_upto(time_ns) for reader in readers)
        ways = {"forward": (True,), "backward": (False,), None: (False, True)}[direction]
        asked = Asked(ways, least, None if every_kind else UNITS, links, upto)
        if alarm is not None:
            of_alarm = alarm_trace(
                readers, alarm, Exposures([reader.made for reader in readers], upto), least
            )
            if as_json:
                emit(of_alarm.plain)
            else:
                click.echo("\n".join(of_alarm.lines))
            return
        lot = lot_named(code or "", readers)
        if links and any(reader.made.count() > 100_000 for reader in readers):
            say("making or reading the arrays of links")
        found = told(readers, lot, asked)
        if as_json:
            emit(
                {"lot": lot, "as_of": None if time_ns is None else iso(time_ns), "min_share": least, **found}
            )
            return
        _show(lot, found, asked, "" if time_ns is None else f", as it was known at {iso(time_ns)}")


def _show(lot: str, found: dict[str, Any], asked: Asked, known: str) -> None:
    mass = found["mass"]
    weighed = [f"{each['kg']:.3f} kg at {each['site']}" for each in found["at"]]
    click.echo(f"{lot}{known}" if mass is None else f"{lot}  {mass['kind']}, {', '.join(weighed)}{known}")
    for forward in asked.ways:
        way = found["forward" if forward else "backward"]
        if forward and "holders" in way:
            what = "lots" if asked.kinds is None else "boxes, pallets and shipments"
            count = len(way["holders"])
            click.echo(
                f"it is {asked.least * 100:g} % or more of {count} {what}{totals_words(way['totals'])}"
            )
            click.echo("\n".join(lines_of(way["holders"])) or "  none")
        elif "sources" in way:
            if way["sources"]:
                click.echo(f"made of, from {asked.least * 100:g} % on; {rest_words(way['rest'])}")
                click.echo("\n".join(lines_of(way["sources"])))
            else:
                click.echo("made of nothing known here: it came from outside")
        else:
            _show_scanned(lot, way, forward=forward)
        if "any" in way:
            kinds = ", ".join(counted(count, kind) for kind, count in sorted(way["any"]["kinds"].items()))
            said = "can hold something of it" if forward else "can be in it"
            click.echo(f"{way['any']['count']} lots {said} at all{': ' + kinds if kinds else ''}")
            for name in way["any"]["lots"]:
                click.echo(f"  {name}")
    if found["note"]:
        click.echo(f"({found['note']})")


def _show_scanned(lot: str, way: dict[str, Any], *, forward: bool) -> None:
    click.echo(f"{lot} {_WORDS[forward]}{'' if way['links'] else ' nothing that was scanned'}")
    for line in tree(way, lot, forward=forward):
        click.echo(line)


def tree(way: dict[str, Any], lot: str, *, forward: bool) -> list[str]:
    """Lines under the lot; one that was shown before is named again without what follows it."""
    below: dict[str, list[str]] = {}
    for link in way["links"]:
        parent, child = link["parent"], link["child"]
        below.setdefault(parent if forward else child, []).append(child if forward else parent)
    nodes = {node["lot"]: node for node in way["lots"]}
    lines: list[str] = []
    shown: set[str] = {lot}
    todo = [(name, 1) for name in reversed(below.get(lot, []))]
    while todo:
        name, depth = todo.pop()
        again = name in shown
        where = "; ".join(
            f"{window['role']} at {window['cell']} from {window['since']}"
            for window in nodes[name]["windows"]
        )
        note = "  (above)" if again else "" if nodes[name]["known"] else "  (never scanned here)"
        lines.append(f"{'  ' * depth}{name}  {where}{note}".rstrip())
        if not again:
            shown.add(name)
            todo += [(other, depth + 1) for other in reversed(below.get(name, []))]
    return lines
