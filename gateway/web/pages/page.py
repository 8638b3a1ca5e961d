"""What a page is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.journal import JournalReader
from gateway.score.words import LANGUAGES, said
from gateway.views.chart import Charts


class NotFound(LookupError):
    """What the page is asked for is not here; says why."""


@dataclass(frozen=True, slots=True)
class Running:
    """What pages ask of the daemon that they are part of; nothing where they show replicas."""

    charts: Charts | None = None  # of its fold
    standing: Callable[[], dict[str, Any]] | None = None  # see `gateway.box.standing`


NOTHING_RUNS = Running()


def spoken(words: Iterable[str]) -> dict[str, dict[str, str]]:
    """Words of `gateway.score` in each language, for a view to choose from."""
    return {word: {lang: said(lang, word) for lang in LANGUAGES} for word in words}


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants of a page."""

    readers: Sequence[JournalReader]  # that they may see
    given: Mapping[str, str]  # parameters
    now_ns: int
    running: Running = NOTHING_RUNS
    restricted: bool = (
        False  # they see some sites only: nothing of the machine that serves, which may be another's
    )


def never(_: Mapping[str, str]) -> bool:
    """Whatever it is asked for, it does not."""
    return False


def always(_: Mapping[str, str]) -> bool:
    """Whatever it is asked for, it does."""
    return True


@dataclass(frozen=True, slots=True)
class Page:
    """One page. `data` runs in a thread, or in the helper; it raises NotFound, JournalError."""

    name: str
    data: Callable[[Asked], dict[str, Any]]
    heavy: bool = False  # it takes longer than 2 ms of Python: the helper process makes it
    table: str = ""  # member of its data that is rows, for .csv; "": none
    columns: tuple[str, ...] = ()  # of that table
    tables: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict
    )  # others, by member: `?table=` of .csv
    heavy_with: str = ""  # a parameter with which it is heavy
    long: Callable[[Mapping[str, str]], bool] = never  # half a second or more: made beside the others

    def is_heavy(self, given: Mapping[str, str]) -> bool:
        """Whether the helper process makes what is asked for."""
        return self.heavy or bool(self.heavy_with and given.get(self.heavy_with))
