"""What may be written, as frozen rows: the list of a file that was checked. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.layout import Field
from gateway.proof.note import PublicKey
from gateway.site import Bus


@dataclass(frozen=True, slots=True)
class Place:
    """A table's registers or bits of a unit."""

    table: str
    address: int
    field: Field


@dataclass(frozen=True, slots=True)
class Setpoint:
    """One value, all its bounds, and who may ask for it."""

    tag: str
    bus: Bus
    unit: int
    timeout_ns: int
    function: int
    target: Place
    back: Place
    uom: str
    low: float
    high: float
    step: float
    per_hour: int
    interval_ns: int
    tolerance: float
    settle_ns: int
    propose: frozenset[str]  # operator numbers as `number` writes them
    approve: frozenset[str]


@dataclass(frozen=True, slots=True)
class Allowed:
    """A whole list. `digest`: SHA-256 of the file's bytes; a note that was signed for another one is not taken."""

    digest: str
    within_ns: int
    people: Mapping[str, PublicKey]  # by operator number
    setpoints: Mapping[str, Setpoint]  # by tag


def number(operator: str) -> str:
    """An operator number in its one spelling: somebody is not another person for a zero in front.

    >>> number("017"), number("0")
    ('17', '0')
    """
    return str(int(operator))


def same_person(one: str, other: str, people: Mapping[str, PublicKey]) -> bool:
    """Whether two numbers are one person: by number, however it is written, and by key. Nobody known is nobody else."""
    if number(one) == number(other):
        return True
    mine, theirs = people.get(number(one)), people.get(number(other))
    return mine is None or theirs is None or mine.key == theirs.key
