"""What the holds room remembers: held lots and why, what was made of them, and work that somebody outside owes. Pure.

Rule 1: a lot is held by a rule, a result, a person, by what it is made of, or until it is checked; people alone make
it free: by releasing it, or with the last result that was awaited.  Rule 2:
what is held spreads to what is made of it. What a rule holds spreads to pallets and shipments only: a box with too much
regrind may be milled, its composition goes along.  Rule 3: the state knows what is alive; which lots of the past are
concerned is looked up outside and comes back as an entry. Until it does, an order stands here, and a run that begins
sees it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from gateway.model import Plain

RULE, PERSON, RESULT, SOURCE, CHECK = "rule", "person", "result", "source", "check"
SET_ASIDE = ("material", "regrind", "batch", "box", "pallet")
"""Kinds of lot that can be put aside, and so are held for what is in them; the others only pass it on."""
STREAMS = ("material", "regrind", "batch")
"""Those of them that are named by the clock where nobody gave them a name."""
TAINTED_MOST = 2_000
EXPIRED_MOST = 1_000

Rows = tuple[float, float]
"""A share, first-in-first-out and perfectly mixed."""


@dataclass(frozen=True, slots=True)
class Why:
    """One reason why a lot is held."""

    by: str  # "rule", "person", "result", "source", "check"
    about: (
        str  # the rule, the result, the check that is awaited, or the held lot that is in it; "" of a person
    )
    reason: str
    operator: str = ""  # who said so; "": nobody, the fold found it
    second_person: bool = False  # two operators have to release it


@dataclass(frozen=True, slots=True)
class Held:
    """A lot that nobody may use or ship."""

    lot: str
    since_ns: int
    why: tuple[Why, ...]
    kind: str = ""  # "" where the lot was not made here
    cell: str = ""
    asked_by: str = ""  # the first of two operators that release it

    @property
    def spreads(self) -> bool:
        """Whether what is made of it is suspect too."""
        return any(each.by != RULE for each in self.why)

    @property
    def second_person(self) -> bool:
        return any(each.second_person for each in self.why)


@dataclass(frozen=True, slots=True)
class Made:
    """What was made while an order stands: its inputs may turn out to be concerned."""

    lot: str
    kind: str
    cell: str
    time_ns: int
    aggregated: bool = False
    inputs: tuple[tuple[str, Rows], ...] = ()  # shares of its mass


@dataclass(frozen=True, slots=True)
class Order:
    """Work for somebody who can look into the past: it comes back as an entry that names the order."""

    id: str
    kind: str  # "exposure", or "restate"
    time_ns: int
    operator: str  # who caused it, "" where nobody did
    body: Mapping[str, Plain]
    made: tuple[Made, ...] = ()


@dataclass(frozen=True, slots=True)
class Holds:
    """Every held lot, every order, and what is known of lots that are alive."""

    held: Mapping[str, Held] = field(default_factory=dict)
    taint: Mapping[str, Mapping[str, Rows]] = field(
        default_factory=dict
    )  # by lot: shares of held lots that are no sources; the newest lots
    expired: Mapping[str, int] = field(
        default_factory=dict
    )  # sources used past their day, and that day's end
    orders: tuple[Order, ...] = ()
    labels: int = 0  # the last counter that was given to a label

    def hold(self, held: Held) -> Holds:
        """With this lot held; reasons that it has already are kept."""
        return replace(self, held={**self.held, held.lot: held})

    def order(self, wanted: str) -> Order | None:
        return next((order for order in self.orders if order.id == wanted), None)

    def without_order(self, done: str) -> Holds:
        return replace(self, orders=tuple(order for order in self.orders if order.id != done))


def newest(mapping: Mapping[str, object], most: int) -> dict[str, object]:
    """The last `most` of a mapping, as they were put in."""
    over = len(mapping) - most
    return {key: value for at, (key, value) in enumerate(mapping.items()) if at >= over}
