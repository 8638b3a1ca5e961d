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


_OPERATOR = frozenset({"acknowledge", "shelve", "unshelve", "hold", "result", "label"})
_QUALITY = _OPERATOR | {"release", "correct", "recount", "correct_scan", "stocktake", "drill"}
_ACTS: dict[Role, frozenset[str]] = {
    Role.SUPPLIER: frozenset(),
    Role.VIEWER: frozenset(),
    Role.OPERATOR: _OPERATOR,
    Role.QUALITY: _QUALITY,
    Role.ADMIN: _QUALITY | {"make", "import"},
}


def may(role: Role, act: str) -> bool:
    """Whether a role may do what an entry of kind `act` does.

    >>> may(Role.OPERATOR, "acknowledge"), may(Role.OPERATOR, "release"), may(Role.VIEWER, "acknowledge")
    (True, False, False)
    """
    return act in _ACTS[role]
