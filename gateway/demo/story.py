"""What happens on the demo's site, in a line each, told from the replica: it has come all the way round."""

from __future__ import annotations

from gateway.model import AlarmChanged, Event, LotChanged, Noted, Signal

_QUIET = {"clock", "limits_frozen"}


def line_of(event: Event) -> str | None:
    """One event in words; None for what a spectator need not see."""
    match event:
        case Signal():
            lots = f", lots {', '.join(event.lots)}" if event.lots else ""
            rules = "+".join(event.rules)
            size = f"{event.size_sigma:+.1f} sigma from {event.center:g}"
            return f"SIGNAL  {event.tag}: {event.chart} {rules}, {size}{lots}"
        case AlarmChanged():
            what = event.tag or f"{event.kind} {event.subject}"
            return f"ALARM   {what}: {event.state} (version {event.version}). {event.reaction}".rstrip()
        case LotChanged():
            parents = f" from {', '.join(event.parents)}" if event.parents else ""
            return f"lot     {event.lot} {event.change} at {event.cell}{parents}"
        case Noted():
            if event.kind in _QUIET:
                return None
            facts = ", ".join(f"{key} {value}" for key, value in event.facts.items())
            return f"note    {event.kind} {event.subject}: {facts}"
