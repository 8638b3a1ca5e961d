"""What a meter by totals or by a hopper's weight has to say of its device, so that what nobody saw has bounds."""

from __future__ import annotations

from gateway.config.draft import Draft
from gateway.config.massrows import MeterRow
from gateway.config.problems import Path


def check_counting(draft: Draft, path: Path, row: MeterRow) -> None:
    """The unit that a device counts in, and what a blender can do."""
    if row.kind in {"totalizer", "totals"}:
        _units(draft, path, row)
    if row.kind != "totals":
        return
    if row.largest_batch is None:
        draft.checked.missing(
            (*path, "largest_batch"),
            '"largest_batch" is missing: kilograms of the largest batch; it bounds what a clear hides',
        )
    if row.fastest_batch is None:
        draft.checked.missing(
            (*path, "fastest_batch"),
            '"fastest_batch" is missing: shortest time of a batch; without it nobody knows how many were not seen',
        )
    points = [found.point for dose in row.doses if (found := draft.tags.get(dose.tag)) is not None]
    if len({(point.field.type, point.field.scale, point.uom) for point in points}) > 1:
        draft.say(
            (*path, "doses"),
            "totals are of one type, scale and uom: they wrap alike, in one unit",
        )


def check_feeder(draft: Draft, path: Path, row: MeterRow) -> None:
    """A feeder's hopper: where it stands, how well it weighs, how fast it empties."""
    if row.source is None:
        draft.checked.missing((*path, "from"), '"from" is missing: the vessel that is the feeder\'s hopper')
    elif row.source in row.to:
        draft.say((*path, "to"), f"{row.source} fills itself")
    if len(row.to) > 1:
        draft.say((*path, "to"), "a feeder fills one vessel")
    if not row.sigma:
        draft.checked.missing(
            (*path, "sigma"),
            '"sigma" is missing: standard uncertainty of one weight, its resolution divided by 3.5 at least',
        )
    if row.most_per_hour is None:
        draft.checked.missing(
            (*path, "most_per_hour"),
            '"most_per_hour" is missing: kilograms an hour at full speed; it bounds what left during a refill',
        )
    if row.source is not None and row.refilled_from == row.source:
        draft.say((*path, "refilled_from"), f"{row.source} refills itself")


def _units(draft: Draft, path: Path, row: MeterRow) -> None:
    if row.unit is not None and not row.units:
        draft.checked.missing(
            (*path, "units"),
            '"units" is missing: what the numbers of "unit" mean, such as {value: 2, kg: 0.0001}',
        )
    if row.units and row.unit is None:
        draft.say((*path, "units"), 'needs "unit": the tag that shows these numbers')
    seen: set[int] = set()
    for at, each in enumerate(row.units):
        if each.value in seen:
            draft.say((*path, "units", at, "value"), f"{each.value} is here twice")
        seen.add(each.value)
