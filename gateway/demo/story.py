"""What happens on the demo's site, in a line each, told from the replica: it has come all the way round."""

from __future__ import annotations

import textwrap
from datetime import UTC, datetime

from gateway.model import AlarmChanged, Event, LotChanged, LotMade, Noted, Signal

_QUIET = {"ratio_compared", "ratio_shift", "clock", "limits_frozen", "limits_tightened", "lot_weighed"}
_QUIET |= {"check_late", "check_missed"}  # an alarm says it
_PARENTS = 2  # shown, of the lots that a box may be made of
_TOLD = 240  # characters of what somebody is told
_SHOWN = {"box", "pallet", "shipment"}  # of lots by mass: batches, doses and slices of vessels are many


def line_of(event: Event) -> str | None:
    """One event in words; None for what a spectator need not see."""
    match event:
        case Signal():
            return _signal(event)
        case AlarmChanged():
            return _alarm(event)
        case LotChanged():
            return None if event.change == "linked" else _lot(event)
        case LotMade():
            if event.kind not in _SHOWN:
                return None
            regrind = 1.0 - event.composition.passes[0][0]
            return f"made    {event.lot}: {event.kind}, {event.kg:.3f} kg, regrind {regrind:.1%}"
        case Noted():
            if event.kind in _QUIET:
                return None
            if event.kind == "ratio_lot":
                return _ratio(event)
            if event.kind == "escalated":
                return _escalated(event)
            return _note(event)


def _alarm(event: AlarmChanged) -> str:
    """What to do about it is told once, when it begins."""
    what = event.tag or f"{event.kind} {event.subject}"
    reaction = f" {event.reaction}" if event.version == 1 else ""
    return f"ALARM   {what}: {event.state} (version {event.version}).{reaction}".rstrip()


def _lot(event: LotChanged) -> str:
    newest = ", ".join(event.parents[-_PARENTS:])
    older = f" and {len(event.parents) - _PARENTS} before" if len(event.parents) > _PARENTS else ""
    parents = f" from {newest}{older}" if event.parents else ""
    return f"lot     {event.lot} {event.change} at {event.cell}{parents}"


def _note(event: Noted) -> str:
    """In words where a demo has it often; else its facts that are not empty."""
    facts, subject = event.facts, event.subject
    match event.kind:
        case "check_due":
            at = facts.get("cell") or facts.get("of")
            return f"CHECK   {subject} is due" + (f" at {at}" if at else "")
        case "unit_dead":
            return f"note    {subject} does not answer ({facts.get('unanswered')} polls): its values are bad"
        case "lot_held" | "lot_released":
            why = facts.get("reason") or facts.get("about") or ""
            return f"{'HELD' if event.kind == 'lot_held' else 'FREE':<8}{subject}: {why}".rstrip(" :")
        case "lot_not_made":
            return f"note    {subject}: {facts.get('reason')}"
        case "unit_alive":
            return f"note    {subject} answers again, after {facts.get('away_s')} s"
        case "poll_overrun":
            return f"note    {subject}: polls left out, {facts.get('missed')}: an answer took too long"
        case "bus_down" | "bus_up":
            return f"note    connection of {subject} is {event.kind.removeprefix('bus_')}"
    told = ", ".join(
        f"{key} {value}" for key, value in facts.items() if value not in ("", None) and key[-3:] != "_ns"
    )
    return f"note    {event.kind} {subject}: {told}"


def _escalated(event: Noted) -> str | None:
    """Who hears of an alarm that nobody has answered; a step that names nobody is the event alone."""
    facts = event.facts
    to = facts.get("to")
    names = ", ".join(map(str, to)) if isinstance(to, list) else ""
    if not names:
        return None
    what = textwrap.shorten(
        str(facts.get("sentence") or event.subject).split(" Do: ")[0], _TOLD, placeholder=" ..."
    )
    return f"TELL    {names} (step {facts.get('step')} of {facts.get('steps')}): {what}"


def _ratio(event: Noted) -> str | None:
    """The regrind of one lot; the other components follow from it."""
    facts = event.facts
    actual, wanted, error = (facts.get(name) for name in ("actual_pct", "setpoint_pct", "mae_pct"))
    if facts["component"] != "regrind" or not isinstance(actual, float):
        return None
    return (
        f"ratio   {facts['lot']}: regrind {actual:.2f} % of {wanted:g} %, {facts['cycles']} batches, "
        f"each {error:.2f} off in the mean"
    )


def _signal(event: Signal) -> str:
    """What changed, by how much and since when, where the chart can say so; and the lots made since."""
    rules, lots = "+".join(event.rules), event.lots_since or event.lots
    made = f", lots {', '.join(lots)}" if lots else ""
    if event.change is None:
        return f"SIGNAL  {event.tag}: {event.chart} {rules}, {event.size_sigma:+.1f} sigma from {event.center:g}{made}"
    change = event.change
    size = f"{change.size_sigma:+.1f} sigma"
    if change.size is not None:
        size = f"{change.size:+.3g} {event.uom}".rstrip() + f" ({size})"
    since = f"since {_clock(change.time_ns)} ({_clock(change.from_ns)} to {_clock(change.to_ns)})"
    return f"SIGNAL  {event.tag}: {event.chart} {rules}, {size} {since}{made}"


def _clock(time_ns: int) -> str:
    return datetime.fromtimestamp(time_ns / 1e9, UTC).strftime("%H:%M:%S")
