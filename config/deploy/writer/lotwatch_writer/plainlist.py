"""A list as the audit keeps it: who could sign with which key, and what was allowed to whom. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.proof.note import PublicKey
from lotwatch_writer.allowed import Allowed, Setpoint


def plain_of(allowed: Allowed) -> dict[str, Any]:
    """As JSON."""
    return {
        "digest": allowed.digest, "within_ns": allowed.within_ns,
        "people": {operator: key.line() for operator, key in allowed.people.items()},
        "setpoints": {tag: _setpoint(each) for tag, each in allowed.setpoints.items()},
    }  # fmt: skip


def people_of(plain: Mapping[str, Any]) -> dict[str, PublicKey]:
    """The keys in it. Raises NoKey."""
    return {operator: PublicKey.of_line(line) for operator, line in plain["people"].items()}


def _setpoint(each: Setpoint) -> dict[str, Any]:
    return {
        "device": each.bus.address, "unit": each.unit, "function": each.function, "address": each.target.address,
        "type": each.target.field.type, "uom": each.uom, "low": each.low, "high": each.high, "step": each.step,
        "per_hour": each.per_hour, "interval_ns": each.interval_ns, "tolerance": each.tolerance,
        "propose": sorted(each.propose), "approve": sorted(each.approve),
    }  # fmt: skip
