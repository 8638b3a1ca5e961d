"""What differs between two control plans, as data: rows that came, rows that went, and what of a row is another. Pure.

Plans are compared as they were read, key by key; what a file does not say is as if it said the default. Rows are told
apart by their names, versions of limits by their numbers; their order does not matter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ADDED, REMOVED, CHANGED = "added", "removed", "changed"
SECTIONS = {"characteristics": "id", "duties": "name"}
"""Lists of rows, and what names a row in them."""
_VERSIONS = "limits"
_WHOLE = ("reaction",)
"""One value, though it may be a mapping: a text in two languages."""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. Of a row that came or went, `key` is "" and what it says is `after` or `before`."""

    what: str  # ADDED, REMOVED, CHANGED
    section: str  # "": the plan itself; "characteristics", "duties"
    row: str
    key: str = ""  # dotted: "sampling.size"; a version of limits is one value, "limits.2"
    before: Any = None  # as the file says it; None: it does not
    after: Any = None

    def plain(self) -> dict[str, Any]:
        names = ("what", "section", "row", "key", "before", "after")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan as it was read, and as its file says it."""

    read: Mapping[str, Any]  # with defaults, values as the gateway holds them
    said: Mapping[str, Any]  # as written


def differences(before: Plan, after: Plan) -> list[Change]:
    """Every difference: of the plan itself, then row by row in the order of the newer plan."""
    changes = _keys("", "", _head(before), _head(after))
    for section, name in SECTIONS.items():
        old, new = _rows(before, section, name), _rows(after, section, name)
        changes += [Change(REMOVED, section, row, before=old[row].said) for row in old if row not in new]
        for row, there in new.items():
            if row in old:
                changes += _keys(section, row, old[row], there)
            else:
                changes.append(Change(ADDED, section, row, after=there.said))
    return changes


def _head(plan: Plan) -> Plan:
    return Plan(*({k: v for k, v in each.items() if k not in SECTIONS} for each in (plan.read, plan.said)))


def _rows(plan: Plan, section: str, name: str) -> dict[str, Plan]:
    said = plan.said.get(section) or []
    return {str(read[name]): Plan(read, said[at]) for at, read in enumerate(plan.read[section])}


def _keys(section: str, row: str, before: Plan, after: Plan) -> list[Change]:
    old, new = _flat(before.read), _flat(after.read)
    said_before, said_after = _flat(before.said), _flat(after.said)
    return [
        Change(CHANGED, section, row, key, said_before.get(key), said_after.get(key))
        for key in dict.fromkeys((*old, *new))
        if old.get(key) != new.get(key)
    ]


def _flat(value: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Nested mappings as dotted keys; what is not given is left out."""
    flat: dict[str, Any] = {}
    for key, item in value.items():
        name = f"{above}{key}"
        if key == _VERSIONS and isinstance(item, list):
            flat |= {f"{name}.{each.get('version')}": each for each in item}
        elif isinstance(item, Mapping) and key not in _WHOLE:
            flat |= _flat(item, f"{name}.")
        elif item not in (None, [], ()):
            flat[name] = item
    return flat
