"""When what is wrong, and when it was found: the disruptions of a scenario, minute by minute.

What finds a disruption is the first event of the fold after its begin that a person at the plant would take for it.
An alarm that comes by chance in that time counts as well: nobody there could tell either.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.model import AlarmChanged, Event, Noted
from gateway.whatif.scenario import Disruption
from simulators.whatif.plant import Wrong

_FOUND_BY: dict[str, tuple[tuple[str, str], ...]] = {
    "late_resin": (("limit_L", "moulding/line1/storage/level"),),
    "press_down": (("limit_L", "/running"),),
    "less_capacity": (("signal", "/cycle_time"),),
    "regrind_surplus": (("limit_H", "moulding/line1/granulating/level"),),
    "more_regrind": (("signal", "regrind_ratio_error"), ("hold", "box_regrind")),
    "scale_drift": (("phantom_regrind", ""),),
    "undeclared_regrind": (("phantom_regrind", ""),),
    "power_cut": (("gap", ""),),
    "link_down": (),
}
"""Kind of event, and how its tag or subject ends. Of a broken link the gateway itself raises no alarm."""


@dataclass(slots=True)
class Played:
    """A disruption on its way."""

    row: Disruption
    found_ns: int | None = None
    by: str = ""

    def on(self, now_ns: int) -> bool:
        """Whether it is on: it has begun, is not over, and nobody has mended it."""
        mended = self.row.mended_ns
        until = self.row.to_ns
        if mended is not None and self.found_ns is not None:
            until = min(until, self.found_ns + mended)
        return self.row.from_ns <= now_ns < until

    def hear(self, event: Event, now_ns: int) -> None:
        """Whether this is what finds it."""
        if self.found_ns is None and now_ns >= self.row.from_ns and (kind := self._fits(event)):
            self.found_ns, self.by = now_ns, kind

    def _fits(self, event: Event) -> str:
        names: tuple[str, ...]
        if isinstance(event, AlarmChanged) and event.state == "active":
            kind, names = event.kind, (event.tag, event.subject)
        elif isinstance(event, Noted):
            kind, names = event.kind, (event.subject,)
        else:
            return ""
        if self.row.kind in ("press_down", "less_capacity") and not any(
            f"/{press}/" in name for press in self.row.presses for name in names
        ):
            return ""
        fits = any(
            kind == wanted and any(name.endswith(end) for name in names)
            for wanted, end in _FOUND_BY[self.row.kind]
        )
        return kind if fits else ""


def wrong_at(rows: list[Played], now_ns: int) -> Wrong:
    """All that is wrong now, together."""
    wrong = Wrong()
    for played in rows:
        if played.on(now_ns):
            _add(wrong, played.row, now_ns)
    return wrong


def link_is_down(rows: list[Played], now_ns: int) -> bool:
    """Whether nothing leaves the plant."""
    return any(played.row.kind == "link_down" and played.on(now_ns) for played in rows)


def _add(wrong: Wrong, row: Disruption, now_ns: int) -> None:
    match row.kind:
        case "late_resin":
            wrong.truck_late = True
        case "press_down":
            wrong.down = (*wrong.down, *row.presses)
        case "less_capacity":
            wrong.slower |= dict.fromkeys(row.presses, 1.0 + row.amount / 100.0)
        case "regrind_surplus":
            wrong.rejects = row.amount
        case "more_regrind":
            wrong.regrind = row.amount
        case "scale_drift":
            wrong.gain *= 1.0 + row.amount / 100.0 * (now_ns - row.from_ns) / 86_400e9
        case "power_cut":
            wrong.dark = True
        case "undeclared_regrind":
            wrong.poured_kg += row.amount / 60.0
