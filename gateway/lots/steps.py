"""Lots when wall time was stepped. Pure.

Stays are by wire time. What began in a future that was taken back would hide every scan until that time comes again:
each would be late, and the old lot would follow it. What began in 1970, before the clock was set, would have been there
for half a century. So a lot that is still there ends at the newest wire time of the old stretch and begins anew at the
step, and both is told; stays that are over are forgotten where they lie ahead. A step forward that is shorter than
`KEEP_NS` is left alone: it may as well be downtime.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from gateway.lots.stays import KEEP_NS, Lots, Stay
from gateway.model import LotChanged


def stepped(lots: Lots, now_ns: int, newest_ns: int) -> tuple[Lots, tuple[LotChanged, ...]]:
    """The lots of a clock that says `now_ns`, after one that went as far as `newest_ns`."""
    if newest_ns <= now_ns <= newest_ns + KEEP_NS or not newest_ns:
        return lots, ()
    events: list[LotChanged] = []
    material = _stepped("material", lots.material, now_ns, newest_ns, events)
    product = _stepped("product", lots.product, now_ns, newest_ns, events)
    return Lots(material, product), tuple(events)


def _stepped(
    role: str, cells: Mapping[str, tuple[Stay, ...]], now_ns: int, newest_ns: int, events: list[LotChanged]
) -> dict[str, tuple[Stay, ...]]:
    moved = {}
    for cell, stays in cells.items():
        over = [_over(stay, now_ns) for stay in stays if stay.to_ns is not None]
        here = [_open(role, cell, stay, now_ns, newest_ns, events) for stay in stays if stay.to_ns is None]
        moved[cell] = (*(stay for stay in over if stay is not None), *here)
    return moved


def _over(stay: Stay, now_ns: int) -> Stay | None:
    if stay.from_ns >= now_ns:
        return None
    return replace(stay, to_ns=min(stay.to_ns or now_ns, now_ns))


def _open(role: str, cell: str, stay: Stay, now_ns: int, newest_ns: int, events: list[LotChanged]) -> Stay:
    if stay.used_up_ns is not None:
        stay = replace(stay, used_up_ns=max(stay.used_up_ns + now_ns - newest_ns, now_ns))
    if now_ns < newest_ns and stay.from_ns <= now_ns:
        return stay  # it was there at that time already
    end_ns = max(newest_ns, stay.from_ns)
    events.append(LotChanged(end_ns, stay.lot, "closed", cell, role, stay.code))
    events.append(LotChanged(now_ns, stay.lot, "opened", cell, role, stay.code, stay.parents))
    return replace(stay, from_ns=now_ns)
