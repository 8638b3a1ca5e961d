"""Vessels, meters and lot rules that can be meant, and rather are not: warnings. After all rows are known."""

from __future__ import annotations

from gateway.config.draft import Draft


def doubt_mass(draft: Draft) -> None:
    """What nobody fills stays empty, and what no rule judges is never held."""
    _unfilled(draft)
    _unjudged(draft)


def _unfilled(draft: Draft) -> None:
    model = draft.model
    filled = {name for row in model.meters for name in (*row.to, row.rest) if name}
    filled |= {row.into for row in model.scan_points if row.into}
    drawn = {row.source for row in model.meters} | {row.source for row in model.vessels}
    drawn |= {dose.source for row in model.meters for dose in row.doses}
    for at, row in enumerate(model.vessels):
        if row.source is None and not row.opening and row.name not in filled:
            what = "what is drawn from it is of an unknown source" if row.name in drawn else "it stays empty"
            draft.say(("vessels", at), f"nothing fills {row.name}: {what}", severity="warning")


def _unjudged(draft: Draft) -> None:
    model = draft.model
    if not model.meters or not model.vessels:
        return
    if not model.lot_rules:
        draft.say(
            ("vessels",), "lots are made of what they hold, and no lot_rules judge them", severity="warning"
        )
        return
    rules = [row for row in model.lot_rules if "box" in row.kinds]
    everywhere = any(not row.cells for row in rules)
    judged = {cell for row in rules for cell in row.cells}
    for at, meter in enumerate(model.meters):
        cell = meter.cell or meter.tag.rpartition("/")[0]
        if meter.kind == "shots" and not everywhere and cell not in judged:
            draft.say(("meters", at), f"no rule of lot_rules judges the boxes of {cell}", severity="warning")
