"""Roles, and which acts each may do. Pure."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What somebody is here. Each may do what those before it may; `SUPPLIER` looks at its own sites only."""

    SUPPLIER = "supplier"
    VIEWER = "viewer"
    OPERATOR = "operator"
    QUALITY = "quality"
    ADMIN = "admin"


OF_OPERATORS = (
    "acknowledge", "shelve", "unshelve", "hold", "result", "note", "handover", "counted", "scrap", "label",
)  # fmt: skip
"""What is done at a machine: answer, hold back, measure, note, count, throw away, label."""
OF_QUALITY = (
    "release", "correct", "recount", "correct_scan", "stocktake", "drill",
)  # fmt: skip
"""What changes what others said, or lets go of what was held."""
OF_ADMINS = ("make", "orders", "import")
"""What comes from elsewhere and cannot be seen at the site: lots out of nothing, orders, genealogies."""
ACTS = (*OF_OPERATORS, *OF_QUALITY, *OF_ADMINS)
"""Every kind of entry that a person can make; tests hold it against what the door takes."""
OF_PROGRAMS = ("setpoint",)
"""What a program of the site hands in by the local door: no role may."""

_MAY: dict[Role, frozenset[str]] = {
    Role.SUPPLIER: frozenset(),
    Role.VIEWER: frozenset(),
    Role.OPERATOR: frozenset(OF_OPERATORS),
    Role.QUALITY: frozenset((*OF_OPERATORS, *OF_QUALITY)),
    Role.ADMIN: frozenset(ACTS),
}


def may(role: Role, act: str) -> bool:
    """Whether a role may do what an entry of kind `act` does.

    >>> may(Role.OPERATOR, "acknowledge"), may(Role.OPERATOR, "release"), may(Role.VIEWER, "acknowledge")
    (True, False, False)
    """
    return act in _MAY[role]
