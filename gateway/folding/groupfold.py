"""The fold of one poll group: quality, alarm limits, what others go by, charts, anomaly checks. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gateway.alarms import Alarm, Alarms, Cause, Limits, Verdict, raised, returned
from gateway.charting import Charting, ChartingState, Shared, Watch
from gateway.folding.detecting import DetectingState, detectings, states
from gateway.layout import text_of
from gateway.lots import lots_at
from gateway.model import BAD_FROM, Entry, Event, Instant, Plain, Quality, Reading, Severity
from gateway.plain import digest, to_plain
from gateway.quality import Judge, QualityState
from gateway.sentences import Exceeded, Silent, sentences
from gateway.site import AlarmLimit, Characteristic, Group, Point, Site

_GOOD = np.uint8(Quality.GOOD)


@dataclass(frozen=True, slots=True, eq=False)
class GroupState:
    """What the fold remembers of one poll group."""

    about: str  # digest of the rows it was made for
    heard_ns: int  # boottime of the newest reading that had any value; -1: no run began
    stale: bool
    quality: QualityState
    limits: NDArray[np.bool_]  # exceeded
    charting: ChartingState
    detecting: DetectingState | None = None  # None: the device is not watched for what is unusual


class Rows:
    """A site's rows as its groups look for them; made once, for there may be a thousand groups."""

    def __init__(self, site: Site) -> None:
        wanted = {row.sampling.counter for row in site.characteristics}
        points = (point for group in site.groups().values() for point in group.points)
        self.counted = {point.tag: point.field for point in points if point.tag in wanted}
        self.characteristics: dict[str, list[Characteristic]] = {}
        self.limits: dict[str, list[AlarmLimit]] = {}
        for row in site.characteristics:
            self.characteristics.setdefault(row.tag, []).append(row)
        for limit in site.alarm_limits:
            self.limits.setdefault(limit.tag, []).append(limit)
        self.keys = {tag for row in site.characteristics for tag in (*row.key, row.when.tag) if tag}
        self.counters = {
            row.sampling.counter for row in site.characteristics if row.sampling.every == "counter"
        } | {tag for row in site.characteristics for tag in row.tags}
        self.keys |= states(site)
        self.keys |= {tag for row in site.dosers for tag in row.words()}
        self.detecting = detectings(site, self.keys | {row.sampling.counter for row in site.characteristics})
        self._order = {id(row): i for i, row in enumerate((*site.characteristics, *site.alarm_limits))}

    def of(self, group: Group) -> tuple[tuple[Characteristic, ...], tuple[AlarmLimit, ...]]:
        """Characteristics and alarm limits of the group's tags, in the site's order."""
        rows = [row for point in group.points for row in self.characteristics.get(point.tag, ())]
        limits = [limit for point in group.points for limit in self.limits.get(point.tag, ())]
        rows.sort(key=lambda row: self._order[id(row)])
        limits.sort(key=lambda limit: self._order[id(limit)])
        return tuple(rows), tuple(limits)


