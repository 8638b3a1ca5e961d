"""Facts of events as numbers. Pure."""

from __future__ import annotations

from gateway.model import Noted


def number(event: Noted, name: str) -> float:
    """A fact of an event that is a number; 0 where it is none."""
    value = event.facts.get(name)
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else 0.0
