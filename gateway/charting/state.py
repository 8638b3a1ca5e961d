"""What charting remembers, of a poll group and of what groups share; and the key of a process. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.alarms import Alarms
from gateway.bank.slots import BankState
from gateway.lots import Lots
from gateway.sampling import BesideState, RunningState, SamplerState
from gateway.site import Characteristic


@dataclass(frozen=True, slots=True)
class Watch:
    """Newest good values of tags that other groups go by."""

    version: int = 0  # of `keys`
    keys: Mapping[str, str] = field(default_factory=dict)  # by tag, as text
    counts: Mapping[str, float] = field(default_factory=dict)  # by tag of a counter


@dataclass(frozen=True, slots=True)
class Shared:
    """The part of the state that groups share."""

    watch: Watch
    lots: Lots
    alarms: Alarms


@dataclass(frozen=True, slots=True, eq=False)
class ChartingState:
    """What sampling and charts remember of one poll group."""

    version: int  # of the keys by which slots are in force; -1: none yet
    keys: tuple[str | None, ...]  # per column; None: not known yet
    running: RunningState
    sampling: SamplerState
    beside: BesideState
    banks: tuple[BankState, ...]


def key_of(row: Characteristic, known: Mapping[str, str]) -> str | None:
    """The values of the key's tags, or None while one is not known; "" where the plan has no key."""
    values = [known.get(tag) for tag in row.key]
    texts = [value for value in values if value is not None]
    return "|".join(texts) if len(texts) == len(values) else None
