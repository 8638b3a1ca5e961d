"""A chart as it was over a span of time: inputs of the journal folded again, for one characteristic alone.

The charts that run remember some 270 samples, and none from before they began anew. Here the fold itself draws what is
older, by the limits and the revision of the plan that held then; phase I is drawn by the limits that came out of it.
What a chart remembered from before the span (a sum, a run of samples) is made of `LEAD` inputs before it, so the first
samples of a chart with a long memory may differ from what was judged; its signals are those of the journal.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from gateway.bank.drawing import Drawn
from gateway.bank.rows import width_of
from gateway.fold import Fold
from gateway.folding.foldstate import State
from gateway.journal import JournalReader
from gateway.model import NumberedInput, Plain, Setting
from gateway.pipeline import Pipeline
from gateway.site import Alerts, Characteristic, LimitsVersion, Site
from gateway.spc import load_chart
from gateway.spc.track import Floats, Track
from gateway.views.book import Book, book_of
from gateway.views.rows import row_in_force

INPUTS_MOST = 40_000
LEAD = 1_000
_REMEMBERED = 256
_EVER = -(1 << 62)


@dataclass(frozen=True, slots=True)
class Past:
    """Samples of one key, oldest first, as they were drawn."""

    times: NDArray[np.int64]
    samples: Floats  # [n, width]
    panels: tuple[Track, ...]
    from_ns: int  # the first that was looked at; later than asked where there was too much
    learnt_ns: int  # until then it is phase I; 0: none of it is
    changeovers: tuple[tuple[int, str], ...]  # a key came into force


@dataclass(slots=True)
class _Pieces:
    """What is drawn so far."""

    key: str
    times: list[NDArray[np.int64]] = field(default_factory=list)
    samples: list[Floats] = field(default_factory=list)
    panels: list[tuple[Track, ...]] = field(default_factory=list)
    changeovers: list[tuple[int, str]] = field(default_factory=list)
    active: str | None = None

    def take(self, charts: tuple[Drawn, ...], newest: int) -> None:
        """The newest samples of the chart of the key."""
        shown = next((each for each in charts if each.key == self.key), None)
        if shown is None or newest <= 0:
            return
        self.times.append(shown.times[-newest:])
        self.samples.append(shown.samples[-newest:])
        self.panels.append(tuple(_last(panel, newest) for panel in shown.panels))


def past(reader: JournalReader, wanted: str, key: str, span: tuple[int, int]) -> Past | None:
    """What the chart of a characteristic and key showed in [t0, t1). None: it is in no config of that time."""
    t0, t1 = span
    stop = seq_at(reader, t1)
    start = max(seq_at(reader, t0), stop - INPUTS_MOST)
    book, drawn = book_of(reader), _Pieces(key)
    learnt_ns, from_ns = 0, t0
    for first, last, site, row in _stretches(reader, book, wanted, start, stop):
        limits, phase1_ns = _limits(book, row, key)
        learnt_ns = max(learnt_ns, phase1_ns)
        one = _alone(site, row if limits is None else replace(row, limits=limits))
        lead = max(first - LEAD, 1) if first == start else first
        _fold(one, wanted, reader.inputs(lead, last, _groups(site, row)), drawn)
    if stop - start >= INPUTS_MOST:
        head = next(iter(reader.inputs(start, stop)), None)
        from_ns = t0 if head is None else head.input.at.time_ns
    return _joined(drawn, (max(t0, from_ns), t1), learnt_ns)


def key_at(reader: JournalReader, wanted: str, time_ns: int) -> str:
    """The key that was in force at a time, by the inputs before it; "" where none was."""
    stop, drawn = seq_at(reader, time_ns), _Pieces("")
    for first, last, site, row in _stretches(reader, book_of(reader), wanted, max(stop - LEAD, 1), stop):
        _fold(_alone(site, row), wanted, reader.inputs(first, last, _groups(site, row)), drawn)
    return drawn.active or ""


def seq_at(reader: JournalReader, time_ns: int) -> int:
    """Number of the first input that is not before a time. Journal order follows time but for clock steps."""
    low, high = 1, reader.last().input + 1
    while low < high:
        middle = (low + high) // 2
        found = next(iter(reader.inputs(middle, min(middle + 63, high - 1))), None)
        if found is None:  # retention removed them: they are old
            low = min(middle + 64, high)
        elif found.input.at.time_ns < time_ns:
            low = found.seq + 1
        else:
            high = middle
    return low


def _stretches(
    reader: JournalReader, book: Book, wanted: str, start: int, stop: int
) -> Iterator[tuple[int, int, Site, Characteristic]]:
    """First and last input, site and row, of each stretch with one config and one revision."""
    ages = reader.ages()
    edges = {start, *(age.seq for age in ages), *(each.seq + 1 for each in book.in_force)}
    inner = [*sorted(edge for edge in edges if start <= edge < stop), stop]
    for first, end in pairwise(inner):
        age = next((each for each in reversed(ages) if each.seq <= first), None)
        row = None if age is None else row_in_force(age.site, wanted, book.revisions(first - 1))
        if age is not None and row is not None:
            yield first, end - 1, age.site, row


def _limits(book: Book, row: Characteristic, key: str) -> tuple[tuple[LimitsVersion, ...] | None, int]:
    """The limits that were told for this key, as versions; and until when phase I was. None: none was told."""
    told = [each.event for each in book.limits.get(row.id, ()) if each.event.facts.get("key") == key]
    if not told:
        return None, 0
    shapes = load_chart(row.method).learnt(width_of(load_chart(row.method), row))
    versions = []
    for number, event in enumerate(told, 1):
        params = {name: event.facts[name] for name in shapes if name in event.facts}
        from_ns = _EVER if number == 1 else event.time_ns
        by, samples, baseline = (event.facts.get(name) for name in ("approved_by", "samples", "baseline"))
        versions.append(LimitsVersion(number, from_ns, params, _text(by), _whole(samples), _text(baseline)))
    first = told[0]
    return tuple(versions), first.time_ns if first.kind == "limits_frozen" else 0


def _alone(site: Site, row: Characteristic) -> Site:
    """The site as far as this one chart needs it."""
    derived = any(row.tag == point.tag for group in site.derived().values() for point in group.points)
    return replace(
        site, characteristics=(row,), alarm_limits=(), lot_rules=(), result_limits=(), vessels=(), meters=(),
        materials=(), users=(), revisions=(), alerts=Alerts(), broker=None,
        checks=tuple(check for check in site.checks if check.id == row.id),
        dosers=site.dosers if derived else (),
        devices=tuple(replace(device, anomaly=None) for device in site.devices),
    )  # fmt: skip


def _groups(site: Site, row: Characteristic) -> frozenset[str] | None:
    """Groups that the chart goes by; None: all, for a doser hears many."""
    asked = {row.tag, *row.tags, *row.key, row.when.tag, row.sampling.counter}
    if any(point.tag in asked for group in site.derived().values() for point in group.points):
        return None
    return frozenset(
        name for name, group in site.groups().items() if any(point.tag in asked for point in group.points)
    )


def _fold(site: Site, wanted: str, inputs: Iterator[NumberedInput], drawn: _Pieces) -> None:
    """Fold, and take each sample as it was drawn, before the chart forgets it."""
    fold = Fold(Pipeline(site))
    held, taken = 0, 0
    for _, given in inputs:
        if isinstance(given, Setting) and given.kind == "config":
            continue
        before = fold.state
        fold.take(given)
        if fold.state.groups is before.groups:
            continue
        count, active = _charted(fold.state, drawn.key)
        if active is not None and active != drawn.active:
            drawn.changeovers += [] if drawn.active is None else [(given.at.time_ns, active)]
            drawn.active = active
        if count < held:
            drawn.take(fold.pipeline.drawn(before, wanted), held - taken)
            taken = 0
        elif count - taken >= _REMEMBERED:
            drawn.take(fold.drawn(wanted), count - taken)
            taken = count
        held = count
    drawn.take(fold.drawn(wanted), held - taken)


def _charted(state: State, key: str) -> tuple[int, str | None]:
    """How many samples the chart of the key has had since it began; and the key in force."""
    for group in state.groups.values():
        for bank in group.charting.banks:
            slot = bank.key.index(key) if key in bank.key else None
            active = int(bank.active[0])
            count = 0 if slot is None else int(bank.memory.charted[slot])
            return count, None if active < 0 else bank.key[active]
    return 0, None


def _joined(drawn: _Pieces, span: tuple[int, int], learnt_ns: int) -> Past | None:
    if not drawn.times:
        return None
    names = tuple(panel.name for panel in drawn.panels[-1])
    alike = [
        i for i, panels in enumerate(drawn.panels) if tuple(panel.name for panel in panels) == names
    ]  # of a revision with another method nothing can be drawn beside it
    times = np.concatenate([drawn.times[i] for i in alike])
    here = (times >= span[0]) & (times < span[1])
    panels = tuple(_cut([drawn.panels[i][at] for i in alike], here) for at in range(len(names)))
    samples = np.concatenate([drawn.samples[i] for i in alike])[here]
    changes = tuple(each for each in drawn.changeovers if span[0] <= each[0] < span[1])
    return Past(times[here], samples, panels, span[0], learnt_ns, changes)


def _cut(parts: Sequence[Track], here: NDArray[np.bool_]) -> Track:
    """Parts of a panel one after the other, and of these some samples."""
    return replace(
        parts[-1],
        value=np.concatenate([part.value for part in parts])[here],
        center=np.concatenate([part.center for part in parts])[here],
        lcl=np.concatenate([part.lcl for part in parts])[here],
        ucl=np.concatenate([part.ucl for part in parts])[here],
        rules=np.concatenate([part.rules for part in parts])[here],
        second=None,
    )


def _last(panel: Track, newest: int) -> Track:
    here = np.zeros(len(panel.value), dtype=np.bool_)
    here[-newest:] = True
    return _cut((panel,), here)


def _text(fact: Plain) -> str:
    return fact if isinstance(fact, str) else ""


def _whole(fact: Plain) -> int:
    return int(fact) if isinstance(fact, int | float) else 0
