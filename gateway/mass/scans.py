"""What a scan says about mass: a bag is emptied into a vessel, a box goes onto a pallet, a pallet leaves. Pure.

The mass of a bag is the net weight of its code (GS1 identifiers 3100 to 3105), or what its scan point says one holds.
A code that is read again within seconds is one bag, scanned twice; one that names a serial is one bag for ever.
"""

from __future__ import annotations

from gateway.codes.identify import Identified, Understood, lot_of, understand
from gateway.mass import boxes, packs
from gateway.mass.desk import Desk
from gateway.mass.heaps import Heap, Parcel, split
from gateway.model import Scan, Severity
from gateway.site import ScanPoint

TWICE_NS = 3_000_000_000
"""The same code at the same vessel within this is the same bag."""

_SHARE_OF_LABEL = 0.001
"""Standard uncertainty of a printed net weight, as a share of it."""


def scanned(desk: Desk, point: ScanPoint, given: Scan) -> None:
    """Fold one scan. A code that is refused has been told already; a tag that left the field says nothing here."""
    if given.phase == "left":
        return
    found = lot_of(given.code, given.symbology)
    if not isinstance(found, Identified):
        return
    if point.into in desk.rows.vessels:
        _emptied(desk, point, found, given)
        return
    if point.role != "product":
        return
    _left_its_press(desk, point, found.lot, given.at.time_ns)
    if point.makes and point.action == "open":
        packs.opened(desk, point, found.lot)
    elif point.into or point.ships:
        packs.packed(desk, point, found.lot)


def _emptied(desk: Desk, point: ScanPoint, found: Identified, given: Scan) -> None:
    lot = found.lot
    old = desk.bought.get(lot)
    again = old is not None and not old.declared and 0 <= given.at.time_ns - old.told_ns < TWICE_NS
    if again or (old is not None and found.serial and not old.declared):
        desk.noted("bag_repeated", lot, Severity.INFO, point=point.name, vessel=point.into)
        return
    kg = net_weight(given.code, given.symbology) or point.kg
    whole = desk.whole.get(lot)
    if not kg and whole is not None:
        kg = whole.kg
    if not kg:
        desk.noted(
            "mass_unknown",
            lot,
            Severity.WARNING,
            point=point.name,
            vessel=point.into,
            reason="no weight in its code",
        )
        return
    desk.empty_into(point.into, _of(desk, lot, kg, point.cell))


def _of(desk: Desk, lot: str, kg: float, cell: str) -> Heap:
    """Kilograms of a lot that somebody brings: of one made here as far as it goes, else from outside."""
    var = (_SHARE_OF_LABEL * kg) ** 2
    held = desk.whole.get(lot)
    if held is None:
        return (desk.bring(lot, kg, var, cell),)
    if kg > held.kg * (1 + 3 * _SHARE_OF_LABEL):
        desk.noted("lot_overdrawn", lot, Severity.WARNING, kg=kg, held_kg=held.kg)
    del desk.whole[lot]
    taken, left = split((Parcel(lot, held.kg, held.var),), kg, var)
    if left:
        desk.finish(lot, held.kind, held.cell, left[0])
    return taken


def _left_its_press(desk: Desk, point: ScanPoint, lot: str, time_ns: int) -> None:
    """A box that is scanned elsewhere is whole, though its press may not have been read since."""
    for cell, lots in list(desk.products.items()):
        if lot in lots and cell != point.cell:
            boxes.close(desk, cell, lot, time_ns)


def net_weight(code: str, symbology: str = "") -> float:
    """Kilograms that a GS1 code says it holds; 0: it does not.

    >>> net_weight("]C1010950600013435217281231310301000010R24-0001")
    10.0
    """
    said = understand(code, symbology)
    if isinstance(said, Understood):
        for element in said.elements:
            if len(element.ai) == 4 and element.ai.startswith("310"):
                return int(element.value) / float(10 ** int(element.ai[3]))
    return 0.0
