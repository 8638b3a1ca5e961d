"""The control plan's files: rows, checked against the site's tags, its people and the charts there are."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

from gateway.config.checks import build_check, build_duties
from gateway.config.designs import PlanRow
from gateway.config.draft import Draft, Tagged
from gateway.config.maps import read_file, there
from gateway.config.problems import Path, Problem
from gateway.config.processes import check_tags, check_versions, check_when
from gateway.config.revisions import PlanOf, check_revisions, designed
from gateway.config.validate import Checked
from gateway.design import sizes
from gateway.plan.methods import Method, method, methods
from gateway.plan.models import INSPECTION, SPREAD, CharacteristicRow, PlanFile, WhenRow
from gateway.plan.words import nearest, shown
from gateway.site import Characteristic, Check, LimitsVersion, Revision, Sampling, When

_POSITIVE = {"sigma", "L", "h", "lambda"}
_NOT_NEGATIVE = {"k", "headstart"}
_SAMPLES = {"baseline": (2, 10_000), "same_side": (2, 16)}


@dataclass(frozen=True)
class Plans:
    """What the plans of a site make, and what is wrong in their files."""

    characteristics: tuple[Characteristic, ...]  # those that are charted
    checks: tuple[Check, ...]
    revisions: tuple[Revision, ...]
    problems: list[Problem]


def build_plans(draft: Draft, folder: FilePath) -> Plans:
    """Every row of the site's plans, and what is wrong in their files."""
    plans = _read(draft, folder)
    ids: dict[str, PlanOf] = {}
    rows: list[PlanRow] = []
    checks: list[Check] = []
    for plan in plans:
        here = dict[str, PlanOf]()
        for index, row in enumerate(plan.rows):
            path: Path = ("characteristics", index)
            plan.claim(row.id, (*path, "id"), ids, here)
            if row.check is not None:
                checks.append(build_check(draft, plan, path, row))
            if row.check is None or row.method != INSPECTION:
                rows.append(PlanRow(plan.checked, path, row, _build(draft, plan, path, row)))
            else:
                _check_specification(plan.checked, path, row)
        checks += build_duties(draft, plan, ids, here)
    revisions = check_revisions(plans)
    _check_gauges(plans, checks)
    made = designed(draft, rows)
    problems = [problem for plan in plans for problem in plan.checked.problems]
    return Plans(made, tuple(checks), revisions, problems)


def _read(draft: Draft, folder: FilePath) -> list[PlanOf]:
    plans: list[PlanOf] = []
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
        plans.append(PlanOf(name, Checked(read_file(file), PlanFile)))
    return plans


def _build(draft: Draft, plan: PlanOf, path: Path, row: CharacteristicRow) -> Characteristic:
    checked = plan.checked
    tag, found = _tag(draft, checked, path, row)
    for at, key in enumerate(row.key):
        draft.tag(checked, (*path, "key", at), key)
    _check_method(checked, path, row)
    _check_sampling(draft, checked, path, row, found)
    _check_specification(checked, path, row)
    check_tags(draft, checked, path, row, found)
    check_when(draft, checked, path, row.when, keyed=bool(row.key))
    check_versions(checked, path, row)
    sampling, when = row.sampling, row.when or WhenRow()
    if row.check is not None:
        when = (
            WhenRow()
        )  # what was measured by hand was measured: only when it is due goes by the machine's state
    return Characteristic(
        row.id, tag, row.method, row.params, tuple(row.key),
        Sampling(
            sampling.every, sampling.period or 0, sampling.counter or "", sampling.size, sampling.on_change,
            sampling.take, sampling.per_day or 0.0,
        ),
        row.reaction.text, tuple(row.rules), row.usl, row.lsl, row.target, tuple(row.tags),
        When(when.tag or "", tuple(when.values), when.warm_up or 0),
        tuple(
            LimitsVersion(
                each.version, each.begins, each.params, each.approved_by, each.samples, each.baseline or ""
            )
            for each in sorted(row.limits, key=lambda each: each.version)
        ),
        line=plan.line(draft, path, row),
    )  # fmt: skip


def _tag(
    draft: Draft, checked: Checked[Any], path: Path, row: CharacteristicRow
) -> tuple[str, Tagged | None]:
    """What is charted: a tag of the site, or what a check's results are charted as."""
    if row.check is not None:
        return f"{row.check.cell}/{row.id}", None
    if row.tag is None:
        checked.missing((*path, "tag"), 'neither "tag" nor "check": nobody knows what is measured')
        return "", None
    found = draft.tag(checked, (*path, "tag"), row.tag)
    if found is not None and found.point.field.type == "string":
        checked.say((*path, "tag"), f"{row.tag} is text: it cannot be charted")
    return row.tag, found


def _check_gauges(plans: list[PlanOf], checks: list[Check]) -> None:
    """A gauge that a row names is a calibration of some plan."""
    known = {each.id for each in checks if each.kind == "calibration"}
    for plan in plans:
        for index, row in enumerate(plan.rows):
            if row.gauge is not None and row.gauge not in known:
                text = f"{shown(row.gauge)} is no duty of kind calibration{nearest(row.gauge, known)}"
                plan.checked.say(("characteristics", index, "gauge"), text)


def _check_method(checked: Checked[Any], path: Path, row: CharacteristicRow) -> None:
    chart = method(row.method)
    if row.method == INSPECTION:
        checked.say((*path, "method"), "inspection is of checks made by hand: a tag needs a chart")
        return
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
    unfit = sizes.wrong(row.params) if row.method == "multi-cusum" else None
    if unfit is not None:
        checked.say((*path, "params", unfit[0]), unfit[1])


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
    _check_period(draft, checked, path, row, found)
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


def _check_period(
    draft: Draft, checked: Checked[Any], path: Path, row: CharacteristicRow, found: Tagged | None
) -> None:
    """No more samples than readings."""
    period_ns = row.sampling.period
    if found is None or period_ns is None or row.sampling.every != "time":
        return
    groups = (group for device in draft.devices for group in device.groups if group.id == found.group)
    read_ns = next((group.period_ns for group in groups), 0)
    if period_ns < read_ns:
        text = (
            f"{row.tag} is read every {read_ns / 1e9:g} s: no sample can be made every {period_ns / 1e9:g} s"
        )
        checked.say((*path, "sampling", "period"), text)


def _check_specification(checked: Checked[Any], path: Path, row: CharacteristicRow) -> None:
    if row.usl is not None and row.lsl is not None and row.usl <= row.lsl:
        checked.say((*path, "usl"), f"{row.usl:g} must be greater than lsl, {row.lsl:g}")
        return
    low = -math.inf if row.lsl is None else row.lsl
    high = math.inf if row.usl is None else row.usl
    if row.target is not None and not low <= row.target <= high:
        checked.say((*path, "target"), f"{row.target:g} is outside of lsl and usl")
