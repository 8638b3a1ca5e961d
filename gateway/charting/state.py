"""What charting remembers, of a poll group and of what groups share; and the key of a process. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gateway.alarms import Alarms
from gateway.bank.slots import BankState
from gateway.lots import Lots
from gateway.sampling import BesideState, RunningState, SamplerState
from gateway.site import Characteristic


@dataclass(frozen=True, slots=True)
class Watch:
    """Newest good values of tags that other groups go by.

    What is old is not known: a run begins with none, and a group that falls silent takes its own away.
    """

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
    keys: tuple[str | None, ...]  # per column, the newest that was known; None: none yet
    known: NDArray[np.bool_]  # per column: whether it is known now
    running: RunningState
    sampling: SamplerState
    beside: BesideState
    banks: tuple[BankState, ...]


def key_of(row: Characteristic, known: Mapping[str, str]) -> str | None:
    """The values of the key's tags, or None while one is not known; "" where the plan has no key."""
    values = [known.get(tag) for tag in row.key]
    texts = [value for value in values if value is not None]
    if len(texts) < len(values):
        return None
    return texts[0] if len(texts) == 1 else "|".join(map(_escaped, texts))


def _escaped(text: str) -> str:
    """No two pairs of texts give one key."""
    return text.replace("\\", "\\\\").replace("|", "\\|")
