"""Materials, lot rules and limits of results: rows of the file to rows of the site, and what cannot be meant."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.config.draft import Draft
from gateway.config.problems import Path
from gateway.plan.words import shown
from gateway.site import LotRule, Material, ResultLimit

MOST_STARS = 4  # of one pattern: each may cost a walk over the name


def build_materials(draft: Draft) -> tuple[Material, ...]:
    """A lot may be of several materials; a pattern that stands twice in one is an oversight."""
    rows = draft.model.materials
    draft.once("materials", (row.name for row in rows))
    for at, row in enumerate(rows):
        for index, pattern in enumerate(row.lots):
            if pattern.count("*") > MOST_STARS:
                draft.say(
                    ("materials", at, "lots", index), f"{shown(pattern)} has more than {MOST_STARS} stars"
                )
            if pattern in row.lots[:index]:
                draft.say(("materials", at, "lots", index), f"{shown(pattern)} is here twice")
    return tuple(Material(row.name, tuple(row.lots)) for row in rows)


def build_lot_rules(draft: Draft) -> tuple[LotRule, ...]:
    """Every rule; a cell or material that it names is there."""
    rows = draft.model.lot_rules
    draft.once("lot_rules", (row.name for row in rows))
    known = draft.raw_names("materials")
    for at, row in enumerate(rows):
        here: Path = ("lot_rules", at)
        for index, cell in enumerate(row.cells):
            draft.check_cell((*here, "cells", index), cell)
        _materials(draft, (*here, "materials"), row.materials, known)
        for index, pair in enumerate(row.apart):
            _materials(draft, (*here, "apart", index), pair, known)
            if len(set(pair)) == 1:
                draft.say((*here, "apart", index), f"{shown(pair[0])} cannot be kept apart from itself")
    return tuple(
        LotRule(
            row.name, tuple(row.kinds), tuple(row.cells), tuple(row.parts), tuple(row.materials),
            row.max_regrind / 100, row.max_passes, row.passes_share / 100,
            tuple((pair[0], pair[1]) for pair in row.apart), row.trace / 100, row.expired, row.possible,
            row.second_person, *(row.reaction or ("", "")),
        )
        for row in rows
    )  # fmt: skip


def build_result_limits(draft: Draft) -> tuple[ResultLimit, ...]:
    """Every limit; one that limits nothing is an oversight."""
    rows = draft.model.result_limits
    known = draft.raw_names("materials")
    for at, row in enumerate(rows):
        here: Path = ("result_limits", at)
        _materials(draft, (*here, "materials"), row.materials, known)
        if row.low is None and row.high is None:
            draft.say(here, f"{row.result} has neither low nor high: it limits nothing")
        elif row.low is not None and row.high is not None and row.low > row.high:
            draft.say((*here, "low"), f"low must not be above high, {row.high:g}")
    return tuple(
        ResultLimit(
            row.result, tuple(row.materials), tuple(row.kinds), row.low, row.high, *(row.reaction or ("", ""))
        )
        for row in rows
    )


def _materials(draft: Draft, path: Path, names: Iterable[str], known: set[str]) -> None:
    for index, name in enumerate(names):
        if name not in known:
            draft.say(
                (*path, index), f"{shown(name)} is not a material of this site{draft.nearest(name, known)}"
            )
