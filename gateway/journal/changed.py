"""A drift and its lots: which were made since it began, and of which sources they hold more or less than before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gateway.journal.exposure import Exposures, Share
from gateway.journal.reader import JournalReader
from gateway.model import AlarmChanged, Change, LotMade, Signal

LOTS_BEFORE = 10
"""So many lots of a kind, made before the change, are what its compositions are compared with."""

_LOOK_BACK_NS = 30 * 86_400 * 10**9


@dataclass(frozen=True, slots=True)
class Drift:
    """An alarm, when what it is about began, and the lots of its cell around that."""

    alarm: AlarmChanged
    change: Change | None  # None: nothing estimated it; the alarm's own time stands for it
    since_ns: int
    before: tuple[LotMade, ...]
    after: tuple[LotMade, ...]


@dataclass(frozen=True, slots=True)
class Shift:
    """Mean share of a source in the lots before and after."""

    source: str
    before: Share
    after: Share

    @property
    def size(self) -> float:
        """Of the middle of the interval, signed."""
        return (self.after.low + self.after.high - self.before.low - self.before.high) / 2


def drift_of(reader: JournalReader, alarm: AlarmChanged, first_ns: int, upto: int) -> Drift:
    """The lots made at the alarm's cell since its change point, and the last ones before; newest versions up to `upto`.

    `first_ns`: when its first version was told.
    """
    change = _change(reader, alarm, first_ns)
    since = change.time_ns if change else first_ns
    cell = alarm.tag.rpartition("/")[0]
    made: dict[str, LotMade] = {}
    for seq, _, event in reader.events_between(since - _LOOK_BACK_NS, 2**63 - 1, ["LotMade"]):
        if isinstance(event, LotMade) and event.cell == cell and event.inputs and seq <= upto:
            known = made.get(event.lot)
            if known is None or event.version >= known.version:
                made[event.lot] = event
    end = alarm.time_ns if alarm.state in {"returned", "closed"} else 2**63 - 1
    after = [each for each in made.values() if since <= each.time_ns <= end]
    kinds = {each.kind for each in after}
    before: list[LotMade] = []
    for kind in sorted(kinds):
        older = [each for each in made.values() if each.kind == kind and each.time_ns < since]
        before += sorted(older, key=_by_time)[-LOTS_BEFORE:]
    return Drift(
        alarm, change, since, tuple(sorted(before, key=_by_time)), tuple(sorted(after, key=_by_time))
    )


def _change(reader: JournalReader, alarm: AlarmChanged, first_ns: int) -> Change | None:
    """What the chart estimated at the first signal of the alarm."""
    for _, _, event in reader.events_between(first_ns, alarm.time_ns + 1, ["Signal"]):
        if (
            isinstance(event, Signal)
            and event.tag == alarm.tag
            and event.characteristic == alarm.subject
            and event.change
        ):
            return event.change
    return None


def shifts(exposures: Exposures, drift: Drift, least: float) -> list[Shift]:
    """Sources whose mean share moved by `least` or more, and by more than its weighings are unsure; the most first."""
    kinds = {made.kind for made in drift.before}  # of which there are some on both sides
    before = _mean(exposures, drift.before)
    after = _mean(exposures, [made for made in drift.after if made.kind in kinds])
    none = Share(0.0, 0.0, 0.0)
    if not kinds:
        return []
    found = [Shift(name, before.get(name, none), after.get(name, none)) for name in {**before, **after}]
    told = [
        each for each in found if abs(each.size) >= max(least, 2.0 * max(each.before.sigma, each.after.sigma))
    ]
    return sorted(told, key=lambda each: (-abs(each.size), each.source))


def _mean(exposures: Exposures, lots: Iterable[LotMade]) -> dict[str, Share]:
    """Shares in all of these together, by their masses."""
    found: dict[str, Share] = {}
    held = list(lots)
    total = sum(each.kg for each in held) or 1.0
    for each in held:
        weight = each.kg / total
        for name, share in exposures.sources(each.lot).items():
            known = found.get(name, Share(0.0, 0.0, 0.0))
            found[name] = Share(
                known.low + weight * share.low,
                known.high + weight * share.high,
                known.sigma + weight * share.sigma,
            )
    return found


def _by_time(made: LotMade) -> tuple[int, str]:
    return made.time_ns, made.lot


def first_told(
    readers: Sequence[JournalReader], alarm: str
) -> tuple[JournalReader, AlarmChanged, int] | None:
    """The newest version of an alarm, where it is, and when its first one was told; None where nobody knows it."""
    for reader in readers:
        for known in reader.alarms(closed=True):
            if known.alarm == alarm:
                told = reader.events_between(-(2**63), known.time_ns + 1, ["AlarmChanged"])
                times = [
                    event.time_ns
                    for _, _, event in told
                    if isinstance(event, AlarmChanged) and event.alarm == alarm
                ]
                return reader, known, min(times, default=known.time_ns)
    return None
