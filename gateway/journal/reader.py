"""Reading a journal or a replica, in any process, beside the one that writes it.

Rule: no transaction of a reader lasts a second; so the writer's log is never kept from being folded back.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Self, overload

from gateway.journal.ages import Age, Ages, View
from gateway.journal.asof import made_upto
from gateway.journal.chunkfile import ChunkFiles
from gateway.journal.codec import event_of
from gateway.journal.database import NAME, open_for_reading
from gateway.journal.errors import JournalMissing, decoding, translated
from gateway.journal.heads import identity_of, last_of
from gateway.journal.history import PAGE, Stored
from gateway.journal.holes import Hole, KnownLost, holes_of, known_lost_of
from gateway.journal.intervals import IntervalSet
from gateway.journal.lately import last_entries
from gateway.journal.ledgerview import LedgerView
from gateway.journal.links import Links, links_of
from gateway.journal.lots import (
    LotLine,
    LotRecord,
    Window,
    lot_lines,
    lot_record,
    lot_windows,
    lots_of_code,
)
from gateway.journal.lottexts import ManyLots
from gateway.journal.madelots import NEWEST, MadeLots
from gateway.journal.naming import by_kind, events_by_time, events_naming
from gateway.journal.others import others_between
from gateway.journal.pack import Rows
from gateway.journal.series import Buckets, Decimator, Series, batched
from gateway.journal.times import ByTime
from gateway.model import EVENT_STREAM, INPUT_STREAM, AlarmChanged, Identity, NumberedEvent, NumberedInput
from gateway.ports import Watermark
from gateway.rows import Stretch

if TYPE_CHECKING:
    from gateway.site import Site


class JournalReader:
    """One journal or replica, read only. Times are [t0, t1). Not for two threads at once. Raises JournalError."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.path = folder, folder / NAME
        self._db = open_for_reading(folder)
        files = ChunkFiles(folder, self._db)
        self._files = files
        self._stored = Stored(self._db, self.path, files)
        self._ages = self._stored.ages
        self._times = ByTime(self._db, self.path, files, self._ages)
        self._placed: tuple[int, dict[str, dict[str, set[int]]]] = (0, {})  # of so many configs
        self.made = MadeLots(self._db, self.path)
        with translated(self.path):
            self.identity: Identity = identity_of(self._db, self.path)
            self.ledger = LedgerView(self._db, self.path, files, self.identity)
            self._ages.refresh(self._db)

    def close(self) -> None:
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- what there is ----------------------------------------------------------------------------------------------

    def last(self) -> Watermark:
        with translated(self.path):
            return last_of(self._db)

    @property
    def replica(self) -> bool:
        """Whether it is a replica of a journal that is elsewhere."""
        with translated(self.path):
            return bool(self._db.execute("SELECT count(*) FROM stored").fetchone()[0])

    def held(self) -> dict[str, IntervalSet]:
        """Of each stream the numbers held: of a replica as it marked them, of a journal all up to the last."""
        with translated(self.path):
            rows = self._db.execute("SELECT stream, first, last FROM stored").fetchall()
        if not rows:
            last = self.last()
            rows = [(INPUT_STREAM, 1, last.input), (EVENT_STREAM, 1, last.event)]
        return {
            stream: IntervalSet.of(
                (first, end) for name, first, end in rows if name == stream and end >= first
            )
            for stream in (INPUT_STREAM, EVENT_STREAM)
        }

    def holes(self, *, closed: bool = False) -> list[Hole]:
        """Of a replica: numbers that were missing, those that still are or all."""
        return holes_of(self._db, self.path, closed=closed)

    def known_lost(self) -> list[KnownLost]:
        """Of a replica: what operators have given up."""
        return known_lost_of(self._db, self.path)

    def span(self) -> tuple[int, int] | None:
        """Times of the first and the last reading; None without readings."""
        with translated(self.path):
            low, high = self._db.execute(_SPAN).fetchone()
        with decoding(f"{self.path}: a time of readings"):
            return None if low is None else (int(low), int(high))

    def site(self, seq: int | None = None) -> Site | None:
        """The site in force at an input, or now."""
        age = self._refreshed().at(self.last().input if seq is None else seq)
        return age.site if age else None

    def ages(self) -> list[Age]:
        """Every config of this journal, the oldest first."""
        return self._refreshed().all()

    def groups(self) -> list[str]:
        with translated(self.path):
            return [row[0] for row in self._db.execute("SELECT name FROM poll_groups ORDER BY name")]

    def tags(self) -> list[str]:
        """Every tag that any config of this journal had."""
        return sorted(self._places())

    def counts(self) -> dict[str, int]:
        """How much there is: inputs, readings, values, events, lots, and events by kind as "event:KIND"."""
        with translated(self.path):
            readings, values = self._db.execute(_READINGS).fetchone()
            others, lots = self._db.execute(_OTHERS).fetchone()
            kinds = self._db.execute(
                "SELECT kind, count(*) FROM events GROUP BY kind ORDER BY kind"
            ).fetchall()
        events = sum(count for _, count in kinds)
        whole = {
            "inputs": readings + others,
            "readings": readings,
            "values": values,
            "events": events,
            "lots": lots,
        }
        return whole | {f"event:{kind}": count for kind, count in kinds}

    def cursors(self) -> dict[str, Watermark]:
        """Who has got how far: publishers, what is stored behind the broker, databases."""
        with translated(self.path):
            rows = self._db.execute("SELECT name, input, event FROM cursors").fetchall()
        return {name: Watermark(given, event) for name, given, event in rows}

    def unsynchronised(self) -> frozenset[int]:
        """Clock rows whose wall time nobody vouches for: what they stamped is "time unconfirmed"."""
        with translated(self.path):
            rows = self._db.execute("SELECT clock_id FROM clock_rows WHERE NOT synchronised").fetchall()
        return frozenset(row[0] for row in rows)

    def gaps(self) -> list[dict[str, object]]:
        """Readings that retention removed: month, seqs, times, how many, why, when."""
        with translated(self.path):
            asked = self._db.execute("SELECT * FROM gaps ORDER BY t0")
            names = [column[0] for column in asked.description]
            return [dict(zip(names, row, strict=True)) for row in asked]

    def _refreshed(self) -> Ages:
        with translated(self.path):
            self._ages.refresh(self._db)
        return self._ages

    def _places(self) -> dict[str, dict[str, set[int]]]:
        """By tag the groups it was ever in, and its places there."""
        ages = self._refreshed().all()
        if len(ages) != self._placed[0]:
            places: dict[str, dict[str, set[int]]] = {}
            for age in ages:
                for group, view in age.views.items():
                    for index, tag in enumerate(view.tags):
                        places.setdefault(tag, {}).setdefault(group, set()).add(index)
            self._placed = len(ages), places
        return self._placed[1]

    # --- readings by time ---------------------------------------------------------------------------------------------

    @overload
    def readings(self, tag: str, t0: int, t1: int) -> Series: ...
    @overload
    def readings(self, tag: str, t0: int, t1: int, buckets: int) -> Buckets: ...
    def readings(self, tag: str, t0: int, t1: int, buckets: int | None = None) -> Series | Buckets:
        """One tag, as read in its own type, or decimated. An unknown tag has no readings."""
        places = self._places().get(tag, {})
        if buckets is None:
            return Series.joined(tag, list(self._times.tag(tag, places, t0, t1)))
        decimator = Decimator(tag, t0, t1, buckets)
        for some in batched(self._times.overview(tag, places, t0, t1, decimator), _ROWS_DECIMATED):
            whole = Series.joined(tag, some)
            decimator.take(whole.time_ns, whole.numbers())
        return decimator.done()

    def window(self, t0: int, t1: int, tags: Sequence[str] | None = None) -> dict[str, Series]:
        """All tags, or some, that have readings in [t0, t1)."""
        wanted = set(tags) if tags is not None else None
        parts: dict[str, list[Series]] = {}
        groups = self.groups()
        if wanted is not None:
            known = self._places()
            groups = sorted({group for tag in wanted for group in known.get(tag, {})})
        for series in self._times.window(groups, t0, t1, wanted):
            parts.setdefault(series.tag, []).append(series)
        return {tag: Series.joined(tag, parts[tag]) for tag in sorted(parts)}

    def rows(self, group: str, t0: int, t1: int) -> Iterator[tuple[Rows, View | None]]:
        """Rows of one group, page by page, with the layout in force (None: no config knows it)."""
        return ((rows, view) for _, rows, view in self._times.rows([group], t0, t1))

    # --- records by number and time -----------------------------------------------------------------------------------

    def inputs(self, first: int, last: int, groups: Collection[str] | None = None) -> Iterator[NumberedInput]:
        """Inputs with seq in [first, last], in order, read page by page; of readings those of `groups`, or all."""
        return self._stored.inputs(first, min(last, self.last().input), groups)

    def stretch(self, first: int, last: int) -> Stretch:
        """The same of some thousands at most, readings as columns."""
        return self._stored.stretch(first, min(last, self.last().input))

    def events(self, first: int, last: int) -> Iterator[NumberedEvent]:
        return self._stored.events(first, min(last, self.last().event))

    def events_of(self, after: int, kinds: Sequence[str]) -> Iterator[NumberedEvent]:
        """Events of some kinds with seq above `after`: as `events_between`, of all time."""
        return self._stored.events_of(after, self.last().event, kinds)

    def entries(self, before: int = 2**62, most: int = PAGE) -> list[NumberedInput]:
        """What people entered, the newest first, of numbers below `before`."""
        return last_entries(self._db, self.path, before, most)

    def caused_by(self, numbered: NumberedInput) -> list[NumberedEvent]:
        """The events of its own instant that an input caused."""
        with translated(self.path):
            rows = self._db.execute(_CAUSED, (numbered.input.at.time_ns, numbered.seq)).fetchall()
        return [event_of(*row) for row in rows]

    def events_between(self, t0: int, t1: int, kinds: Sequence[str] | None = None) -> Iterator[NumberedEvent]:
        """Events by time. A kind is Signal, AlarmChanged, LotChanged, LotMade or the kind of a Noted."""
        if kinds is not None and by_kind(kinds):
            yield from events_by_time(self._db, self.path, kinds, t0, t1)
            return
        after = (t0, -1)
        while True:
            with translated(self.path):
                rows = self._db.execute(_EVENTS_BETWEEN, (*after, t1, PAGE)).fetchall()
                wanted = [row[0] for row in rows if kinds is None or row[3] in kinds]
                found = [self._db.execute(_EVENT, (seq,)).fetchone() for seq in wanted]
            yield from (event_of(*row) for row in found)
            if len(rows) < PAGE:
                return
            after = (rows[-1][2], rows[-1][0])

    def naming(self, lot: str) -> list[NumberedEvent]:
        """Signals and alarms that name a lot, and what was noted of it, by time: see `gateway.journal.naming`."""
        return events_naming(self._db, self.path, lot)

    def others_between(self, t0: int, t1: int, kinds: Sequence[str]) -> Iterator[NumberedInput]:
        """Scans ("Scan") and entries ("Entry") by wall time, in the order of the journal."""
        return others_between(self._db, self.path, t0, t1, kinds)

    def last_event_ns(self) -> int:
        """The time of the newest event, by time; 0 without events."""
        with translated(self.path):
            return int(self._db.execute("SELECT coalesce(max(time_ns), 0) FROM events").fetchone()[0])

    # --- lots and alarms ----------------------------------------------------------------------------------------------

    def lot(self, lot: str) -> LotRecord | None:
        with translated(self.path):
            return lot_record(self._db, lot)

    def lots(self) -> list[LotLine]:
        """Every lot, the newest first."""
        with translated(self.path):
            return lot_lines(self._db)

    def scans(self, most: int) -> int:
        """How many times something was scanned of a lot; nobody counts beyond `most`."""
        with translated(self.path):
            return int(self._db.execute(_SCANS, (most,)).fetchone()[0])

    def lot_windows(self, t0: int, t1: int) -> Iterator[tuple[str, Window]]:
        """Every lot that was at a cell in [t0, t1), with the windows that touch it."""
        with translated(self.path):
            yield from lot_windows(self._db, t0, t1)

    def lots_of_code(self, code: str) -> list[str]:
        with translated(self.path):
            return lots_of_code(self._db, code)

    def made_upto(self, time_ns: int) -> int:
        """What `made` takes for what was known at a time: see `gateway.journal.asof`."""
        return made_upto(self._db, self.path, self._files, time_ns)

    def links(self, upto: int = NEWEST) -> Links:
        """Any-trace. Takes seconds in a large journal that nobody asked before; see `gateway.journal.links`."""
        return links_of(self._db, self.path, upto)

    def many_lots(self) -> ManyLots:
        """What `made` says, for one question about thousands of lots: it remembers what it read."""
        return ManyLots(self._db, self.path)

    def alarms(self, *, closed: bool = False) -> list[AlarmChanged]:
        """The newest version of each alarm that is not closed, or of each, the oldest first."""
        with translated(self.path):
            events = [event_of(*row).event for row in self._db.execute(_ALARMS, (closed,))]
        return [event for event in events if isinstance(event, AlarmChanged)]


