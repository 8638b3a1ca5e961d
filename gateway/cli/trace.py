"""`lotwatch trace`: what a lot was made of, and what was made of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from gateway.cli.lot import window_plain
from gateway.cli.options import data_option
from gateway.cli.output import emit
from gateway.cli.stored import iso, lot_named, opened
from gateway.journal.genealogy import Trace, trace

BASIS = "scans"
_NOTE = "links are as scanned; shares by mass and their error bounds are not known yet"
_WORDS = {True: "went into", False: "made of"}


@click.command()
@click.argument("code")
@click.option("--forward", "direction", flag_value="forward", help="Only what was made of it.")
@click.option("--backward", "direction", flag_value="backward", help="Only what it was made of.")
@data_option("A journal, a replica, or a folder of replicas.")
@click.option("--json", "as_json", is_flag=True, help="Print one object.")
def command(code: str, direction: str | None, data: Path, as_json: bool) -> None:
    """Follow the lot in CODE back to the lots it was made of and on to those that were made of it.

    Links are the ones that were scanned; no mass is in them yet. Exit code 1 when no lot has the code.
    """
    with opened(data) as readers:
        lot = lot_named(code, readers)
        ways = {"forward": [True], "backward": [False], None: [False, True]}[direction]
        found = {forward: trace(readers, lot, forward=forward) for forward in ways}
    if as_json:
        named = {"forward" if forward else "backward": plain(each) for forward, each in found.items()}
        emit({"lot": lot, "basis": BASIS, "note": _NOTE, **named})
        return
    for forward, each in found.items():
        click.echo(f"{lot} {_WORDS[forward]}{'' if each.links else ' nothing that was scanned'}")
        for line in tree(each, lot, forward=forward):
            click.echo(line)
    click.echo(f"({_NOTE})")


def plain(trace: Trace) -> dict[str, Any]:
    """A trace as JSON has it."""
    lots = [
        {
            "lot": node.lot,
            "depth": node.depth,
            "known": node.known,
            "windows": [window_plain(window) for window in node.windows],
        }
        for node in trace.nodes
    ]
    return {"lots": lots, "links": [{"parent": parent, "child": child} for parent, child in trace.links]}


def tree(trace: Trace, lot: str, *, forward: bool) -> list[str]:
    """Lines under the lot; one that was shown before is named again without what follows it."""
    below: dict[str, list[str]] = {}
    for parent, child in trace.links:
        below.setdefault(parent if forward else child, []).append(child if forward else parent)
    nodes = {node.lot: node for node in trace.nodes}
    lines: list[str] = []
    shown: set[str] = {lot}
    todo = [(name, 1) for name in reversed(below.get(lot, []))]
    while todo:
        name, depth = todo.pop()
        again = name in shown
        where = "; ".join(
            f"{window.role} at {window.cell} from {iso(window.since_ns)}" for window in nodes[name].windows
        )
        note = "  (above)" if again else "" if nodes[name].known else "  (never scanned here)"
        lines.append(f"{'  ' * depth}{name}  {where}{note}".rstrip())
        if not again:
            shown.add(name)
            todo += [(other, depth + 1) for other in reversed(below.get(name, []))]
    return lines
