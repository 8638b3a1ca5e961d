"""The sentences in English. Pure."""

from __future__ import annotations

import math

from gateway.model import Signal
from gateway.sentences.facts import Exceeded, Silent
from gateway.sentences.words import clock, foremost, moment, named, number, quantity

_BEYOND = {"up": "went up", "down": "went down", "": "changed"}


def signal(said: Signal, reaction: str) -> str:
    """When it changed and by how much, where the chart can say so; else what violated."""
    what = f"{said.tag} ({_chart(said)})"
    change = said.change
    if change is None:
        where = _side(said)
        text = (
            f"{what}: {number(said.value)} at {moment(said.time_ns)} UTC is {where}, "
            f"{number(abs(said.size_sigma))} sigma from the centre {number(said.center)}."
        )
    else:
        size = f"{number(abs(change.size_sigma))} sigma"
        if change.size is not None:
            size = f"{quantity(abs(change.size), said.uom)} ({size})"
        text = (
            f"{what} {_BEYOND[change.direction]} by {size} at about {moment(change.time_ns)} UTC "
            f"(90 % sure: from {clock(change.from_ns, change.time_ns)} to {clock(change.to_ns, change.time_ns)}), "
            f"{_samples(change.samples)} before this alarm."
        )
    if most := foremost(said):
        text += f" Most of it comes from {most}."
    if said.arl0 and math.isfinite(said.arl0):
        text += f" By chance this chart says so once in {number(said.arl0)} samples."
    return text + _lots(said.lots_since or said.lots, since=change is not None) + _do(reaction)


def exceeded(said: Exceeded, reaction: str) -> str:
    side = "above" if said.above else "below"
    value, limit = quantity(said.value, said.uom), quantity(said.limit, said.uom)
    text = f"{said.tag}: {value} at {moment(said.time_ns)} UTC is {side} the alarm limit {said.level} of {limit}."
    return text + _lots(said.lots, since=False) + _do(reaction)


def silent(said: Silent, reaction: str) -> str:
    text = (
        f"{said.group}: no value for {number(said.seconds)} s, at {moment(said.time_ns)} UTC. "
        "What happens there is not seen, and no chart of it goes on."
    )
    return text + _do(reaction or "Look at power, cable and address of the device.")


def _chart(said: Signal) -> str:
    key = f", {said.key}" if said.key else ""
    return f"chart {said.chart}, {' '.join(said.rules)}{key}"


def _side(said: Signal) -> str:
    if said.value > said.ucl:
        return f"above the control limit {number(said.ucl)}"
    if said.value < said.lcl:
        return f"below the control limit {number(said.lcl)}"
    return "the last of an unusual run"


def _samples(count: int) -> str:
    return "1 sample" if count == 1 else f"{count} samples"


def _lots(lots: tuple[str, ...], *, since: bool) -> str:
    if not lots:
        return ""
    return f" Lots {'since then' if since else 'there'}: {named(lots, ', ', ' and {} more')}."


def _do(reaction: str) -> str:
    return f" Do: {reaction}" if reaction else ""