def open_readers(folder: Path) -> list[JournalReader]:
    """The journal in this folder, or all replicas below it (`<site>/<gateway>-<epoch>/`). Raises JournalMissing.

    A replica of which there is only an empty file, for somebody is about to make it, is not there yet.
    """
    if (folder / NAME).is_file():
        return [JournalReader(folder)]
    found = sorted(path.parent for path in folder.glob(f"*/*/{NAME}"))
    found += sorted(path.parent for path in folder.glob(f"*/{NAME}"))
    with contextlib.ExitStack() as undo:
        readers = []
        for each in found:
            with contextlib.suppress(JournalMissing):
                readers.append(undo.enter_context(JournalReader(each)))
        undo.pop_all()
    if not readers:
        raise JournalMissing(f"{folder}: no journal and no replicas here: name a folder with a {NAME} in it")
    return readers


_ROWS_DECIMATED = 50_000  # at once
_SPAN = """
    SELECT min(low), max(high) FROM (
        SELECT (SELECT min(t0) FROM hot WHERE bin = (SELECT min(bin) FROM hot)) AS low,
               (SELECT max(t1) FROM hot WHERE bin = (SELECT max(bin) FROM hot)) AS high
        UNION ALL
        SELECT (SELECT min(t0) FROM chunks WHERE group_id = id
                AND bin = (SELECT min(bin) FROM chunks WHERE group_id = id)),
               (SELECT max(t1) FROM chunks WHERE group_id = id
                AND bin > (SELECT max(bin) FROM chunks WHERE group_id = id) - 144)  -- a day's may begin earlier
        FROM poll_groups
    )
"""
_READINGS = """
    SELECT coalesce(sum(count), 0), coalesce(sum(count * points), 0)
    FROM (SELECT count, points FROM hot UNION ALL SELECT count, points FROM chunks)
"""
_OTHERS = "SELECT (SELECT count(*) FROM inputs), (SELECT count(DISTINCT lot) FROM lot_changes)"
_EVENTS_BETWEEN = """
    SELECT seq, cause, time_ns, kind FROM events
    WHERE (time_ns, seq) > (?, ?) AND time_ns < ? ORDER BY time_ns, seq LIMIT ?
"""
_EVENT = "SELECT * FROM told WHERE seq = ?"
_CAUSED = "SELECT * FROM told WHERE time_ns = ? AND cause = ? ORDER BY seq"
_SCANS = "SELECT count(*) FROM (SELECT 1 FROM lot_changes LIMIT ?)"
_ALARMS = """
    SELECT events.seq, cause, time_ns, kind, body FROM alarms JOIN events ON events.seq = alarms.seq
    WHERE alarms.state <> 'closed' OR ? ORDER BY time_ns, events.seq
"""
