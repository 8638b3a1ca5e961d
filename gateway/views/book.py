"""What a journal says of the lives of its alarms, charts and checks, read once and then only what is new.

The newest version of an alarm does not say when it began, nor whom its ladder has told; and notes beside samples, new
limits and revisions of plans lie anywhere among the events. A book is kept beside each open reader.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from weakref import WeakKeyDictionary

from gateway.folding.remarks import NOTED
from gateway.journal import JournalReader
from gateway.model import AlarmChanged, Noted, NumberedEvent
from gateway.views.due import KINDS as CHECKS
from gateway.views.due import Standing, stood

LIMITS = ("limits_frozen", "limits_in_force", "limits_tightened")
COMINGS = ("signed_in", "signed_out", "sign_in_refused", "account_made", "account_changed", "account_removed")
CONFIGS = ("config_changed", "config_kept", "config_returned", "config_refused")
ACT = "page_act"
_COMINGS_MOST = 200
_ACTS_MOST = 2_000
_KINDS = ("AlarmChanged", "escalated", "plan_in_force", NOTED, *LIMITS, *CHECKS, *COMINGS, *CONFIGS, ACT)
_OWED_MOST = 5_000  # checks that stand: those of lots that nobody measured would only grow


@dataclass(slots=True)
class Life:
    """One alarm's."""

    begun_ns: int
    alarm: AlarmChanged  # newest version
    raised_ns: int = 0  # from when on its ladder counts: an answer or a shelf ends a climb
    told: list[Noted] = field(default_factory=list)  # steps, since then


class InForce(NamedTuple):
    """A revision that came into force."""

    seq: int  # of the input that did it
    time_ns: int
    plan: str
    cell: str
    revision: str


class Told(NamedTuple):
    """An event of a characteristic."""

    seq: int
    cause: int
    event: Noted


class Book:
    """Of one journal."""

    def __init__(self) -> None:
        self._seen = 0
        self.lives: dict[str, Life] = {}
        self.notes: dict[str, list[Told]] = {}  # by characteristic, as they came
        self.limits: dict[str, list[Told]] = {}
        self.in_force: list[InForce] = []
        self.checks: Standing = {}  # that nobody has done
        self.comings: deque[Noted] = deque(maxlen=_COMINGS_MOST)  # the newest; acts that were refused, too
        self.configs: deque[Told] = deque(maxlen=_COMINGS_MOST)
        self.acted_from: dict[int, str] = {}  # by the number of an entry, of those that were made on a page

    def refresh(self, reader: JournalReader) -> Book:
        """With what was committed since."""
        for numbered in reader.events_of(self._seen, _KINDS):
            self._take(numbered)
            self._seen = numbered.seq
        return self

    def _take(self, numbered: NumberedEvent) -> None:
        seq, cause, event = numbered
        if isinstance(event, AlarmChanged):
            self._alarm(event)
        elif not isinstance(event, Noted):
            return
        elif event.kind == "escalated":
            if event.subject in self.lives:
                self.lives[event.subject].told.append(event)
        elif event.kind in COMINGS or (event.kind == ACT and "refused" in event.facts):
            self.comings.append(event)
        elif event.kind == ACT:
            self._acted(event)
        elif event.kind in CONFIGS:
            self.configs.append(Told(seq, cause, event))
        elif event.kind in CHECKS:
            stood(self.checks, event)
            if len(self.checks) > _OWED_MOST:
                del self.checks[next((key for key in self.checks if key[1]), next(iter(self.checks)))]
        elif event.kind == "plan_in_force":
            cell, revision = str(event.facts.get("cell", "")), str(event.facts.get("revision", ""))
            self.in_force.append(InForce(cause, event.time_ns, event.subject, cell, revision))
        else:
            where = self.notes if event.kind == NOTED else self.limits
            where.setdefault(event.subject, []).append(Told(seq, cause, event))

    def _acted(self, event: Noted) -> None:
        if isinstance(entry := event.facts.get("seq"), int):
            self.acted_from[entry] = str(event.facts.get("from", ""))
            if len(self.acted_from) > _ACTS_MOST:
                del self.acted_from[next(iter(self.acted_from))]

    def _alarm(self, event: AlarmChanged) -> None:
        life = self.lives.get(event.alarm)
        if life is None:
            life = self.lives[event.alarm] = Life(event.time_ns, event, event.time_ns)
        elif event.state == "active" and life.alarm.state == "shelved":  # its ladder begins anew
            life.raised_ns, life.told = event.time_ns, []
        life.alarm = event

    def revisions(self, upto_seq: int | None = None) -> Mapping[str, str]:
        """By ``"plan cell"`` the revision in force after an input, or now."""
        return {
            f"{each.plan} {each.cell}": each.revision
            for each in self.in_force
            if upto_seq is None or each.seq <= upto_seq
        }


_BOOKS: WeakKeyDictionary[JournalReader, Book] = WeakKeyDictionary()


def book_of(reader: JournalReader) -> Book:
    """The book of a journal, as of now. For the reader's own thread."""
    book = _BOOKS.get(reader)
    if book is None:
        book = _BOOKS[reader] = Book()
    return book.refresh(reader)
