"""`lotwatch held`: the lots that nobody may use, and why."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from gateway.cli.options import data_option
from gateway.cli.output import emit, say
from gateway.cli.stored import FOREVER, iso, opened
from gateway.journal import JournalReader
from gateway.model import Noted, Plain


@click.command()
@data_option("A journal, a replica, or a folder of replicas.")
@click.option("--json", "as_json", is_flag=True, help="Print one object.")
def command(data: Path, *, as_json: bool) -> None:
    """Lots that are held, the oldest hold first, and why."""
    with opened(data) as readers:
        found = [(reader.identity, each) for reader in readers for each in held(reader)]
    if as_json:
        emit({"held": [{"site": who.site, "gateway": who.gateway, **each} for who, each in found]})
        return
    for _, each in found:
        click.echo(f"{each['since'][:19]}Z  {each['lot']}  {each['kind'] or 'lot'}")
        for why in each["why"]:
            by = (
                f"operator {why['operator']}"
                if why.get("operator")
                else f"{why['by']} {why['about']}".strip()
            )
            click.echo(f"  {by}: {why['reason']}")
    if not found:
        say("nothing is held")


def held(reader: JournalReader) -> list[dict[str, Any]]:
    """Each held lot with its reasons, by the events of holds and releases, in the order of the journal."""
    lots: dict[str, dict[str, Any]] = {}
    found = reader.events_between(*FOREVER, ["lot_held", "lot_released"])
    for _, _, event in sorted(found, key=lambda each: each.seq):
        if not isinstance(event, Noted):
            continue
        if event.kind == "lot_released":
            lots.pop(event.subject, None)
            continue
        kind = event.facts.get("lot_kind", "")
        one = lots.setdefault(
            event.subject, {"lot": event.subject, "since": iso(event.time_ns), "kind": kind, "why": []}
        )
        one["why"].append(_why(event.facts))
    return list(lots.values())


def _why(facts: Mapping[str, Plain]) -> dict[str, Plain]:
    return {name: facts[name] for name in ("by", "about", "reason", "operator") if name in facts}
