"""Folds each input as it comes, numbers what is to be kept, and commits it in blocks.

Rule 1: the journal is always a prefix of the fold's order.  Rule 2: an urgent step ends the block and commits all
before it.  Rule 3: nobody outside hears of a block before its commit.  Rule 4: when the disk cannot take blocks, open
records are bounded: readings beyond the bound, and those that come when the last room has been short for `GRACE_NS`,
are refused before they are folded, notes before they are numbered; both are counted and told as a gap.  Rule 5: a store
that failed ends the run, for a restart knows best what is on the disk; one that is only busy or full is tried until it
takes the block, or for `PATIENCE_NS` once the run is to end.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

from gateway.fold import Fold, pack_state
from gateway.model import Block, Input, Noted, NumberedEvent, NumberedInput, Plain, Reading, Severity
from gateway.ports import Clock, Watermark
from gateway.site.room import WINDOWS_NS

OPEN_LIMIT = 50_000  # inputs, with those on their way to the disk; minutes of a busy site
OPEN_BYTES = 32 << 20  # of their arrays
OPEN_NOTES = 10_000
BLOCK_MOST = 10_000  # inputs; a busy site under a long window commits before it is over
BLOCK_BYTES = 8 << 20
FIRST_NS = 1_000_000_000  # the first commit says that we are ready: it does not wait for a long window
GRACE_NS = 30_000_000_000  # somebody who makes room, and a disk that was full for a moment, cost no reading
REPLAY_LIMIT_NS = 1_000_000_000  # a snapshot is due when replay would take longer
RETRY_NS = 1_000_000_000
PATIENCE_NS = (
    5_000_000_000  # for a store that is full when the run is to end: what is not taken then is a gap
)
TOLD_AGAIN_NS = 60_000_000_000
REFUSED_TOLD_NS = 3_600_000_000_000  # while readings are refused for want of room, the gap is told so often

log = logging.getLogger(__name__)


class Store(Protocol):
    """The part of the journal that is needed here."""

    async def commit(self, block: Block) -> None: ...


class StoreBusy(Exception):
    """The store cannot take this block now (disk full, I/O error). Offer it again."""


class Recorder:
    """One for the daemon; `take` from every bus task, `run` as a task of its own."""

    def __init__(  # each a port or a number of where we stand
        self,
        fold: Fold,
        store: Store,
        clock: Clock,
        *,
        last: Watermark,
        profile: str,
        committed: Callable[[Block], None],
        busy: tuple[type[Exception], ...] = (StoreBusy,),
        owed_ns: int = 0,
    ) -> None:
        """`owed_ns`: what replaying took when this run began; it counts towards the next snapshot."""
        self._fold, self._store, self._clock = fold, store, clock
        self._seq, self._event_seq = last.input, last.event
        self._window_ns = WINDOWS_NS[profile]
        self._committed, self._busy = committed, busy
        self.short: Callable[[], bool] = lambda: False  # what room there is, is left to more than readings
        self._inputs: list[NumberedInput] = []
        self._events: list[NumberedEvent] = []
        self._open = _Open()
        self._going = _Open()  # handed to the store, which may be full
        self._urgent = asyncio.Event()
        self._stopping = False
        self._give_up_ns: int | None = None
        self._short_since_ns: int | None = None
        self._refused, self._refused_notes = 0, 0
        self._refused_since_ns: int | None = None
        self._refused_boot_ns = 0
        self._fold_ns = owed_ns  # spent since the last snapshot: what a replay would cost
        self.values = 0  # taken since the start, for `status` and benchmarks
        self.blocks = 0  # committed since the start
        self.committed_ns: int | None = None  # boottime of the newest commit of this run
        self.refused = 0  # readings that were not taken since the start
        self._asked_ns: int | None = None  # when the store was handed what it has not answered yet

    def take(self, given: Input) -> None:
        """Fold an input now and keep what it gave for the next commit. Never waits."""
        if isinstance(given, Reading):
            if self._open.full(self._going) or self._short_for_long():
                self._refused += 1
                self.refused += 1
                self._refusing(given.at.time_ns)
                return
            self.values += len(given.values)
        began = self._clock.boottime_ns()
        step = self._fold.take(given)
        self._fold_ns += self._clock.boottime_ns() - began
        if step.record is None:
            return
        self._seq += 1
        self._inputs.append(NumberedInput(self._seq, step.record))
        self._open.add(step.record)
        for event in step.events:
            self._event_seq += 1
            self._events.append(NumberedEvent(self._event_seq, self._seq, event))
        if step.urgent or self._open.enough():
            self._urgent.set()

    def _short_for_long(self) -> bool:
        if not self.short():
            self._short_since_ns = None
            return False
        now_ns = self._clock.boottime_ns()
        if self._short_since_ns is None:
            self._short_since_ns = now_ns
        return now_ns - self._short_since_ns >= GRACE_NS

    def note(self, event: Noted) -> None:
        """Keep what was told from outside the fold: a dead unit, an overrun. It changes no state."""
        if len(self._events) >= OPEN_NOTES:
            self._refused_notes += 1
            self._refusing(event.time_ns)
            return
        self._note(event)

    def _note(self, event: Noted) -> None:
        self._event_seq += 1
        self._events.append(NumberedEvent(self._event_seq, 0, event))

    def stop(self) -> None:
        """Let `run` commit what is open and return, or raise what keeps the store from taking it."""
        self._stopping = True
        self._give_up_ns = self._clock.boottime_ns() + PATIENCE_NS
        self._urgent.set()

    async def run(self) -> None:
        """Commit by window, or at once where urgent, until `stop`; then commit the rest."""
        due = self._clock.boottime_ns() + min(self._window_ns, FIRST_NS)
        while not self._stopping:
            try:
                await self._clock.within(self._urgent.wait(), due)
            except TimeoutError:
                due += self._window_ns
            now = self._clock.boottime_ns()
            if due < now:  # a slow disk; do not try to catch up
                due = now + self._window_ns
            await self._flush()
        while self._inputs or self._events:  # taken while the flush before went on
            await self._flush()

    async def _flush(self) -> None:
        self._urgent.clear()
        block = await self._cut()
        if block is None:
            return
        await self._commit(block)
        self._going = _Open()
        self.blocks += 1
        self.committed_ns = self._clock.boottime_ns()
        self._committed(block)
        self._tell_refused()

    async def _commit(self, block: Block) -> None:
        told_ns: int | None = None
        while True:
            try:
                self._asked_ns = self._clock.boottime_ns()
                await self._store.commit(block)
                self._asked_ns = None
                return
            except self._busy as error:
                self._asked_ns = None
                now = self._clock.boottime_ns()
                if self._give_up_ns is not None and now >= self._give_up_ns:
                    raise
                if told_ns is None or now - told_ns >= TOLD_AGAIN_NS:
                    told_ns = now
                    log.error("journal cannot commit, trying again: %s", error)  # noqa: TRY400 # no traceback for a full disk
                await self._clock.sleep_until(now + RETRY_NS)

    @property
    def waiting(self) -> int:
        """Records that are folded and not committed."""
        return self._open.inputs + self._going.inputs

    def still_ns(self, now_ns: int) -> int:
        """For how long the store has had a block without a word. One that says it is full is not still."""
        return 0 if self._asked_ns is None else max(now_ns - self._asked_ns, 0)

    async def _cut(self) -> Block | None:
        if not self._inputs and not self._events:
            return None
        inputs, events = tuple(self._inputs), tuple(self._events)
        self._inputs, self._events = [], []
        self._going, self._open = self._open, _Open()
        snapshot = None
        if self._fold_ns > REPLAY_LIMIT_NS and inputs:
            self._fold_ns = 0
            # The state is a frozen value: another thread may read it while the fold goes on.
            snapshot = await asyncio.to_thread(pack_state, self._fold.state)
        return Block(inputs, events, snapshot)

    def _refusing(self, time_ns: int) -> None:
        if self._refused_since_ns is None:
            self._refused_since_ns, self._refused_boot_ns = time_ns, self._clock.boottime_ns()

    def _tell_refused(self) -> None:
        if self._refused_since_ns is None:
            return
        now = self._clock.now()
        lately = now.boottime_ns - self._refused_boot_ns < REFUSED_TOLD_NS
        if self.short() and lately and not self._stopping:  # it goes on: one record of it, not one a commit
            return
        facts: dict[str, Plain] = {
            "reason": "disk",
            "from_ns": self._refused_since_ns,
            "to_ns": now.time_ns,
            "readings": self._refused,
            "notes": self._refused_notes,
        }
        self._note(Noted(now.time_ns, "gap", "journal", Severity.ALARM, facts))
        self._refused, self._refused_notes, self._refused_since_ns = 0, 0, None


class _Open:
    """How much is not committed yet."""

    __slots__ = ("bytes", "inputs")

    def __init__(self) -> None:
        self.inputs, self.bytes = 0, 0

    def add(self, record: Input) -> None:
        self.inputs += 1
        if isinstance(record, Reading):
            self.bytes += record.values.nbytes + record.quality.nbytes + record.raw.nbytes

    def enough(self) -> bool:
        """Whether it is to be committed, however long the window still is."""
        return self.inputs >= BLOCK_MOST or self.bytes >= BLOCK_BYTES

    def full(self, going: _Open) -> bool:
        """Whether no more readings are taken, with what is on its way to the disk counted in."""
        return self.inputs + going.inputs >= OPEN_LIMIT or self.bytes + going.bytes >= OPEN_BYTES
