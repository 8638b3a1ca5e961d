"""Stores, reward, drivers, machines and steps: rows of the file to rows of the site, and what cannot be meant."""

from __future__ import annotations

from gateway.config.draft import Draft
from gateway.config.problems import Path
from gateway.config.scorerows import MachineRow, ScoreRow
from gateway.plan.words import shown
from gateway.site.score import Band, BoardStep, Driver, Machine, Reward, Score, Store

_FEWEST_DRIVERS = 3


def build_score(draft: Draft) -> Score:
    """Everything that scores go by."""
    row = draft.model.score
    made = Score(
        _stores(draft, row), row.calibration / 100.0, row.keeps_within / 100.0, _reward(draft, row),
        tuple(Driver(each.number, each.goal, each.owner or "") for each in row.drivers),
        tuple(_machine(draft, at, each) for at, each in enumerate(row.machines)),
        tuple(BoardStep(each.name, tuple(each.cells), each.most or 0) for each in row.steps),
    )  # fmt: skip
    _once(draft, "drivers", [each.number for each in row.drivers], "number")
    _once(draft, "steps", [each.name for each in row.steps])
    if 0 < len(row.drivers) < _FEWEST_DRIVERS:
        draft.say(("score", "drivers"), "fewer than three numbers say little", severity="warning")
    _steps(draft, row)
    return made


def _once(draft: Draft, section: str, names: list[str], key: str = "name") -> None:
    for at, name in enumerate(names):
        if name in names[:at]:
            draft.say(("score", section, at, key), f"{shown(name)} is here twice")


def _stores(draft: Draft, row: ScoreRow) -> tuple[Store, ...]:
    _once(draft, "stores", [each.name for each in row.stores])
    vessels = {each.name: each.cell for each in draft.model.vessels}
    known = draft.raw_names("vessels")
    seen: dict[str, str] = {}
    for at, each in enumerate(row.stores):
        for index, name in enumerate(each.vessels):
            here: Path = ("score", "stores", at, "vessels", index)
            if name not in known:
                draft.say(here, f"{shown(name)} is not a vessel of this site{draft.nearest(name, known)}")
            elif name in seen:
                draft.say(here, f"{name} is in store {seen[name]} already")
            seen.setdefault(name, each.name)
    return tuple(
        Store(
            each.name, each.material or each.name,
            vessels.get(each.vessels[0], "").rpartition("/")[0], tuple(each.vessels),
        )
        for each in row.stores
    )  # fmt: skip


def _reward(draft: Draft, row: ScoreRow) -> Reward:
    given = row.reward
    places = [band.place for band in given.bands]
    for at, place in enumerate(places):
        if place in places[:at]:
            draft.say(("score", "reward", "bands", at, "place"), f"place {place} is here twice")
    if given.by == "team" and draft.model.teams is None:
        draft.say(("score", "reward", "by"), 'the site names no "teams"')
    bands = tuple(
        Band(band.place, band.pay, band.within or 0.0)
        for band in sorted(given.bands, key=lambda band: band.place)
    )
    made = Reward(given.by, given.component or "", given.least_cycles, given.currency)
    return Reward(made.by, made.component, made.least_cycles, made.currency, bands) if bands else made


def _machine(draft: Draft, at: int, row: MachineRow) -> Machine:
    here: Path = ("score", "machines", at)
    _once(draft, "machines", [each.name for each in draft.model.score.machines[: at + 1]])
    draft.check_cell((*here, "cell"), row.cell)
    draft.tag(draft.checked, (*here, "state"), row.state)
    if row.energy is not None:
        draft.tag(draft.checked, (*here, "energy"), row.energy)
    states = [*row.run, *row.idle, *row.down]
    for value in dict.fromkeys(states):
        if states.count(value) > 1:
            draft.say(here, f"state {shown(value)} is here twice")
    kinds = {each.name: each.kind for each in draft.model.meters}
    if row.meter is not None and kinds.get(row.meter) != "shots":
        known = draft.raw_names("meters")
        if row.meter not in known or row.meter in kinds:
            draft.say((*here, "meter"), f'{shown(row.meter)} is not a meter of kind "shots"')
    if row.cycle is not None and row.meter is None:
        draft.say((*here, "cycle"), "of what? It needs a meter that counts shots")
    return Machine(
        row.name, row.cell, row.state, tuple(row.run), tuple(row.idle), tuple(row.down), row.meter or "",
        row.cycle or 0, row.energy or "",
    )  # fmt: skip


def _steps(draft: Draft, row: ScoreRow) -> None:
    seen: dict[str, str] = {}
    for at, each in enumerate(row.steps):
        for index, cell in enumerate(each.cells):
            here: Path = ("score", "steps", at, "cells", index)
            draft.check_cell(here, cell)
            if cell in seen:
                draft.say(here, f"{cell} is in step {seen[cell]} already")
            seen.setdefault(cell, each.name)
