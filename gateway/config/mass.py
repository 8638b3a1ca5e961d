"""Vessels and meters: rows of the file to rows of the site, and what cannot be meant. After all tags are known."""

from __future__ import annotations

from gateway.config.draft import Draft, Tagged
from gateway.config.massmeters import check_counting, check_feeder
from gateway.config.massrows import MeterRow, VesselRow
from gateway.config.problems import Path
from gateway.plan.words import nearest, shown
from gateway.site import KILOGRAMS, Dose, Meter, Vessel
from gateway.site.material import CountUnit

_ONLY: dict[str, tuple[str, ...]] = {
    "totalizer": (
        "source", "to", "loss", "ground", "slice", "sigma", "unit", "units", "serial", "most_per_hour",
    ),
    "batch": ("to", "doses"),
    "totals": ("to", "doses", "unit", "units", "serial", "most_per_hour", "largest_batch", "fastest_batch"),
    "feeder": (
        "source", "to", "sigma", "most_per_hour", "window", "empty", "smallest_refill", "refilled_from",
    ),
    "shots": (
        "source", "sigma", "shot_mass", "shot_kg", "part_mass", "part_kg", "parts", "good_parts", "rest",
    ),
    "scale": ("sigma", "tare"),
}  # fmt: skip
"""Keys that mean something, by kind of meter."""

_WINDOW_NS = 60_000_000_000
_ALIASES = {"source": "from"}


def build_vessels(draft: Draft) -> tuple[Vessel, ...]:
    """Every vessel; one is kept full from another that is there, and none from itself, not even by others."""
    rows = draft.model.vessels
    draft.once("vessels", (row.name for row in rows))
    by_name = {row.name: row for row in rows}
    for at, row in enumerate(rows):
        path: Path = ("vessels", at)
        draft.check_cell((*path, "cell"), row.cell)
        if row.source is not None:
            _vessel(draft, (*path, "from"), row.source)
            if row.keeps is None:
                draft.say((*path, "from"), 'needs "keeps": how many kilograms it is kept filled to')
            if (around := _around(by_name, row)) != "":
                draft.say((*path, "from"), f"closes a circle: {around}")
        if (row.opening_lot or row.opening_regrind) and not row.opening:
            draft.say(path, 'has an opening lot or regrind and no "opening": how many kilograms there are')
        if row.level is not None:
            _mass_tag(draft, (*path, "level"), row.level)
            if row.level_sigma is None:
                draft.checked.missing(
                    (*path, "level_sigma"), '"level_sigma" is missing: how well its load cells weigh'
                )
    return tuple(
        Vessel(
            row.name, row.cell, row.kind, row.mixing, row.opening, row.opening_lot or "", row.opening_regrind / 100,
            row.keeps or 0.0, row.source or "", row.level or "", row.level_sigma or 0.0,
        )
        for row in rows
    )  # fmt: skip


def build_meters(draft: Draft) -> tuple[Meter, ...]:
    """Every meter, with the poll group that its tags are of."""
    rows = draft.model.meters
    draft.once("meters", (row.name for row in rows))
    made = [_meter(draft, ("meters", at), row) for at, row in enumerate(rows)]
    return tuple(meter for meter in made if meter is not None)


def check_into(draft: Draft) -> None:
    """What a scan point says of mass: a vessel, or a scan point that opens pallets or shipments."""
    vessels = draft.raw_names("vessels")
    opens = {row.name for row in draft.model.scan_points if row.makes and row.action == "open"}
    for at, row in enumerate(draft.model.scan_points):
        path: Path = ("scan_points", at)
        if row.makes and (row.action != "open" or row.role != "product"):
            draft.say((*path, "makes"), "is of a scan point that opens product lots")
        if row.kg is not None and row.into not in vessels:
            draft.say((*path, "kg"), 'is of a bag that is emptied: name its vessel by "into"')
        if row.into is None or row.into in vessels:
            continue
        if row.into not in opens:
            draft.say(
                (*path, "into"),
                f"{shown(row.into)} is no vessel, and no scan point that opens a pallet or shipment"
                f"{draft.nearest(row.into, [*vessels, *opens])}",
            )
        elif row.role != "product":
            draft.say((*path, "into"), "only product lots go onto pallets and shipments")


