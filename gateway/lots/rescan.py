"""A scan was wrong: it was another lot of material that came to the cell. Pure.

What was told stays told. The stay goes over to the right lot from its first instant on, products link to that one, and
events say so: the wrong lot was never there, so its stay ends when it began.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from gateway.lots.paths import NO_PATHS, Paths
from gateway.lots.stays import Lots, Stay
from gateway.model import LotChanged


def rescanned(
    lots: Lots, cell: str, was: str, from_ns: int, now: Stay, paths: Paths = NO_PATHS
) -> tuple[Lots, tuple[LotChanged, ...], Stay] | None:
    """`now` is the right lot and its code. None where no stay of `was` began then, or it is forgotten.

    The third part of the answer is the stay as it was.
    """
    here = lots.material.get(cell, ())
    old = next((stay for stay in here if stay.lot == was and stay.from_ns == from_ns), None)
    if old is None:
        return None
    new = replace(old, lot=now.lot, code=now.code)
    material = {**lots.material, cell: tuple(new if stay is old else stay for stay in here)}
    events = [
        LotChanged(from_ns, was, "closed", cell, "material", old.code),
        LotChanged(from_ns, new.lot, "opened", cell, "material", new.code),
    ]
    if new.to_ns is not None:
        events.append(LotChanged(new.to_ns, new.lot, "closed", cell, "material", new.code))
    after = Lots(material, dict(lots.product))
    for place in paths.below(cell):
        products = after.product.get(place, ())
        changed = tuple(_linked(after, place, product, old, new, events, paths) for product in products)
        after = Lots(material, {**after.product, place: changed} if products else after.product)
    return after, tuple(events), old


def _linked(
    lots: Lots, cell: str, product: Stay, old: Stay, new: Stay, events: list[LotChanged], paths: Paths
) -> Stay:
    if old.lot not in product.parents or not product.meets(old.from_ns, old.end_ns):
        return product
    still = _feeds(lots, paths.above(cell), old.lot, product)
    parents = product.parents if still else tuple(lot for lot in product.parents if lot != old.lot)
    if new.lot not in parents:
        at = max(product.from_ns, new.from_ns)
        events.append(LotChanged(at, product.lot, "linked", cell, "product", product.code, (new.lot,)))
        parents = (*parents, new.lot)
    return replace(product, parents=parents)


def _feeds(lots: Lots, cells: Iterable[str], lot: str, product: Stay) -> bool:
    stays = (stay for cell in cells for stay in lots.material.get(cell, ()))
    return any(stay.lot == lot and product.meets(stay.from_ns, stay.end_ns) for stay in stays)
