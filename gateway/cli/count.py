"""`lotwatch count`: what people count and weigh: parts of a lot, a vessel's content, what was thrown away."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from gateway.cli.entering import acting, entered, named_lot, told
from gateway.cli.output import emit
from gateway.model import Plain

_KG = click.FloatRange(0.0, 1e9)


def _noted(events: tuple[Mapping[str, Any], ...]) -> tuple[Mapping[str, Any], ...]:
    """Without the lots that a count makes: nobody at the scale asked for their names."""
    return tuple(event for event in events if event["is"] == "Noted")


@click.group()
def command() -> None:
    """Enter a count: good parts and rejects of a lot at a step, a stocktake of a vessel, or scrap."""


@command.command()
@click.argument("code")
@click.option(
    "--step", required=True, metavar="STEP", help="Where they were counted: inspection, packing, ..."
)
@click.option("--good", required=True, type=click.IntRange(0, 10**9), help="Good parts.")
@click.option("--reject", required=True, type=click.IntRange(0, 10**9), help="Rejects.")
@click.option("--reason", metavar="TEXT", help="Why they were rejected.")
@click.option(
    "--by", type=click.Choice(["hand", "scale", "counter"]), default="hand", show_default=True, help="How."
)
@acting
def parts(  # options
    code: str,
    step: str,
    good: int,
    reject: int,
    reason: str | None,
    by: str,
    data: Path,
    operator: str,
    *,
    accept_clock: bool,
    as_json: bool,
) -> None:
    """Enter good parts and rejects of a lot. The first count of a lot at a step is its first-time yield."""
    lot, _ = named_lot(data, code)
    body: dict[str, Plain] = {"lot": lot, "step": step, "good": good, "reject": reject, "by": by}
    if reason:
        body["reason"] = reason
    seq, events = entered(data, "counted", operator, body, accept_clock=accept_clock)
    if as_json:
        emit({"seq": seq, "events": list(events)})
    else:
        click.echo(f"{lot}: {good} good, {reject} rejects at {step}")


@command.command()
@click.argument("name")
@click.argument("kg", type=_KG)
@click.option("--sigma", type=_KG, help="Standard uncertainty, in kg.")
@click.option("--reason", metavar="TEXT", help="Why it was counted.")
@acting
def vessel(  # options
    name: str,
    kg: float,
    sigma: float | None,
    reason: str | None,
    data: Path,
    operator: str,
    *,
    accept_clock: bool,
    as_json: bool,
) -> None:
    """Enter a stocktake: so many KG are in vessel NAME. The weekly balance goes by it."""
    body: dict[str, Plain] = {"vessel": name, "kg": kg}
    body |= {} if sigma is None else {"sigma_kg": sigma}
    body |= {"reason": reason} if reason else {}
    seq, events = entered(data, "stocktake", operator, body, accept_clock=accept_clock)
    told(seq, events if as_json else _noted(events), as_json=as_json)
    if not as_json:
        click.echo(f"{name}: {kg:g} kg")


@command.command()
@click.argument("name")
@click.argument("kg", type=_KG)
@click.option("--reason", required=True, metavar="TEXT", help="Why it was thrown away.")
@click.option("--sigma", type=_KG, help="Standard uncertainty, in kg.")
@acting
def scrap(  # options
    name: str,
    kg: float,
    reason: str,
    sigma: float | None,
    data: Path,
    operator: str,
    *,
    accept_clock: bool,
    as_json: bool,
) -> None:
    """Enter that KG were thrown away out of vessel NAME."""
    body: dict[str, Plain] = {"vessel": name, "kg": kg, "reason": reason}
    body |= {} if sigma is None else {"sigma_kg": sigma}
    seq, events = entered(data, "scrap", operator, body, accept_clock=accept_clock)
    told(seq, events if as_json else _noted(events), as_json=as_json)
    if not as_json:
        click.echo(f"{name}: {kg:g} kg thrown away")
