"""Which alarm of several came first: the one to look at, for the others may only follow from it. Pure.

An alarm lies under an older one where the box says so (`first_out`: the first at its cell of that time), or where a lot
is in both. Only the first of a group gathers others: what shares a lot with one of those alone is a group of its own,
or a day's alarms would all be one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_Row = Mapping[str, Any]


def grouped(rows: Sequence[_Row]) -> list[dict[str, Any]]:
    """Groups as ``{"first", "then", "lots"}``: ids of alarms, by the time they began; lots that these are about.

    `rows` have alarm, site, begun_ns, lots and facts; groups come in the order of their first row there.
    """
    members: dict[str, list[_Row]] = {}
    group_of: dict[str, str] = {}
    gathers: dict[tuple[str, str], str] = {}  # site and lot to the first that has it
    for row in sorted(rows, key=lambda each: (each["begun_ns"], each["alarm"])):
        lots = [(row["site"], lot) for lot in row["lots"]]
        said = (row.get("facts") or {}).get("first_out")
        head = group_of.get(str(said)) or next((gathers[lot] for lot in lots if lot in gathers), row["alarm"])
        if head == row["alarm"]:
            for lot in lots:
                gathers.setdefault(lot, head)
        group_of[row["alarm"]] = head
        members.setdefault(head, []).append(row)
    return [_group(members[head]) for head in dict.fromkeys(group_of[row["alarm"]] for row in rows)]


def _group(members: Sequence[_Row]) -> dict[str, Any]:
    first, *then = members
    lots = list(dict.fromkeys(lot for row in members for lot in row["lots"]))
    return {"first": first["alarm"], "then": [row["alarm"] for row in then], "lots": lots}
