"""The sentences in English. Pure."""

from __future__ import annotations

import math

from gateway.model import Signal
from gateway.sentences.facts import DiskLow, Exceeded, Silent, Unheard, Unusual
from gateway.sentences.words import clock, difference, foremost, moment, named, number, quantity

ODD = {
    "spike": (
        "does not fit the readings before it",
        "Look whether it stays so; if not: plug, cable, screening.",
    ),
    "rate": (
        "changed faster than it ever did",
        "Ask what was switched or opened; look at the sensor's plug.",
    ),
    "step": ("has moved to another level", "Ask what was changed or adjusted shortly before."),
    "drift": (
        "is leaving the level that it had for long",
        "Look for wear, dirt, a leak, or a sensor that drifts.",
    ),
    "spread": (
        "varies much more or much less than it used to",
        "Look at the sensor, its cable and its controller.",
    ),
    "stuck": (
        "has not moved for longer than it ever did",
        "The sensor may be stuck: look at it and at its cable.",
    ),
    "gap": (
        "came late: it could not be read for a while",
        "Look at the cable, the connectors and the device's power.",
    ),
    "reach": (
        "is outside the range that it ever had",
        "Compare it with another instrument; look at the machine.",
    ),
    "hour": (
        "is not what it usually is at this hour",
        "Ask what is otherwise today: shift, product, a break.",
    ),
    "cycle": (
        "is not what it usually is at this point of its cycle",
        "Look whether the cycle hangs or was changed.",
    ),
    "peers": (
        "no longer goes with the other values of its device",
        "Look which of them is wrong: sensor or machine.",
    ),
}
"""What each check of `gateway.anomaly` has seen, and where to look first."""

_POINTS = "percentage points"
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
            size = f"{difference(abs(change.size), said.uom, _POINTS)} ({size})"
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


def unheard(said: Unheard, reaction: str) -> str:
    text = (
        f"Broker {said.broker} takes what this gateway publishes, and nobody is subscribed to it, at "
        f"{moment(said.time_ns)} UTC ({named(said.kinds, ', ', ' and {} more')}). The records stay in the journal; "
        "until somebody takes them they are nowhere else."
    )
    return text + _do(reaction or "Look whether the ingest worker runs, and at which broker.")


def disk_low(said: DiskLow, reaction: str) -> str:
    text = (
        f"Disk of gateway {said.gateway}: {number(100 * said.free / said.whole)} % is free at {moment(said.time_ns)} "
        f"UTC ({number(said.free / 1e6)} MB), less than {said.level} %. When it is full, old readings are thinned and "
        "then new ones are refused; alarms and lots are kept."
    )
    return text + _do(reaction or "Make room on the box, or give the journal a smaller quota.")


def unusual(said: Unusual, reaction: str) -> str:
    seen, look = ODD.get(said.check, ("is not what it used to be", "Look at the sensor and at the machine."))
    text = (
        f"{said.tag}: {quantity(said.value, said.uom)} at {moment(said.time_ns)} UTC {seen} (check {said.check}, "
        f"score {said.score:.2f}). No limit says whether that is bad: it is only very rare here. "
        f"By chance {said.device} says so once in {_days(said.per_day)}."
    )
    return text + _lots(said.lots, since=False) + _do(reaction or look)


def _days(per_day: float) -> str:
    return f"{number(1 / per_day)} days" if per_day < 1 else f"{number(24 / per_day)} hours"


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
