"""What the holds room finds; alarms and events are made of it elsewhere. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.holds.verdict import Breach
from gateway.model import Event, Noted, Plain, Severity


@dataclass(frozen=True, slots=True)
class Ruled:
    """A lot was judged by a rule: no breaches, only possible ones, or sure ones."""

    lot: str
    cell: str
    rule: str
    breaches: tuple[Breach, ...]
    held: bool  # now, or before
    reaction: str = ""
    reaction_zh: str = ""
    shipped: bool = False  # it has left already
    version: int = 1  # of the lot; later ones amend


@dataclass(frozen=True, slots=True)
class Cleared:
    """A lot that is held by a rule keeps it, as is known now. Its release is for people."""

    lot: str
    cell: str
    rule: str


@dataclass(frozen=True, slots=True)
class Concerned:
    """Lots that are made of a held lot: held too, or shipped already."""

    source: str
    held: tuple[str, ...] = ()
    shipped: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Used:
    """A lot feeds a cell that is held, or past its day."""

    lot: str
    cell: str
    why: str  # "held", "expired"
    reason: str = ""
    facts: Mapping[str, Plain] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Left:
    """A held lot left the site."""

    lot: str
    cell: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Free:
    """A lot is released: what stood because of it is over."""

    lot: str


Finding = Ruled | Cleared | Concerned | Used | Left | Free
Found = tuple[Finding | Event, ...]


def noted(
    time_ns: int, kind: str, subject: str, severity: Severity = Severity.INFO, /, **facts: Plain
) -> Noted:
    """An event of this room."""
    return Noted(time_ns, kind, subject, severity, facts)
