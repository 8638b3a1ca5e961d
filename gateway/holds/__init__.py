"""What lots may be made of, and which of them nobody may use: rules, holds, releases, and what spreads. Pure."""

from gateway.holds.closing import Rules, closed, past_day
from gateway.holds.exposed import exposed
from gateway.holds.findings import Cleared, Concerned, Finding, Found, Free, Left, Ruled, Used, noted
from gateway.holds.people import hold, ordered, release, result
from gateway.holds.values import Held, Holds, Order, Why
from gateway.holds.verdict import Breach, worst

__all__ = [
    "Breach",
    "Cleared",
    "Concerned",
    "Finding",
    "Found",
    "Free",
    "Held",
    "Holds",
    "Left",
    "Order",
    "Ruled",
    "Rules",
    "Used",
    "Why",
    "closed",
    "exposed",
    "hold",
    "noted",
    "ordered",
    "past_day",
    "release",
    "result",
    "worst",
]
