"""Dosers: rows of the file to rows of the site, and what cannot be meant. After all tags are known.

The points that a doser derives become tags here, so that plans and alarm limits may name them.
"""

from __future__ import annotations

from gateway.config.doserrows import SPANS, ComponentRow, DoserRow, EstimateRow
from gateway.config.draft import Draft, Tagged
from gateway.config.problems import Path
from gateway.plan.words import duration_ns, nearest, shown
from gateway.site import KILOGRAMS, Component, Doser, DoserState, Estimate, Metered
from gateway.site.dosing import BATCH, derived

_YEAR_DAYS = 365.25
_YEAR_NS = _YEAR_DAYS * 86_400e9


def build_dosers(draft: Draft) -> tuple[Doser, ...]:
    """Every doser whose tags are there, and the tags that it derives."""
    rows = draft.model.dosers
    draft.once("dosers", (row.name for row in rows))
    made = []
    for at, row in enumerate(rows):
        found = _doser(draft, ("dosers", at), row)
        _derive(draft, ("dosers", at), found)
        made.append(found)
    return tuple(made)


def _doser(draft: Draft, path: Path, row: DoserRow) -> Doser:
    counted = draft.tag(draft.checked, (*path, "cycles"), row.cycles)
    if counted is not None and (
        counted.point.field.type in {"bit", "string", "float32", "float64"} or not counted.point.field.plain
    ):
        draft.say((*path, "cycles"), f"{row.cycles} is not a count: a whole number, not scaled, is needed")
    cell = row.cell or row.cycles.rpartition("/")[0]
    draft.check_cell((*path, "cell"), cell)
    if row.recipe is not None:
        draft.tag(draft.checked, (*path, "recipe"), row.recipe)
    for i, place in enumerate(row.lots_at):
        draft.check_cell((*path, "lots_at", i), place)
    for i, state in enumerate(row.states):
        draft.tag(draft.checked, (*path, "states", i, "tag"), state.tag)
    _components(draft, path, row, counted)
    names = [each.name for each in row.components]
    regrind = [each.name for each in row.components if each.kind == "regrind"]
    if row.loop == "closed" and not regrind:
        draft.say((*path, "loop"), "a closed loop is of regrind: no component is")
    estimates = tuple(
        _estimate(draft, (*path, "estimates", i), each, names, regrind)
        for i, each in enumerate(row.estimates)
    )
    _once(draft, path, "estimates", [each.name for each in row.estimates])
    _doubt(draft, path, row)
    return Doser(
        row.name, cell, row.cycles,
        tuple(
            Component(
                each.name, each.kind, each.tag, each.setpoint or "", each.percent, each.of, each.resolution, each.sigma
            )
            for each in row.components
        ),
        row.recipe or "", row.loop, row.weights, row.setpoints, row.basis,
        tuple(DoserState(each.tag, tuple(each.values), each.mark) for each in row.states),
        tuple(row.lots_at) or (cell,), row.gap, row.error / 100.0, estimates,
        row.window if row.window in SPANS else "", 0 if row.window in SPANS else duration_ns(row.window),
        _windows(draft, path, row), row.false_alarms_per_year, *(row.reaction or ("", "")),
    )  # fmt: skip


def _doubt(draft: Draft, path: Path, row: DoserRow) -> None:
    if (
        row.estimates
        and not row.error
        and not any(each.error for estimate in row.estimates for each in estimate.came)
    ):
        draft.say(
            (*path, "estimates"),
            "no meter has an `error`: by the third window or so the smallest difference of calibration is an alarm",
            severity="warning",
        )


def _components(draft: Draft, path: Path, row: DoserRow, counted: Tagged | None) -> None:
    _once(draft, path, "components", [each.name for each in row.components])
    for i, each in enumerate(row.components):
        if each.name == BATCH:
            draft.say((*path, "components", i, "name"), "batch is all of them together: name it otherwise")
    mains = [i for i, each in enumerate(row.components) if each.kind == "main"]
    for i in mains[1:]:
        draft.say((*path, "components", i, "kind"), "one component is the main one")
    follows = row.setpoints == "recipe" or any(each.of == "main" for each in row.components)
    if follows and not mains:
        draft.say(
            (*path, "components"), "no component is the main one: what is left of a recipe is not known"
        )
    fixed = sum(each.percent or 0.0 for each in row.components)
    if fixed > 100.0 and not follows:
        draft.say((*path, "components"), f"are {fixed:g} % of the batch together")
    for i, each in enumerate(row.components):
        _component(draft, (*path, "components", i), each, counted, row.cycles)


