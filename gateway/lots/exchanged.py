"""What a late scan changes in hindsight: which lots were at a cell in a span of wire time. Pure."""

from __future__ import annotations

from gateway.lots.stays import Lots


def exchanged(
    before: Lots, after: Lots, cell: str, from_ns: int, to_ns: int
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Lots that are now known to be in [from_ns, to_ns], ends included, and those that are known not to be.

    A lot whose stay was only forgotten, for it is old, is neither.
    """
    if all(before.of(role).get(cell) is after.of(role).get(cell) for role in ("product", "material")):
        return (), ()
    was, now = _between(before, cell, from_ns, to_ns), _between(after, cell, from_ns, to_ns)
    known = _lots(after, cell)
    return tuple(lot for lot in now if lot not in was), tuple(
        lot for lot in was if lot not in now and lot in known
    )


def _between(lots: Lots, cell: str, from_ns: int, to_ns: int) -> dict[str, None]:
    stays = (*lots.product.get(cell, ()), *lots.material.get(cell, ()))
    return dict.fromkeys(stay.lot for stay in stays if stay.meets(from_ns, to_ns + 1))


def _lots(lots: Lots, cell: str) -> set[str]:
    return {stay.lot for stay in (*lots.product.get(cell, ()), *lots.material.get(cell, ()))}
