"""What a scan does to the lots: opens, moves, closes. Pure.

Rule 1: a scan acts at its wire time, not when it is folded.  Rule 2: one product lot at a cell at a time: opening the
next closes the one before; material lots may be many, each open until it is closed or moved.  Rule 3: a product's
parents are the material lots that were during its stay at its cell or at one upstream of it, each linked when it is
known.  Rule 4: what was told is never told anew: a late scan puts its interval where it belongs and tells what that
changes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from gateway.lots.paths import NO_PATHS, Paths
from gateway.lots.stays import Lots, Stay, remembered
from gateway.model import LotChanged

REPEATED = "repeated"
NOT_HERE = "the lot is not open here"


@dataclass(frozen=True, slots=True)
class Told:
    """What a scan did: outcome is "" where it changed something, REPEATED, or why it was refused."""

    lots: Lots
    events: tuple[LotChanged, ...]
    outcome: str = ""


def scan(lots: Lots, action: str, cell: str, role: str, stay: Stay, paths: Paths = NO_PATHS) -> Told:
    """One scan of `stay.lot` at `stay.from_ns` by a scan point that opens, moves or closes in that role."""
    desk = _Desk(lots, paths)
    desk.use_up(stay.from_ns)
    if action == "close":
        outcome = desk.close(cell, role, stay)
    else:
        outcome = desk.open(cell, role, stay, moving=action == "move")
    return (
        Told(desk.lots(stay.from_ns), tuple(desk.events), outcome) if not outcome else Told(lots, (), outcome)
    )


class _Desk:
    """One scan's changes while they are made; `lots()` gives the result."""

    def __init__(self, lots: Lots, paths: Paths) -> None:
        self.paths = paths
        self.stays = {"material": dict(lots.material), "product": dict(lots.product)}
        self.touched: set[tuple[str, str]] = set()
        self.events: list[LotChanged] = []

    def lots(self, time_ns: int) -> Lots:
        for role, cell in self.touched:
            self.stays[role][cell] = remembered(self.stays[role][cell], time_ns)
        return Lots(**self.stays)

    def use_up(self, time_ns: int) -> None:
        """Close the material that lasted until now: it ended when it ended, and is told when somebody scans."""
        for cell, stays in list(self.stays["material"].items()):
            for stay in stays:
                if stay.to_ns is None and stay.used_up_ns is not None and stay.used_up_ns <= time_ns:
                    self._cut("material", cell, stay, stay.used_up_ns, stay.code)

    # --- the three actions ---

    def open(self, cell: str, role: str, stay: Stay, *, moving: bool) -> str:
        here = self.stays[role].get(cell, ())
        if any(other.lot == stay.lot and other.covers(stay.from_ns) for other in here):
            return REPEATED
        if moving:
            stay = self._leave(role, cell, stay)
        change = "moved" if moving and self._was_anywhere(stay) else "opened"
        if role == "product":
            for other in here:
                if other.covers(stay.from_ns):
                    self._cut(role, cell, other, stay.from_ns, stay.code)
        self._enter(cell, role, stay, change)
        return ""

    def close(self, cell: str, role: str, stay: Stay) -> str:
        here = self.stays[role].get(cell, ())
        for other in here:
            if other.lot == stay.lot and other.covers(stay.from_ns):
                self._cut(role, cell, other, stay.from_ns, stay.code)
                return ""
        ended = any(other.lot == stay.lot and other.to_ns == stay.from_ns for other in here)
        return REPEATED if ended else NOT_HERE

    # --- parts of them ---

    def _leave(self, role: str, cell: str, stay: Stay) -> Stay:
        """End the lot's other stays at the scan's time; one that begins later ends the new stay instead."""
        ends = []
        for other_role, cells in self.stays.items():
            for place in list(cells):
                if (other_role, place) == (role, cell):
                    continue
                for other in cells[place]:
                    if other.lot == stay.lot and other.covers(stay.from_ns):
                        self._cut(other_role, place, other, stay.from_ns, stay.code)
                    elif other.lot == stay.lot and other.from_ns > stay.from_ns:
                        ends.append(other.from_ns)
        return replace(stay, to_ns=min(ends, default=None))

    def _was_anywhere(self, stay: Stay) -> bool:
        """Whether the lot is known from before: it may have been closed by the next one at its cell."""
        every = (other for cells in self.stays.values() for here in cells.values() for other in here)
        return any(other.lot == stay.lot and other.from_ns < stay.from_ns for other in every)

    def _enter(self, cell: str, role: str, stay: Stay, change: str) -> None:
        here = self.stays[role].get(cell, ())
        later = [o for o in here if o.from_ns > stay.from_ns and (role == "product" or o.lot == stay.lot)]
        following = min(later, key=lambda other: other.from_ns, default=None)
        known_end = False
        if following is not None and (stay.end_ns is None or following.from_ns <= stay.end_ns):
            if following.lot == stay.lot:  # a late scan: the stay began earlier than was known
                stay = replace(following, code=stay.code, from_ns=stay.from_ns)
                here = tuple(other for other in here if other is not following)
                known_end = True
            else:
                stay = replace(stay, to_ns=following.from_ns)
        told, feeding = stay.parents, list[Stay]()
        if role == "product":
            feeding = self._feeding(cell, stay)
            stay = replace(stay, parents=_joined(stay.parents, (other.lot for other in feeding)))
            told = _joined(told, (other.lot for other in feeding if other.covers(stay.from_ns)))
        self._put(role, cell, (*here, stay))
        self._tell(stay.from_ns, stay, change, cell, role, told)
        for other in sorted(feeding, key=lambda each: each.from_ns):
            if other.lot not in told:
                self._tell(other.from_ns, stay, "linked", cell, role, (other.lot,))
                told = (*told, other.lot)
        if role == "material":
            for place in self.paths.below(cell):
                self._feed(place, stay)
        if stay.to_ns is not None and not known_end:
            self._tell(stay.to_ns, stay, "closed", cell, role)

    def _feeding(self, cell: str, product: Stay) -> list[Stay]:
        """Material at the cell or upstream of it at some time of the product's stay."""
        return [
            other
            for place in self.paths.above(cell)
            for other in self.stays["material"].get(place, ())
            if other.lot != product.lot and other.meets(product.from_ns, product.end_ns)
        ]

    def _feed(self, cell: str, material: Stay) -> None:
        """A material lot came to the cell or upstream of it: it is a parent of every product lot made meanwhile."""
        linked = []
        here = self.stays["product"].get(cell, ())
        for product in here:
            new = product.lot != material.lot and material.lot not in product.parents
            if new and product.meets(material.from_ns, material.end_ns):
                product = replace(product, parents=(*product.parents, material.lot))  # noqa: PLW2901
                at = max(product.from_ns, material.from_ns)
                self._tell(at, product, "linked", cell, "product", (material.lot,))
            linked.append(product)
        if any(new is not old for new, old in zip(linked, here, strict=True)):
            self._put("product", cell, tuple(linked))

    def _cut(self, role: str, cell: str, stay: Stay, time_ns: int, code: str) -> None:
        here = tuple(
            replace(stay, to_ns=time_ns) if other is stay else other for other in self.stays[role][cell]
        )
        self._put(role, cell, here)
        self._tell(time_ns, replace(stay, code=code), "closed", cell, role)

    def _put(self, role: str, cell: str, stays: tuple[Stay, ...]) -> None:
        self.stays[role][cell] = stays
        self.touched.add((role, cell))

    def _tell(
        self, time_ns: int, stay: Stay, change: str, cell: str, role: str, parents: tuple[str, ...] = ()
    ) -> None:
        self.events.append(LotChanged(time_ns, stay.lot, change, cell, role, stay.code, parents))


def _joined(first: tuple[str, ...], more: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *more)))
