"""Which lot was where, and when: intervals of wire time per cell and role. Pure.

A stay is [from, to): a lot that ends where the next begins shares no instant with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

KEEP_NS = 48 * 3_600 * 1_000_000_000  # closed stays are looked up by late scans and samples only
KEEP_MOST = 256  # ... and per cell and role no more than these; the journal has them all


@dataclass(frozen=True, slots=True)
class Stay:
    """A lot at a cell in one role."""

    lot: str
    code: str  # the scan that said so
    from_ns: int
    to_ns: int | None = None  # None: still open
    parents: tuple[str, ...] = ()  # of a product: material lots that were there at some time of the stay
    used_up_ns: int | None = None  # of a material: ends then, if nobody ends it before

    @property
    def end_ns(self) -> int | None:
        """When it is over by what is known now; None: nobody knows."""
        return self.used_up_ns if self.to_ns is None else self.to_ns

    def covers(self, time_ns: int) -> bool:
        end_ns = self.end_ns
        return self.from_ns <= time_ns and (end_ns is None or time_ns < end_ns)

    def meets(self, from_ns: int, to_ns: int | None) -> bool:
        """Whether the two intervals share an instant."""
        end_ns = self.end_ns
        return (to_ns is None or self.from_ns < to_ns) and (end_ns is None or from_ns < end_ns)


Stays = Mapping[str, tuple[Stay, ...]]
"""By cell, in order of `from_ns`."""


@dataclass(frozen=True, slots=True)
class Lots:
    """Every stay that is open or was lately."""

    material: Mapping[str, tuple[Stay, ...]] = field(default_factory=dict)
    product: Mapping[str, tuple[Stay, ...]] = field(default_factory=dict)

    def of(self, role: str) -> Mapping[str, tuple[Stay, ...]]:
        return self.material if role == "material" else self.product


def product_at(lots: Lots, cell: str, time_ns: int) -> str:
    """The lot being made at a cell at that wire time, or ""."""
    for stay in reversed(lots.product.get(cell, ())):
        if stay.covers(time_ns):
            return stay.lot
    return ""


def lots_at(lots: Lots, cell: str, time_ns: int) -> tuple[str, ...]:
    """Every lot at a cell at that wire time: what is made there first, then what feeds it."""
    stays: Iterable[Stay] = (*lots.product.get(cell, ()), *lots.material.get(cell, ()))
    return tuple(dict.fromkeys(stay.lot for stay in stays if stay.covers(time_ns)))


def lots_between(lots: Lots, cell: str, from_ns: int, to_ns: int) -> tuple[str, ...]:
    """Every lot that was at a cell at some instant of a span of wire time, ends included, in the order of `lots_at`."""
    stays: Iterable[Stay] = (*lots.product.get(cell, ()), *lots.material.get(cell, ()))
    return tuple(dict.fromkeys(stay.lot for stay in stays if stay.meets(from_ns, to_ns + 1)))


def remembered(stays: Iterable[Stay], time_ns: int) -> tuple[Stay, ...]:
    """The stays in order, without closed ones too old to matter."""
    ordered = sorted(stays, key=lambda stay: (stay.from_ns, stay.to_ns is None, stay.to_ns or 0, stay.lot))
    closed = [stay for stay in ordered if stay.to_ns is not None]
    old = {id(stay) for stay in closed[: max(len(closed) - KEEP_MOST, 0)]}
    old |= {id(stay) for stay in closed if stay.to_ns is not None and stay.to_ns < time_ns - KEEP_NS}
    return tuple(stay for stay in ordered if id(stay) not in old)