def _component(draft: Draft, path: Path, row: ComponentRow, counted: Tagged | None, count: str) -> None:
    found = _mass(draft, (*path, "tag"), row.tag)
    if found is not None and counted is not None and found.group != counted.group:
        draft.say(
            (*path, "tag"),
            f"is read with {found.group}, {count} with {counted.group}: a dose may be of another cycle; "
            "read both in one poll group",
        )
    if row.of == "main" and row.kind != "additive":
        draft.say((*path, "of"), "is of additives")
    if row.setpoint is not None and row.percent is not None:
        draft.say((*path, "percent"), "there is a setpoint already: one of the two")
    elif row.setpoint is None and row.percent is None and row.kind != "main":
        draft.checked.missing((*path, "setpoint"), '"setpoint" is missing: a tag, or percent')
    if row.setpoint is not None:
        wanted = draft.tag(draft.checked, (*path, "setpoint"), row.setpoint)
        if wanted is not None and wanted.point.uom != "%":
            uom = wanted.point.uom or "no uom"
            draft.say((*path, "setpoint"), f"{row.setpoint} has {uom}: a setpoint is in %")


def _estimate(draft: Draft, path: Path, row: EstimateRow, names: list[str], regrind: list[str]) -> Estimate:
    component = row.component or (regrind[0] if len(regrind) == 1 else "")
    if row.component is not None and row.component not in (*names, BATCH):
        hint = nearest(row.component, (*names, BATCH))
        draft.say((*path, "component"), f"{shown(row.component)} is not a component here{hint}")
    elif not component:
        draft.checked.missing((*path, "component"), '"component" is missing: there is not one regrind alone')
    if not row.came and row.level is None:
        draft.checked.missing((*path, "in"), '"in" is missing: what came in, or a level')
    for i, each in enumerate(row.came):
        here = (*path, "in", i)
        if each.each is not None:
            _mass(draft, (*here, "each"), each.each)
        if each.each is not None and each.each_kg is not None:
            draft.say((*here, "each_kg"), "there is each already: one of the two")
        if each.each is None and each.each_kg is None:
            _mass(draft, (*here, "tag"), each.tag)
            continue
        found = draft.tag(draft.checked, (*here, "tag"), each.tag)
        if found is not None and not found.point.is_number:
            draft.say((*here, "tag"), f"{each.tag} is no count")
    if row.level is not None:
        _mass(draft, (*path, "level"), row.level)
        if row.level_sigma is None:
            draft.checked.missing(
                (*path, "level_sigma"), '"level_sigma" is missing: how well its load cells weigh'
            )
    came = tuple(
        Metered(each.tag, each.each_kg or 0.0, each.each or "", each.sigma, each.error / 100.0)
        for each in row.came
    )
    return Estimate(row.name, component, came, row.level or "", row.level_sigma or 0.0)


def _windows(draft: Draft, path: Path, row: DoserRow) -> float:
    """How many a year has."""
    if row.window == "lot":
        if row.lots_per_year is None and row.estimates:
            draft.checked.missing(
                (*path, "lots_per_year"), '"lots_per_year" is missing: the budget of false alarms needs it'
            )
        return row.lots_per_year or 1.0
    if row.lots_per_year is not None:
        draft.say((*path, "lots_per_year"), "is of `window: lot`")
    if row.window == "shift":
        return _YEAR_DAYS * max(len(draft.model.shifts), 1)
    return _YEAR_DAYS if row.window == "day" else _YEAR_NS / duration_ns(row.window)


def _derive(draft: Draft, path: Path, row: Doser) -> None:
    group = derived(row)
    if any(each.id == group.id for device in draft.devices for each in device.groups):
        draft.say((*path, "name"), f"{group.id} is a poll group already: name the doser otherwise")
    for place, point in enumerate(group.points):
        if (taken := draft.tags.get(point.tag)) is None:
            draft.tags[point.tag] = Tagged(point, group.id)
            continue
        at = place // 2
        where = (*path, "components", at, "name") if at < len(row.components) else (*path, "name")
        draft.say(
            where,
            f"derives {point.tag}, which is a tag of {taken.group} already: name the one or the other anew",
        )


def _mass(draft: Draft, path: Path, tag: str) -> Tagged | None:
    found = draft.tag(draft.checked, path, tag)
    if found is not None and found.point.uom not in KILOGRAMS:
        uom = found.point.uom or "no uom"
        draft.say(path, f"{tag} is no mass: it has {uom}, a mass has {', '.join(KILOGRAMS)}")
    return found


def _once(draft: Draft, path: Path, section: str, names: list[str]) -> None:
    for i, name in enumerate(names):
        if name in names[:i]:
            draft.say((*path, section, i, "name"), f"{shown(name)} is here twice")
