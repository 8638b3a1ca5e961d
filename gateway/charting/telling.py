"""What charts tell: signals and their alarms, limits that came into force, keys that were forgotten. Pure."""

from __future__ import annotations

import math
from dataclasses import asdict, replace

import numpy as np

from gateway.alarms import Cause, raised, returned
from gateway.bank.phase1 import Frozen
from gateway.bank.verdict import Violation
from gateway.charting.state import Shared
from gateway.lots import lots_at, lots_between
from gateway.model import Change, Event, Instant, Noted, Plain, Severity, Signal
from gateway.plain import to_plain
from gateway.sentences import sentences
from gateway.site import Characteristic
from gateway.spc import load_chart


class Teller:
    """The words of one poll group's characteristics, by column; what is told is added to `events`."""

    def __init__(self, rows: tuple[Characteristic, ...], uoms: tuple[str, ...]) -> None:
        """`uoms` by column."""
        self._rows, self._uoms = rows, uoms
        self._cells = tuple(row.tag.rpartition("/")[0] for row in rows)

    def cause(self, i: int, key: str) -> Cause:
        """What an alarm of this column and key is about."""
        row = self._rows[i]
        return Cause("signal", row.id, Severity.ALARM, row.tag, row.reaction, key)

    def violated(
        self, i: int, found: Violation, shared: Shared, at: Instant, time_ns: int, events: list[Event]
    ) -> Shared:
        """A sample violates rules: a fresh one is a signal, and each belongs to an alarm."""
        row, change = self._rows[i], found.change
        lots = lots_at(shared.lots, self._cells[i], time_ns)
        since = lots
        if change is not None:
            since = lots_between(shared.lots, self._cells[i], min(change.from_ns, time_ns), time_ns)
        lines = found.value, found.center, found.lcl, found.ucl, found.size_sigma
        limits = found.limits
        version = f"version {limits.version}" if limits.version else "phase I" if limits.baseline else "plan"
        signal = Signal(
            time_ns, row.id, row.tag, row.method, found.key, found.rules, *lines, lots, self._uoms[i], change, since,
            limits.arl0, version, limits.baseline,
            dict(zip((row.tag, *row.tags), found.contributions, strict=False)), row.line.judged_by,
        )  # fmt: skip
        if found.fresh:
            events.append(signal)
        facts: dict[str, Plain] = {
            "chart": row.method, "key": found.key, "rules": list(found.rules), "value": found.value,
            "center": found.center, "lcl": found.lcl, "ucl": found.ucl, "size_sigma": found.size_sigma,
            "uom": signal.uom, "change": _plain(change), "arl0": signal.arl0, "baseline": signal.baseline,
            "baseline_hash": signal.baseline_hash, "contributions": signal.contributions, **row.line.facts,
        }  # fmt: skip
        cause = self.cause(i, found.key)
        if not shared.alarms.there(cause.name):  # an alarm that stands keeps the words that raised it
            facts |= sentences(signal, row.reaction, row.line.reaction_zh)
        first_ns = time_ns if change is None else min(change.from_ns, time_ns)
        alarms, told = raised(shared.alarms, cause, at, since, facts, span_ns=(first_ns, time_ns))
        events += told
        return replace(shared, alarms=alarms) if alarms is not shared.alarms else shared

    def returned(self, i: int, key: str, shared: Shared, at: Instant, events: list[Event]) -> Shared:
        """The chart is back in control."""
        alarms, told = returned(shared.alarms, self.cause(i, key).name, at)
        events += told
        return replace(shared, alarms=alarms)

    def frozen(self, i: int, found: Frozen, time_ns: int) -> Noted:
        """Limits came into force: phase I ended, or the plan has a version of them."""
        limits: dict[str, Plain] = {name: np.asarray(part).tolist() for name, part in found.limits.items()}
        size, sigma = self._rows[i].sampling.size, limits.get("sigma")
        if size > 1 and isinstance(sigma, float) and load_chart(self._rows[i].method).TAKES == "value":
            limits["sigma"] = sigma * math.sqrt(size)  # that of single values, as a plan would have it
        if isinstance(own := limits.get("samples"), float):  # of a chart that keeps the number among its own
            limits["samples"] = int(own)
        facts: dict[str, Plain] = {
            "key": found.key, "samples": found.samples, "baseline": found.baseline, **limits,
        }  # fmt: skip
        if found.tightened:
            return Noted(time_ns, "limits_tightened", self._rows[i].id, Severity.INFO, facts)
        if not found.version:
            return Noted(time_ns, "limits_frozen", self._rows[i].id, Severity.INFO, facts)
        (version,) = (each for each in self._rows[i].limits if each.version == found.version)
        facts |= {
            "version": version.version,
            "approved_by": version.approved_by,
            "effective_ns": version.from_ns,
        }
        return Noted(time_ns, "limits_in_force", self._rows[i].id, Severity.INFO, facts)

    def forgotten(self, i: int, key: str, shared: Shared, at: Instant, events: list[Event]) -> Shared:
        """A key that was not in force for long lost its limits; nobody can find its signal gone any more."""
        events.append(Noted(at.time_ns, "chart_forgotten", self._rows[i].id, Severity.WARNING, {"key": key}))
        name = self.cause(i, key).name
        alarms, told = returned(shared.alarms, name, at, {"returned_by": "chart_forgotten"}, at_once=True)
        events += told
        return replace(shared, alarms=alarms)


def _plain(change: Change | None) -> Plain:
    return None if change is None else {n: to_plain(each) for n, each in asdict(change).items()}
