"""Alarms as plain data, the ones that matter most first; when each began, who is told next, what causes there were."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gateway.alarms import Ladders
from gateway.journal import JournalReader
from gateway.model import AlarmChanged
from gateway.plain import to_plain
from gateway.site import Characteristic, Check, Site
from gateway.study.pareto import pareto
from gateway.views.book import Book, Life, book_of
from gateway.views.moments import iso

_STATES = {"active": 0, "returned": 1, "acknowledged": 2, "shelved": 3, "closed": 4}
"""What somebody must look at first: what stands and nobody has answered for."""
UNANSWERED = ("active", "returned")
_SUGGESTED = 8  # causes of before, offered beside those of the plan


def alarm_plain(reader: JournalReader, alarm: AlarmChanged) -> dict[str, Any]:
    """One version of an alarm, and whose it is."""
    who, plain = reader.identity, to_plain(alarm)
    del plain["is"]
    return {"site": who.site, "gateway": who.gateway, "time": iso(alarm.time_ns), **plain}


def alarms(readers: Sequence[JournalReader], *, closed: bool = False) -> list[dict[str, Any]]:
    """The newest version of each open alarm, or of each; unanswered ones first, then the worst, then the newest."""
    found = [alarm_plain(reader, alarm) for reader in readers for alarm in reader.alarms(closed=closed)]
    return sorted(found, key=lambda row: (_STATES[row["state"]], -row["severity"], -row["time_ns"]))


def counted(rows: Iterable[dict[str, Any]]) -> dict[str, int]:
    """How many alarms are in each state."""
    found = dict.fromkeys(_STATES, 0)
    for row in rows:
        found[row["state"]] += 1
    return found


class Desk:
    """Of one journal: what whoever answers for its alarms wants to know beside them."""

    def __init__(self, reader: JournalReader, now_ns: int) -> None:
        self._now_ns = now_ns
        self._book, site = book_of(reader), reader.site()
        self._ladders = None if site is None else Ladders(site)
        self._planned = {} if site is None else _planned(site)
        self._before = _causes(self._book)

    def about(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Of an alarm: when it began, who is told next, its chart, and causes to choose from."""
        life = self._book.lives.get(row["alarm"])
        subject = str(row["subject"])
        planned = self._planned.get(subject, ())
        before = [cause for cause, _ in self._before.get(subject, Counter()).most_common(_SUGGESTED)]
        begun_ns = row["time_ns"] if life is None else life.begun_ns
        return {
            "begun": iso(begun_ns), "begun_ns": begun_ns, "escalation": self._escalation(row, life),
            "causes": list(planned), "causes_before": [cause for cause in before if cause not in planned],
        }  # fmt: skip

    def _escalation(self, row: Mapping[str, Any], life: Life | None) -> dict[str, Any] | None:
        """Whom the ladder has told, and whom it tells when, if nobody answers; None where it has no ladder."""
        if self._ladders is None or life is None or row["state"] not in UNANSWERED:
            return None
        steps = [{"at": iso(each.time_ns), "to": each.facts.get("to")} for each in life.told]
        done = max((int(str(each.facts.get("step", 0))) for each in life.told), default=0)
        ahead = self._ladders.ahead(str(row["subject"]), done)
        if ahead is None:
            return {"told": steps, "next": None} if steps else None
        ladder, count, step, people = ahead
        cell = str(row["tag"]).rpartition("/")[0]
        return {
            "told": steps,
            "next": {
                "ladder": ladder, "step": done + 1, "steps": count, "to": list(people),
                "at": iso(life.raised_ns + step.after_ns + self._ladders.stood_ns(cell, life.raised_ns, self._now_ns)),
                "stopped": self._ladders.stands_still(cell, self._now_ns),
            },
        }  # fmt: skip


def _planned(site: Site) -> dict[str, tuple[str, ...]]:
    """By characteristic the causes that its plan lists."""
    rows: tuple[Characteristic | Check, ...] = (*site.characteristics, *site.checks)
    return {row.id: row.line.causes for row in rows if row.line.causes}


def _causes(book: Book) -> dict[str, Counter[str]]:
    """By subject the causes that its alarms had, those of false ones left out."""
    found: dict[str, Counter[str]] = {}
    for life in book.lives.values():
        facts = life.alarm.facts or {}
        if facts.get("cause") and facts.get("cause_class") != "false":
            found.setdefault(life.alarm.subject, Counter())[str(facts["cause"])] += 1
    return found


def causes(readers: Sequence[JournalReader], since_ns: int) -> list[dict[str, Any]]:
    """The causes of alarms that were answered since an instant, the most frequent first, with what is reached."""
    said = [
        str(facts["cause"])
        for reader in readers
        for life in book_of(reader).lives.values()
        if (facts := life.alarm.facts or {}).get("cause")
        and int(str(facts.get("acknowledged_ns", life.alarm.time_ns))) >= since_ns
    ]
    return [{"cause": bar.name, "count": bar.count, "reached": bar.reached} for bar in pareto(said)]
