"""One scenario through the real fold in virtual time, and what came of it as plain data.

Every minute: the plant moves, people scan, devices are read as the site says, and time passes for the fold's timers.
Nothing here is a socket, a disk or a process: a dead link is a count of what would wait in the journal, and a power
cut is a stretch that nobody reads, with the restart that the daemon would make.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from gateway.config.limits import solved
from gateway.config.reader import load
from gateway.fold import Fold
from gateway.model import (
    AlarmChanged,
    Event,
    Input,
    Instant,
    LotChanged,
    Noted,
    Plain,
    Quality,
    Reading,
    Scan,
    Setting,
    Tick,
)
from gateway.pipeline import Pipeline
from gateway.resources import config_dir
from gateway.site import Group
from gateway.whatif.scenario import Scenario
from simulators.whatif.boxes import Boxes
from simulators.whatif.plant import Plant
from simulators.whatif.script import Played, link_is_down, wrong_at

SHIPPING = "moulding/line1/shipping"
DOUBTS = (
    "scan_refused",
    "mass_estimated",
    "mass_gap",
    "mass_unknown",
    "vessel_short",
    "level_differs",
    "lot_not_made",
)
"""What the books of lots and mass could only guess or refuse; on a good day there is none."""
SECOND = 1_000_000_000
MINUTE = 60 * SECOND
BEGINS_NS = 1_795_046_400 * SECOND  # Thursday, 2026-11-19, midnight UTC
ORDER = ("blender1", "silo1", "press1", "press2", "granulator1")
"""Devices are read one after another, two seconds apart; the blender first, for its batch was before the shots."""


@dataclass
class _Heard:
    """What the fold said."""

    alarms: Counter[str] = field(default_factory=Counter)
    held: set[str] = field(default_factory=set)
    boxes_held: set[str] = field(default_factory=set)
    suspects: set[str] = field(default_factory=set)
    shipped: int = 0
    doubts: Counter[str] = field(default_factory=Counter)
    gaps_s: float = 0.0
    kept: int = 0
    waiting: int = 0
    most_waiting: int = 0
    told_late: int = 0
    latest_ns: int = 0
    failed: str = ""


class FoldFailed(Exception):
    """The fold refused an input: an error of ours."""


class Run:
    """A scenario being played."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.site = solved(load(config_dir() / "scenarios" / "site.yaml"))
        self.fold = Fold(Pipeline(self.site))
        self.plant = Plant(scenario.seed)
        self.boxes = Boxes(self.plant)
        self.played = [Played(row) for row in scenario.disruptions]
        self.heard = _Heard()
        self._late = list[int]()  # when alarms were raised that wait for the link
        groups = (group for group in self.site.groups().values() if group.device in ORDER)
        self._groups = {group.device: (group, group.layout().words) for group in groups}

    def play(self) -> dict[str, Plain]:
        """To the end of its days. Raises FoldFailed."""
        minutes = round(self.scenario.days * 1440)
        self._take(Setting("start", _at(0, 0), {}), 0)
        dark_since: int | None = None
        for minute in range(1, minutes + 1):
            now_ns = minute * MINUTE
            wrong = wrong_at(self.played, now_ns)
            self.plant.step(wrong)
            if wrong.dark:
                dark_since = minute - 1 if dark_since is None else dark_since
                continue
            if dark_since is not None:
                stopped: dict[str, Plain] = {"stopped_ns": _at(dark_since, 30).time_ns, "reason": "power cut"}
                self._take(Setting("start", _at(minute, 0), stopped), now_ns)
                dark_since = None
            for given in self._minute(minute):
                self._take(given, now_ns)
            self._link(now_ns)
        return self._outcome(minutes)

    def _minute(self, minute: int) -> Iterator[Input]:
        shown = self.plant.shown()
        for place, device in enumerate(ORDER):
            group, _ = self._groups[device]
            if minute * MINUTE % group.period_ns:
                continue
            yield _reading(*self._groups[device], shown[device], _at(minute, 2 + 2 * place))
        for number, (point, code) in enumerate(self.boxes.scans(minute, self.heard.held)):
            yield Scan(point, _at(minute, 20 + 2 * number), code)
        yield Tick(_at(minute, 40))

    def _take(self, given: Input, now_ns: int) -> None:
        step = self.fold.take(given)
        self.heard.kept += step.record is not None
        self.heard.waiting += step.record is not None
        for event in step.events:
            self._hear(event, now_ns)

    def _hear(self, event: Event, now_ns: int) -> None:
        heard = self.heard
        for played in self.played:
            played.hear(event, now_ns)
        if isinstance(event, AlarmChanged):
            if event.state == "active" and (event.version == 1 or "returned" in str(event.facts)):
                heard.alarms[event.kind] += 1
                self._late.append(now_ns)
        elif isinstance(event, LotChanged):
            heard.shipped += event.cell == SHIPPING and event.change == "moved"
        elif isinstance(event, Noted):
            heard.doubts[event.kind] += event.kind in DOUBTS
            match event.kind:
                case "lot_held":
                    heard.held.add(event.subject)
                    if event.subject.startswith("BOX"):
                        heard.boxes_held.add(event.subject)
                case "lot_suspect":
                    heard.suspects.add(event.subject)
                case "gap":
                    heard.gaps_s += float(str(event.facts["seconds"]))
                case "fold_failed":
                    raise FoldFailed(str(event.facts))

    def _link(self, now_ns: int) -> None:
        """What leaves the plant now, or waits."""
        heard = self.heard
        if link_is_down(self.played, now_ns):
            heard.most_waiting = max(heard.most_waiting, heard.waiting)
            return
        late = [now_ns - at for at in self._late if now_ns - at > MINUTE]
        heard.told_late += len(late)
        heard.latest_ns = max([heard.latest_ns, *late])
        heard.waiting, self._late = 0, []

    def _outcome(self, minutes: int) -> dict[str, Plain]:
        due, late = self.boxes.late(minutes)
        heard, plant = self.heard, self.plant
        found: list[Plain] = [
            {
                "kind": played.row.kind, "from_s": played.row.from_ns / 1e9, "by": played.by,
                "seconds": None if played.found_ns is None else (played.found_ns - played.row.from_ns) / 1e9,
            }
            for played in self.played
        ]  # fmt: skip
        return {
            "scenario": self.scenario.name, "days": self.scenario.days, "seed": self.scenario.seed,
            "good_parts": sum(press.good for press in plant.presses.values()),
            "boxes_full": self.boxes.full, "boxes_shipped": heard.shipped, "lots_due": due,
            "lots_late": late, "boxes_held": len(heard.boxes_held), "boxes_suspect": len(heard.suspects),
            "alarms": dict(sorted(heard.alarms.items())), "found": found,
            "lost_kg": round(plant.lost_kg, 1), "poured_kg": round(plant.poured_kg, 1),
            "doubts": {kind: count for kind, count in sorted(heard.doubts.items()) if count},
            "unwatched_s": round(heard.gaps_s, 1), "records": heard.kept, "waited_most": heard.most_waiting,
            "waiting": heard.waiting if heard.most_waiting and link_is_down(self.played, minutes * MINUTE) else 0,
            "alarms_told_late": heard.told_late, "latest_s": heard.latest_ns / 1e9,
        }  # fmt: skip


def _at(minute: int, second: int) -> Instant:
    ns = minute * MINUTE + second * SECOND
    return Instant(BEGINS_NS + ns, SECOND + ns, 1)


def _reading(group: Group, words: int, shown: dict[str, float], at: Instant) -> Reading:
    values = np.array([shown[point.name] for point in group.points])
    quality = np.full(len(values), Quality.GOOD, dtype=np.uint8)
    return Reading(group.id, at, 0, values, quality, np.zeros(words, dtype=np.uint16))
