"""What the separate writer did at this site, as events; pure.

The writer tells what is in its own audit: `row` and `hash` say which line of it. Nothing that is watched changes.
"""

from __future__ import annotations

from collections.abc import Mapping

from gateway.model import Entry, Noted, Plain, Severity

STEPS = (
    "proposed", "approved", "refused", "withdrawn", "expired",
    "written", "differs", "not_seen", "not_written", "unknown",
)  # fmt: skip
"""What may be told of a setpoint; the last five are what a write came to, as the device was read afterwards."""


def entered(entry: Entry) -> tuple[Noted, ...] | None:
    """The event of ``{"tag", "step", "row", "hash", ...}``; None where the entry is none of the writer's."""
    if entry.kind != "setpoint":
        return None
    step, tag = str(entry.body.get("step")), str(entry.body.get("tag"))
    facts: dict[str, Plain] = {
        name: value for name, value in entry.body.items() if name not in {"tag", "step"}
    }
    facts["operator"] = entry.operator
    return (_event(entry.at.time_ns, step, tag, facts),)


def _event(time_ns: int, step: str, tag: str, facts: Mapping[str, Plain]) -> Noted:
    match step:
        case "written":
            return Noted(time_ns, "setpoint_written", tag, Severity.INFO, facts)
        case "proposed" | "approved" | "withdrawn" | "expired":
            return Noted(time_ns, "setpoint_asked", tag, Severity.INFO, {"step": step, **facts})
        case "refused":
            return Noted(time_ns, "setpoint_refused", tag, Severity.WARNING, facts)
        case _:
            return Noted(time_ns, "setpoint_not_written", tag, Severity.WARNING, {"step": step, **facts})