class GroupFold:
    """The rooms of the fold, compiled for one poll group."""

    def __init__(self, site_rows: Rows, group: Group) -> None:
        places = {point.tag: i for i, point in enumerate(group.points)}
        rows, limits = site_rows.of(group)
        self.group, self.width = group, len(group.points)
        self._detecting = detecting = site_rows.detecting.get(group.id)
        asked = () if detecting is None else (detecting.asked,)
        self.about = digest([to_plain(each) for each in (group, *rows, *limits, *asked)])
        self._layout = group.layout()
        self._judge = Judge(group)
        self._limits = Limits(limits, places)
        self._limited = bool(limits)
        counted = {row.sampling.counter for row in rows} & set(site_rows.counted)
        fields = {tag: site_rows.counted[tag] for tag in counted}
        self._uoms = {point.tag: point.uom for point in group.points}
        self.charting = Charting(group.id, rows, places, fields, self._uoms)
        self._charted = bool(rows)
        keys, counters = site_rows.keys, site_rows.counters
        self._keys = tuple((i, point) for i, point in enumerate(group.points) if point.tag in keys)
        self._counters = tuple(
            (i, point.tag) for i, point in enumerate(group.points) if point.tag in counters
        )
        cells = {point.tag.rpartition("/")[0] for point in group.points}
        cell = cells.pop() if len(cells) == 1 else ""
        self.stale_cause = Cause("stale", group.id, Severity.WARNING, at=cell)

    # --- state ---

    def start(self) -> GroupState:
        off = np.zeros(len(self._limits.rows), dtype=np.bool_)
        detecting = None if self._detecting is None else self._detecting.start()
        return GroupState(self.about, -1, False, self._judge.start(), off, self.charting.start(), detecting)

    def restart(self, state: GroupState, boottime_ns: int) -> GroupState:
        """A run begins: nobody saw what happened before, so rates, stillness and silence count from now."""
        charting = self.charting.restart(state.charting, boottime_ns)
        detecting = state.detecting
        if self._detecting is not None and detecting is not None:
            detecting = self._detecting.restart(detecting)
        return replace(
            state, heard_ns=boottime_ns, quality=self._judge.start(), charting=charting, detecting=detecting
        )

    def adopt(self, old: GroupState | None, alarms: Alarms, watch: Watch) -> GroupState:
        """A state for these rows out of one for other rows: charts of unchanged characteristics go on."""
        if old is None:
            return self.start()
        if old.about == self.about:
            return old
        on = [alarms.there(cause.name) for cause in self._limits.causes]
        return GroupState(
            self.about, old.heard_ns, alarms.there(self.stale_cause.name), self._judge.start(),
            np.array(on, dtype=np.bool_), self.charting.adopt(old.charting, watch.counts),
            None if self._detecting is None else self._detecting.adopt(old.detecting),
        )  # fmt: skip

    def can_return(self, state: GroupState) -> set[str]:
        """Names of the causes that this group can still find gone."""
        limits = {cause.name for cause in self._limits.causes}
        strange = self._detecting.can_return() if self._detecting is not None else set[str]()
        return {self.stale_cause.name, *limits, *strange, *self.charting.can_return(state.charting)}

    def settled(
        self, state: GroupState, alarm: Alarm, time_ns: int, *, there: bool
    ) -> tuple[GroupState, tuple[Event, ...]]:
        """Somebody answered for an alarm; where it was a signal of ours, its chart hears of it.

        `there`: its cause still is, so the chart begins anew.
        """
        cause = alarm.cause
        if cause.kind != "signal" or all(row.id != cause.subject for row in self.charting.rows):
            return state, ()
        pardoned = alarm.facts.get("cause_class") == "false"
        charting, told = self.charting.settled(state.charting, cause, time_ns, there=there, pardoned=pardoned)
        return replace(state, charting=charting), told

    def corrected(self, state: GroupState, given: Entry) -> tuple[str, tuple[Verdict, ...] | str] | None:
        """What a corrected sample changes; None: its characteristic is not of this group."""
        return self.charting.corrected(state.charting, given)

    # --- silence ---

    def silent(self, state: GroupState, boottime_ns: int) -> bool:
        """Whether the group has just been silent for too long."""
        if state.stale or state.heard_ns < 0 or self.group.stale_after_ns <= 0:
            return False
        return boottime_ns - state.heard_ns > self.group.stale_after_ns

    def fall_silent(
        self, state: GroupState, alarms: Alarms, at: Instant
    ) -> tuple[GroupState, Alarms, tuple[Event, ...]]:
        seconds = (at.boottime_ns - state.heard_ns) / 1e9
        facts: dict[str, Plain] = {"silent_seconds": seconds}
        facts |= sentences(Silent(at.time_ns, self.group.id, seconds))
        alarms, told = raised(alarms, self.stale_cause, at, (), facts)
        return replace(state, stale=True), alarms, told

    def unwatched(self, watch: Watch) -> Watch:
        """What others go by, without this group's tags: what they are now, nobody knows."""
        gone = {point.tag for _, point in self._keys}
        counted = {tag for _, tag in self._counters}
        keys = {tag: text for tag, text in watch.keys.items() if tag not in gone}
        counts = {tag: count for tag, count in watch.counts.items() if tag not in counted}
        if len(keys) == len(watch.keys) and len(counts) == len(watch.counts):
            return watch
        return Watch(watch.version + 1, keys, counts)

    # --- one reading ---

    def step(
        self, state: GroupState, shared: Shared, reading: Reading, doubted: Collection[str] = ()
    ) -> tuple[GroupState, Shared, Reading, list[Event]]:
        """Fold a reading; also gives it back as the journal keeps it, with judged quality.

        `doubted`: tags whose gauge is past its date.
        """
        at, values = reading.at, reading.values
        quality, judged = self._judge.run(state.quality, at.boottime_ns, values, reading.quality)
        if doubted:
            judged = self._doubt(judged, doubted)
        record = reading
        if judged is not reading.quality:
            record = Reading(reading.group, at, reading.spread_ns, values, judged, reading.raw)
        events: list[Event] = []
        heard, stale = state.heard_ns, state.stale
        if int(judged.min(initial=BAD_FROM)) < BAD_FROM:
            heard = at.boottime_ns
            if stale:
                alarms, told = returned(shared.alarms, self.stale_cause.name, at)
                shared, stale = replace(shared, alarms=alarms), False
                events += told
        if self._keys or self._counters:
            shared = self._watch(shared, record)
        limits, charting, detecting = state.limits, state.charting, state.detecting
        if self._limited or self._charted or self._detecting is not None:
            good = np.where(judged == _GOOD, values, np.nan)
            if self._limited:
                limits, shared = self._check_limits(limits, shared, at, good, events)
            if self._charted:
                charting, shared = self.charting.run(charting, shared, at, good, events)
            if self._detecting is not None and detecting is not None:
                detecting, shared = self._detecting.run(detecting, shared, at, good, events)
        after = GroupState(state.about, heard, stale, quality, limits, charting, detecting)
        return after, shared, record, events

    def _doubt(self, judged: NDArray[np.uint8], doubted: Collection[str]) -> NDArray[np.uint8]:
        """What a gauge past its date gives is uncertain, were it good."""
        here = np.array([point.tag in doubted for point in self.group.points])
        if not here.any():
            return judged
        return np.where(here & (judged == _GOOD), np.uint8(Quality.UNCALIBRATED), judged)

    def _check_limits(
        self,
        on: NDArray[np.bool_],
        shared: Shared,
        at: Instant,
        good: NDArray[np.float64],
        events: list[Event],
    ) -> tuple[NDArray[np.bool_], Shared]:
        now, gone_on, gone_off = self._limits.run(on, good)
        alarms = shared.alarms
        if alarms.pending:  # causes that are to be there for some samples hear of each
            gone_on = np.union1d(gone_on, self._limits.waiting(good, alarms.pending))
        if now is on and not gone_on.size:
            return on, shared
        for i in gone_on:
            cause, value = self._limits.causes[i], good[self._limits.places[i]]
            lots = lots_at(shared.lots, cause.tag.rpartition("/")[0], at.time_ns)
            row = self._limits.rows[i]
            said = Exceeded(
                at.time_ns, row.tag, row.level, float(value), row.value, self._uoms.get(row.tag, ""), lots
            )
            facts: dict[str, Plain] = {"value": float(value), "limit": row.value}
            facts |= sentences(said, row.reaction, row.reaction_zh)
            alarms, told = raised(alarms, cause, at, lots, facts)
            events += told
        for i in gone_off:
            alarms, told = returned(alarms, self._limits.causes[i].name, at)
            events += told
        return now, replace(shared, alarms=alarms)

    def _watch(self, shared: Shared, record: Reading) -> Shared:
        watch = shared.watch
        keys = {}
        for place, point in self._keys:
            if record.quality[place] == _GOOD:
                text = self._text(record, place, point)
                if watch.keys.get(point.tag) != text:
                    keys[point.tag] = text
        counts = {}
        for place, tag in self._counters:
            count = float(record.values[place])
            if record.quality[place] == _GOOD and watch.counts.get(tag) != count:
                counts[tag] = count
        if not keys and not counts:
            return shared
        version = watch.version + 1 if keys else watch.version
        return replace(shared, watch=Watch(version, {**watch.keys, **keys}, {**watch.counts, **counts}))

    def _text(self, record: Reading, place: int, point: Point) -> str:
        if point.field.type == "string":
            start = self._layout.starts[place]
            return text_of(record.raw[start : start + point.field.width], point.field.order)
        return f"{float(record.values[place]) + 0.0:.15g}"  # no key -0 beside 0
