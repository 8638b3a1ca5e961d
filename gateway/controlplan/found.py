"""What the control plan finds; alarms and holds are made of it elsewhere. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.controlplan.values import Due
from gateway.model import Event, Noted, Plain, Severity
from gateway.site import Check


@dataclass(frozen=True, slots=True)
class Missed:
    """Nobody did it."""

    check: Check
    due: Due


@dataclass(frozen=True, slots=True)
class Failed:
    """A result is outside of the specification."""

    check: Check
    lot: str
    value: float


@dataclass(frozen=True, slots=True)
class Back:
    """It was done after all (kind "check_missed"), or a later result is inside ("check_failed")."""

    kind: str
    check: str
    lot: str


@dataclass(frozen=True, slots=True)
class Quarantine:
    """A lot came that nobody may use before it is accepted."""

    check: Check
    lot: str
    kind: str
    cell: str


Found = tuple[Missed | Failed | Back | Quarantine | Event, ...]


def noted(
    time_ns: int, kind: str, subject: str, severity: Severity = Severity.INFO, /, **facts: Plain
) -> Noted:
    """An event of this room."""
    return Noted(time_ns, kind, subject, severity, facts)


def facts_of(check: Check, due_ns: int | None, lot: str) -> dict[str, Plain]:
    """What every event of a check says."""
    facts: dict[str, Plain] = {
        "due_ns": due_ns, "window": check.within_ns / 1e9, "lot": lot, "what": check.kind, "every": check.every,
    }  # fmt: skip
    if check.cell:
        facts["cell"] = check.cell
    if check.subject:
        facts["of"] = check.subject
    if check.line.judged_by:
        facts["plan"] = check.line.judged_by
    return facts