def _meter(draft: Draft, path: Path, row: MeterRow) -> Meter | None:
    _unused(draft, path, row)
    check_counting(draft, path, row)
    found = draft.tag(draft.checked, (*path, "tag"), row.tag)
    cell = row.cell or row.tag.rpartition("/")[0]
    draft.check_cell((*path, "cell"), cell)
    if row.kind in {"totalizer", "scale", "feeder"} and row.unit is None:
        _mass_tag(draft, (*path, "tag"), row.tag)
    elif found is not None and not found.point.is_number:
        draft.say((*path, "tag"), f"{row.tag} is no count")
    _ends(draft, path, row)
    tags: list[tuple[Path, str]] = [(("doses", i, "tag"), dose.tag) for i, dose in enumerate(row.doses)]
    tags += [
        ((name,), tag) for name, tag in (("shot_mass", row.shot_mass), ("part_mass", row.part_mass)) if tag
    ]
    for where, tag in tags:
        _beside(draft, (*path, *where), tag, found, row.tag, mass=row.unit is None)
    for name, further in (("unit", row.unit), ("serial", row.serial)):
        if further:
            _beside(draft, (*path, name), further, found, row.tag, mass=False)
    if row.good_parts:
        _beside(draft, (*path, "good_parts"), row.good_parts, found, row.tag, mass=False)
    if found is None:
        return None
    doses = tuple(Dose(dose.tag, dose.source, dose.sigma) for dose in row.doses)
    return Meter(
        row.name, cell, row.kind, found.group, row.tag, row.source or "", tuple(row.to), row.sigma, row.loss / 100,
        row.ground, row.slice or 0.0, doses, row.shot_mass or "", row.shot_kg or 0.0, row.part_mass or "",
        row.part_kg or 0.0, row.parts, row.good_parts or "", row.rest or "", row.tare, row.unit or "",
        tuple(CountUnit(float(each.value), each.kg) for each in row.units), row.serial or "", row.most_per_hour or 0.0,
        row.largest_batch or 0.0, row.fastest_batch or 0, row.window or _WINDOW_NS, row.empty,
        row.smallest_refill or 0.0, row.refilled_from or "",
    )  # fmt: skip


def _unused(draft: Draft, path: Path, row: MeterRow) -> None:
    every = {name for names in _ONLY.values() for name in names}
    for name in sorted(every - set(_ONLY[row.kind])):
        if name in row.model_fields_set:
            word = _ALIASES.get(name, name)
            kinds = [kind for kind, names in _ONLY.items() if name in names]
            draft.say((*path, word), f"a {row.kind} meter has no {word}: it is of {' and '.join(kinds)}")


def _ends(draft: Draft, path: Path, row: MeterRow) -> None:
    """Where it comes from and goes to."""
    for name, vessel in (("from", row.source), ("rest", row.rest), ("refilled_from", row.refilled_from)):
        if vessel is not None:
            _vessel(draft, (*path, name), vessel)
    for i, vessel in enumerate(row.to):
        _vessel(draft, (*path, "to", i), vessel)
        if vessel in row.to[:i]:
            draft.say((*path, "to", i), f"{vessel} is here twice")
    for i, dose in enumerate(row.doses):
        _vessel(draft, (*path, "doses", i, "from"), dose.source)
    if row.kind in {"totalizer", "batch", "totals", "feeder"} and not row.to:
        draft.checked.missing((*path, "to"), '"to" is missing: the vessel that it fills')
    if row.kind == "totalizer":
        _totalizer(draft, path, row)
    elif row.kind in {"batch", "totals"} and not row.doses:
        draft.checked.missing((*path, "doses"))
    elif row.kind == "feeder":
        check_feeder(draft, path, row)
    elif row.kind == "shots":
        _shots(draft, path, row)


def _totalizer(draft: Draft, path: Path, row: MeterRow) -> None:
    if len(row.to) > 1:
        draft.say((*path, "to"), "a totalizer fills one vessel")
    if row.source is not None and row.source in row.to:
        draft.say((*path, "to"), f"{row.source} fills itself")
    if row.source is None and row.ground:
        draft.say((*path, "ground"), 'needs "from": what is ground is known')


def _shots(draft: Draft, path: Path, row: MeterRow) -> None:
    if row.source is None:
        draft.checked.missing((*path, "from"))
    if row.shot_mass is None and row.shot_kg is None:
        draft.checked.missing((*path, "shot_mass"), '"shot_mass" is missing: a tag, or shot_kg')
    if row.part_mass is None and row.part_kg is None:
        draft.checked.missing((*path, "part_mass"), '"part_mass" is missing: a tag, or part_kg')


def _vessel(draft: Draft, path: Path, name: str) -> None:
    known = draft.raw_names("vessels")
    if name not in known:
        draft.say(path, f"{shown(name)} is not a vessel of this site{nearest(name, known)}")


def _mass_tag(draft: Draft, path: Path, tag: str) -> None:
    found = draft.tag(draft.checked, path, tag)
    if found is not None and found.point.uom not in KILOGRAMS:
        uom = found.point.uom or "no uom"
        draft.say(path, f"{tag} is no mass: it has {uom}, a mass has {', '.join(KILOGRAMS)}")


def _beside(draft: Draft, path: Path, tag: str, first: Tagged | None, of: str, *, mass: bool) -> None:
    """A further tag of a meter: what is counted and what is weighed have to be of one instant."""
    if mass:
        _mass_tag(draft, path, tag)
    found = draft.tag(draft.checked, path, tag)
    if found is not None and first is not None and found.group != first.group:
        draft.say(
            path, f"is read with {found.group}, {of} with {first.group}: a meter's tags are of one poll group"
        )


def _around(by_name: dict[str, VesselRow], row: VesselRow) -> str:
    way, at = [row.name], row.source
    while at is not None and at in by_name and at not in way:
        way.append(at)
        at = by_name[at].source
    return ", ".join([*way, row.name]) if at == row.name else ""
