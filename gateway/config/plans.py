"""The control plan's files: characteristics, checked against the site's tags and the charts there are."""

from __future__ import annotations

import math
from pathlib import Path as FilePath
from typing import Any

from gateway.config.designs import PlanRow, share_out
from gateway.config.draft import Draft, Tagged
from gateway.config.maps import read_file, there
from gateway.config.problems import Path, Problem
from gateway.config.processes import check_tags, check_versions, check_when
from gateway.config.validate import Checked
from gateway.plan.methods import Method, method, methods
from gateway.plan.models import SPREAD, CharacteristicRow, PlanFile, WhenRow
from gateway.plan.words import nearest, shown
from gateway.site import Characteristic, LimitsVersion, Sampling, When

_POSITIVE = {"sigma", "L", "h", "lambda"}
_NOT_NEGATIVE = {"k", "headstart"}
_SAMPLES = {"baseline": (2, 10_000), "same_side": (2, 16)}


def build_plans(draft: Draft, folder: FilePath) -> tuple[tuple[Characteristic, ...], list[Problem]]:
    """Every characteristic of the site's plans, and what is wrong in their files."""
    rows: list[PlanRow] = []
    seen: list[Checked[PlanFile]] = []
    ids: dict[str, str] = {}
    files: set[str] = set()
    for at, name in enumerate(draft.model.plans):
        if name in files:
            draft.say(("plans", at), f"{shown(name)} is here twice")
            continue
        files.add(name)
        file = folder / name
        if not there(file):
            near = [str(each.relative_to(folder)) for each in sorted(folder.glob("*/*.yaml"))[:200]]
            draft.say(("plans", at), f"there is no file {shown(str(file))}{nearest(name, near)}")
            continue
        checked = Checked(read_file(file), PlanFile)
        for index, row in enumerate(checked.model.characteristics if checked.model else ()):
            path: Path = ("characteristics", index)
            if row.id in ids:
                checked.say((*path, "id"), f"{shown(row.id)} is taken, in {ids[row.id]}")
            ids.setdefault(row.id, name)
            rows.append(PlanRow(checked, path, row, _build(draft, checked, path, row)))
        seen.append(checked)
    made = share_out(draft, rows)
    return made, [problem for checked in seen for problem in checked.problems]


def _build(draft: Draft, checked: Checked[PlanFile], path: Path, row: CharacteristicRow) -> Characteristic:
    found = draft.tag(checked, (*path, "tag"), row.tag)
    if found is not None and found.point.field.type == "string":
        checked.say((*path, "tag"), f"{row.tag} is text: it cannot be charted")
    for at, tag in enumerate(row.key):
        draft.tag(checked, (*path, "key", at), tag)
    _check_method(checked, path, row)
    _check_sampling(draft, checked, path, row, found)
    _check_specification(checked, path, row)
    check_tags(draft, checked, path, row, found)
    check_when(draft, checked, path, row.when, keyed=bool(row.key))
    check_versions(checked, path, row)
    sampling, when = row.sampling, row.when or WhenRow()
    return Characteristic(
        row.id, row.tag, row.method, row.params, tuple(row.key),
        Sampling(
            sampling.every, sampling.period or 0, sampling.counter or "", sampling.size, sampling.on_change,
            sampling.take, sampling.per_day or 0.0,
        ),
        row.reaction, tuple(row.rules), row.usl, row.lsl, row.target, tuple(row.tags),
        When(when.tag or "", tuple(when.values), when.warm_up or 0),
        tuple(
            LimitsVersion(
                each.version, each.begins, each.params, each.approved_by, each.samples, each.baseline or ""
            )
            for each in sorted(row.limits, key=lambda each: each.version)
        ),
    )  # fmt: skip


def _check_method(checked: Checked[Any], path: Path, row: CharacteristicRow) -> None:
    chart = method(row.method)
    if chart is None:
        checked.say((*path, "method"), f"{shown(row.method)} is not a chart{nearest(row.method, methods())}")
        return
    if row.rules and not chart.rules:
        checked.say((*path, "rules"), f"{row.method} has no run rules")
    if len(set(row.rules)) != len(row.rules):
        checked.say((*path, "rules"), "names a rule twice")
    for at, rule in enumerate(row.rules if chart.rules else ()):
        if rule in SPREAD.values() and rule != SPREAD.get(row.method):
            those = " and ".join(name for name, each in SPREAD.items() if each == rule)
            checked.say((*path, "rules", at), f"{row.method} has no rule {rule}: it is of {those}")
    for key, value in row.params.items():
        _check_param(checked, (*path, "params", key), chart, key, value)


def _check_param(checked: Checked[Any], path: Path, chart: Method, key: str, value: Any) -> None:
    numeric = type(value) in {int, float}
    if key not in chart.params:
        hint = ": write rules beside params" if key == "rules" else nearest(key, chart.params)
        checked.say(path, f"{shown(key)} is not a parameter of {chart.name}{hint}", key=True)
    elif key in chart.words:
        if not isinstance(value, str):
            checked.say(path, f"{shown(value)} is not a word, such as {chart.words[key]}")
        elif value not in chart.choices.get(key, (value,)):
            checked.say(path, f"{shown(value)} is not one of {', '.join(chart.choices[key])}")
    elif not numeric:
        checked.say(path, f"{shown(value)} is not a number")
    elif key in _SAMPLES:
        least, most = _SAMPLES[key]
        if type(value) is not int or not least <= value <= most:
            checked.say(path, f"{shown(value)} is not a number of samples: {least} to {most}")
    elif key in _POSITIVE and value <= 0:
        checked.say(path, f"{shown(value)} must be greater than 0")
    elif key in _NOT_NEGATIVE and value < 0:
        checked.say(path, f"{shown(value)} must not be negative")
    elif key == "lambda" and value > 1:
        checked.say(path, f"{shown(value)} must not be greater than 1")


def _check_sampling(
    draft: Draft, checked: Checked[Any], path: Path, row: CharacteristicRow, found: Tagged | None
) -> None:
    sampling, at = row.sampling, (*path, "sampling")
    for key, every in (("period", "time"), ("counter", "counter")):
        given = getattr(sampling, key) is not None
        if given and sampling.every != every:
            checked.say((*at, key), f"is of `every: {every}`, this is `every: {sampling.every}`")
        elif not given and sampling.every == every:
            checked.missing((*at, key), f'"{key}" is missing with `every: {every}`')
    if sampling.counter is None or sampling.every != "counter":
        return
    counter = draft.tag(checked, (*at, "counter"), sampling.counter)
    if counter is None:
        return
    field = counter.point.field
    if field.type in {"bit", "string", "float32", "float64"} or not field.plain:
        checked.say(
            (*at, "counter"), f"{sampling.counter} is not a counter: a whole number, not scaled, is needed"
        )
    elif found is not None and counter.group != found.group:
        checked.say(
            (*at, "counter"),
            f"is read with {counter.group}, {row.tag} with {found.group}: a sample may be of the wrong cycle; "
            "poll both in one class",
            severity="warning",
        )


def _check_specification(checked: Checked[Any], path: Path, row: CharacteristicRow) -> None:
    if row.usl is not None and row.lsl is not None and row.usl <= row.lsl:
        checked.say((*path, "usl"), f"{row.usl:g} must be greater than lsl, {row.lsl:g}")
        return
    low = -math.inf if row.lsl is None else row.lsl
    high = math.inf if row.usl is None else row.usl
    if row.target is not None and not low <= row.target <= high:
        checked.say((*path, "target"), f"{row.target:g} is outside of lsl and usl")
