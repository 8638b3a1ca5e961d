"""What outlasts a connection: per stream what is acknowledged, what is stored behind the broker, which config and
which alarm versions went out. No I/O but the two cursors.

Rule 1: a record leaves the books only when the broker has acknowledged it, and comes back when the ingest worker asks
for it.  Rule 2: an older version of an alarm never replaces a newer one on the
broker; nothing that was sent before is retained a second time.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from gateway.journal.intervals import Interval, IntervalSet
from gateway.journal.retention import STORED
from gateway.model import EVENT_STREAM, INPUT_STREAM, Block, Identity, NumberedInput
from gateway.plain import digest, to_plain
from gateway.ports import History, Watermark
from gateway.publish.ledger import Ledger, runs
from gateway.site import Site
from gateway.wire import Eras, Gone, Message, Stored
from gateway.wire.asks import BEYOND, REMOVED, Runs

CURSOR = "mqtt"
CONFIG_CURSOR = "mqtt-config"  # seq of the setting that was in force at the cursor

log = logging.getLogger(__name__)


class Parcel:
    """Runs of seqs on their way together: taken from the ledgers until the last of its messages is settled."""

    def __init__(self, ledgers: dict[str, Ledger], claims: dict[str, tuple[int, int]]) -> None:
        self._ledgers = ledgers
        self._claims = {stream: ledgers[stream].take(*run) for stream, run in claims.items()}
        self._open = 1  # whoever hands messages in counts as one
        self._acked: dict[str, list[int]] = {}

    def begin(self) -> None:
        self._open += 1

    def end(self) -> None:
        self._open -= 1
        if self._open == 0:
            self.give_up()

    def acknowledge(self, stream: str, seqs: Iterable[int]) -> None:
        """The broker has these; the ledgers hear of it at the end, when what other messages hold is between them."""
        self._acked.setdefault(stream, []).extend(seqs)

    def give_up(self) -> None:
        for stream, seqs in self._acked.items():
            self._ledgers[stream].acknowledge(sorted(seqs))
        self._acked.clear()
        for stream, claim in self._claims.items():
            self._ledgers[stream].close(claim)


class Books:
    """One for a publisher."""

    def __init__(self, history: History, site: Site) -> None:
        self._history = history
        self.identity = history.identity
        self.plain = site.broker.in_json if site.broker else ()
        self.ledgers = {INPUT_STREAM: Ledger(), EVENT_STREAM: Ledger()}
        last = history.last()
        self.ledgers[INPUT_STREAM].last, self.ledgers[EVENT_STREAM].last = last.input, last.event
        self.eras = Eras()
        self.eras.begin(last.input + 1, site.groups())
        self.eras.know(digest(to_plain(site)), site.groups())
        self._versions: dict[str, int] = {}
        self._sent_before = 0  # events up to here were retained, where they had to be, before they got lost
        self._written = Watermark()
        self._held: Watermark | None = None  # as the ingest worker said last
        self._held_written: Watermark | None = None
        self._unheard = {stream: IntervalSet() for stream in self.ledgers}
        self._vanished = {stream: IntervalSet() for stream in self.ledgers}  # not in the journal any more

    async def load(self) -> None:
        """Where the last run left off."""
        self._written = at = await self._history.cursor(CURSOR)
        self.resume(at)
        config = (await self._history.cursor(CONFIG_CURSOR)).input
        if config:
            self.eras.see(await self._history.inputs(config, config))

    async def save(self) -> None:
        """Write the cursors when they moved."""
        # Back, too, where the worker lost its replica: retention goes by it.
        if self._held is not None and self._held != self._held_written:
            await self._history.set_cursor(STORED, self._held)
            self._held_written = self._held
        at = self.prefix()
        if at == self._written:
            return
        config = self.eras.setting_of(at.input)
        if config:
            await self._history.set_cursor(CONFIG_CURSOR, Watermark(input=config))
        await self._history.set_cursor(CURSOR, at)
        self._written = at

    def commit(self, block: Block) -> Parcel:
        """A block was committed: its parcel, taken."""
        self.see(block.inputs)
        claims: dict[str, tuple[int, int]] = {}
        for stream, records in ((INPUT_STREAM, block.inputs), (EVENT_STREAM, block.events)):
            if records:
                self.ledgers[stream].last = max(self.ledgers[stream].last, records[-1].seq)
                claims[stream] = (records[0].seq, records[-1].seq)
        return Parcel(self.ledgers, claims)

    def parcel(self, stream: str, first: int, last: int) -> Parcel:
        """A parcel of records read back from the journal."""
        return Parcel(self.ledgers, {stream: (first, last)})

    def see(self, inputs: Iterable[NumberedInput]) -> None:
        """Note configs that come by."""
        self.eras.see(inputs)

    def prefix(self) -> Watermark:
        """Per stream the n for which 1..n are all acknowledged."""
        return Watermark(self.ledgers[INPUT_STREAM].prefix(), self.ledgers[EVENT_STREAM].prefix())

    def last(self) -> Watermark:
        """Newest committed seqs."""
        return Watermark(self.ledgers[INPUT_STREAM].last, self.ledgers[EVENT_STREAM].last)

    def resume(self, at: Watermark) -> None:
        """Up to here nothing need be sent: the broker acknowledged it, or the worker stored it."""
        self.ledgers[INPUT_STREAM].resume(min(at.input, self.ledgers[INPUT_STREAM].last))
        self.ledgers[EVENT_STREAM].resume(min(at.event, self.ledgers[EVENT_STREAM].last))

    def retains(self, message: Message) -> bool:
        """Whether this version of an alarm is the newest that went out, so that the broker keeps or clears it."""
        if not message.alarm:
            return False
        if message.seqs[0] <= self._sent_before or message.version < self._versions.get(message.alarm, 0):
            return False
        self._versions[message.alarm] = message.version
        return True

    def cleared(self, alarm: str) -> None:
        """The alarm is closed and off the broker; remembered while older versions of it may still have to go out."""
        if self.ledgers[EVENT_STREAM].behind() == 0:
            self._versions.pop(alarm, None)

    def unheard(self, stream: str, seqs: Iterable[int]) -> None:
        """The broker took these and nobody was subscribed."""
        for run in runs(seqs):
            self._unheard[stream].add(*run)

    def stored(self, said: Stored) -> None:
        """The ingest worker says what it holds, and lacks: of that, what nobody heard is owed at once."""
        if said.identity != self.identity:
            return
        self.resume(said.replica)
        self._held = said.replica
        for stream, lacking in said.missing.items():
            unheard = self._unheard[stream]
            if len(unheard):
                self._lose(stream, [run for each in lacking for run in _common(unheard, *each)])

    def asked(self, identity: Identity, asked: Runs) -> list[Gone]:
        """The ingest worker asks for these: what is not on its way is owed again. What the journal does not have."""
        beyond, removed = dict[str, list[Interval]](), dict[str, list[Interval]]()
        if identity != self.identity:
            return []
        for stream, ledger in self.ledgers.items():
            gone, end = self._vanished[stream], ledger.last
            for first, last in asked.get(stream, ()):
                self._lose(stream, gone.missing(first, min(last, end)))
                removed.setdefault(stream, []).extend(_common(gone, first, min(last, end)))
                if last > end:
                    beyond.setdefault(stream, []).append((max(first, end + 1), last))
        found = ((REMOVED, removed), (BEYOND, beyond))
        return [Gone(identity, why, runs) for why, runs in found if any(runs.values())]

    def _lose(self, stream: str, gone: list[tuple[int, int]]) -> None:
        ledger = self.ledgers[stream]
        sent_before = max((last for _, last in gone), default=0)
        count = ledger.lose(gone)
        if not count:
            return
        log.warning("the ingest worker misses %d records of stream %s: sending them again", count, stream)
        if stream == EVENT_STREAM:
            self._sent_before = max(self._sent_before, sent_before)
        lost = IntervalSet.of(gone)
        still = [run for each in self._unheard[stream].intervals() for run in lost.missing(*each)]
        self._unheard[stream] = IntervalSet.of(still)

    def vanished(self, stream: str, first: int, last: int, found: Iterable[int]) -> Gone | None:
        """Records that retention has taken out of the journal are nobody's debt; whoever asked is to be told."""
        held = set(found)
        gone = runs(seq for seq in range(first, last + 1) if seq not in held)
        known = self._vanished[stream]
        for low, high in gone:
            if low - 1 not in known:  # told once, not for each part that is read
                log.warning("stream %s from %d: no longer in the journal, not published", stream, low)
            known.add(low, high)
            self.ledgers[stream].acknowledge(range(low, high + 1))
        return Gone(self.identity, REMOVED, {stream: gone}) if gone else None


def _common(held: IntervalSet, first: int, last: int) -> list[tuple[int, int]]:
    """What of first..last is in the set."""
    return IntervalSet.of(held.missing(first, last)).missing(first, last)
