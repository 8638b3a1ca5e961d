"""What a page is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.journal import JournalReader
from gateway.views.chart import Charts


class NotFound(LookupError):
    """What the page is asked for is not here; says why."""


@dataclass(frozen=True, slots=True)
class Running:
    """What pages ask of the daemon that they are part of; nothing where they show replicas."""

    charts: Charts | None = None  # of its fold
    standing: Callable[[], dict[str, Any]] | None = None  # see `gateway.standing`


NOTHING_RUNS = Running()


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants of a page."""

    readers: Sequence[JournalReader]  # that they may see
    given: Mapping[str, str]  # parameters
    now_ns: int
    running: Running = NOTHING_RUNS


@dataclass(frozen=True, slots=True)
class Page:
    """One page. `data` runs in a thread; it raises NotFound, JournalError."""

    name: str
    data: Callable[[Asked], dict[str, Any]]
    table: str = ""  # member of its data that is rows, for .csv; "": none
    columns: tuple[str, ...] = ()  # of that table
