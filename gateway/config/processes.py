"""What a characteristic says of its process: further tags, states of the machine, versions of limits."""

from __future__ import annotations

from typing import Any

from gateway.config.draft import Draft, Tagged
from gateway.config.problems import Path
from gateway.config.validate import Checked
from gateway.plan.methods import method
from gateway.plan.models import CharacteristicRow, WhenRow
from gateway.plan.words import nearest, shown

_FEWEST = {"vector": 1, "count_size": 1}
_MOST = {"count_size": 1}


def check_tags(
    draft: Draft, checked: Checked[Any], path: Path, row: CharacteristicRow, found: Tagged | None
) -> None:
    """Further tags: as many as the chart takes, numbers, best read together."""
    chart = method(row.method)
    if chart is None:
        return
    takes, at = chart.takes, (*path, "tags")
    if not _FEWEST.get(takes, 0) <= len(row.tags) <= _MOST.get(takes, 63 if takes == "vector" else 0):
        wants = {"vector": "two tags or more", "count_size": "a count and the tag of its size"}.get(
            takes, "one tag"
        )
        text = f"{row.method} charts {wants}, here are {1 + len(row.tags)}"
        checked.say(at if row.tags else (*path, "method"), text)
        return
    if takes == "subgroup" and row.sampling.size < 2:
        checked.say((*path, "sampling"), f"{row.method} charts subgroups: size must be 2 or more")
    if row.tags and (row.sampling.size != 1 or row.sampling.every == "lot"):
        checked.say(
            (*path, "sampling"), f"samples of {row.method} are of one reading: size 1, and not `every: lot`"
        )
    if row.sampling.take == "difference" and (row.sampling.size != 1 or row.sampling.every == "lot"):
        checked.say(
            (*path, "sampling", "take"), "a difference is of two samples: size 1, and not `every: lot`"
        )
    for index, tag in enumerate(row.tags):
        here = (*at, index)
        if tag == row.tag or tag in row.tags[:index]:
            checked.say(here, f"{tag} is here twice")
            continue
        other = draft.tag(checked, here, tag)
        if other is not None and other.point.field.type == "string":
            checked.say(here, f"{tag} is text: it cannot be charted")
        elif other is not None and found is not None and other.group != found.group:
            text = f"is read with {other.group}, {row.tag} with {found.group}: its newest good value is taken"
            checked.say(here, text, severity="warning")


def check_when(
    draft: Draft, checked: Checked[Any], path: Path, when: WhenRow | None, *, keyed: bool = False
) -> None:
    """The machine's state: a tag and values of it, or, with a key, a warm-up after a changeover alone."""
    at = (*path, "when")
    if when is None:
        return
    if when.tag is None:
        if when.values:
            checked.say((*at, "is"), 'is of no tag: write "tag" beside it')
        elif when.warm_up is None:
            checked.say(at, 'says nothing: give "tag" and "is", or "warm_up"')
        elif not keyed:
            checked.say((*at, "warm_up"), "is after a change of state or key, and this row has neither")
        return
    if not when.values:
        checked.missing((*at, "is"), '"is" is missing: the values of the tag in which samples are made')
    draft.tag(checked, (*at, "tag"), when.tag)


def check_versions(checked: Checked[Any], path: Path, row: CharacteristicRow) -> None:
    """Versions of limits: their numbers, their order in time, and what the chart can take."""
    chart, seen = method(row.method), dict[int, int]()
    for index, each in enumerate(row.limits):
        at = (*path, "limits", index)
        if each.version in seen:
            checked.say((*at, "version"), f"version {each.version} is here twice")
        if any(old.version < each.version and old.begins > each.begins for old in row.limits):
            checked.say((*at, "from"), "is before an older version comes into force")
        seen[each.version] = index
        if chart is None:
            continue
        if not each.params:
            checked.say((*at, "params"), "is empty: give what phase I estimates, such as center and sigma")
        for name, value in each.params.items():
            here = (*at, "params", name)
            if name not in chart.params:
                text = f"{shown(name)} is not a parameter of {row.method}{nearest(name, chart.params)}"
                checked.say(here, text, key=True)
            elif not _numbers(value):
                checked.say(here, f"{shown(value)} is not a number, or a list of numbers")
            elif name == "sigma" and isinstance(value, (int, float)) and value <= 0:
                checked.say(here, f"{shown(value)} must be greater than 0")


def _numbers(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and all(_numbers(each) for each in value)
    return type(value) in {int, float}
