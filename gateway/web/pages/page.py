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
class Asked:
    """What somebody wants of a page."""

    readers: Sequence[JournalReader]  # that they may see
    given: Mapping[str, str]  # parameters
    now_ns: int
    charts: Charts | None = None  # of the fold that runs here; none: nothing is folded here


@dataclass(frozen=True, slots=True)
class Page:
    """One page. `data` runs in a thread; it raises NotFound, JournalError."""

    name: str
    data: Callable[[Asked], dict[str, Any]]
    table: str = ""  # member of its data that is rows, for .csv; "": none
    columns: tuple[str, ...] = ()  # of that table
