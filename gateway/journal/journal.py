"""The journal: the only room that writes to disk.

Rule 1: what is committed is never changed; sealing keeps its canonical bytes, and retention says what it removed.
Rule 2: an input and the events it caused commit together or not at all; `commit` returns when they are on the disk.
Rule 3: numbers are dense: input seq 1..n, event seq 1..m, without a hole, at every moment a crash may choose.
Rule 4: state is only a cache: a snapshot and the inputs after it rebuild it.
Rule 5: one process writes a folder (a lock that dies with it), and in it one thread; anybody may read beside it.

The file is SQLite in WAL mode. A crash at any point leaves either all of a block or nothing of it: a torn WAL frame
fails its checksum and ends the log before it. What is cut off is never acknowledged, so nobody relied on it.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar

import zstandard

from gateway.journal.ballast import Ballast
from gateway.journal.chunkfile import ChunkFiles, make_folder
from gateway.journal.codec import site_of
from gateway.journal.database import NAME, open_for_reading, open_for_writing
from gateway.journal.errors import JournalCorrupt, JournalFull, translated
from gateway.journal.heads import claim, identity_of, last_instant_of, last_of
from gateway.journal.history import Stored
from gateway.journal.lately import LastScan, last_scans
from gateway.journal.ledger import Ledger, leaves_of
from gateway.journal.lock import FolderLock
from gateway.journal.merging import Merged, put_merged
from gateway.journal.recovery import Found, Recovery
from gateway.journal.retention import expire, sweep
from gateway.journal.sealing import Sealed, has_hot, put_sealed
from gateway.journal.thinning import Thinned, thin
from gateway.journal.writing import Records, transaction
from gateway.model import EVENT_STREAM, INPUT_STREAM, Block, ClockRow, Identity, NumberedEvent, NumberedInput
from gateway.plain import from_plain
from gateway.ports import Clock, Entropy, Watermark
from gateway.proof.head import Head
from gateway.proof.leaf import Leaf
from gateway.rows import Stretch

if TYPE_CHECKING:
    from gateway.site import Site

T = TypeVar("T")
Hands = Callable[[str], Executor]
"""By name, what runs jobs one after another, in the order in which they came: a thread."""

SNAPSHOT_WHEN_REPLAY_TAKES_S = 1.0
_SNAPSHOTS_KEPT = 2
_EPOCH_BYTES = 6
HOUR_NS = 3_600_000_000_000


def a_thread(name: str) -> Executor:
    """A thread of that name."""
    return ThreadPoolExecutor(1, name)


class Journal:
    """One gateway's journal, open for writing. Made by `open`; implements `gateway.ports.History`."""

    def __init__(
        self,
        folder: Path,
        db: sqlite3.Connection,
        lock: FolderLock,
        hands: Hands = a_thread,
        ballast: Ballast | None = None,
    ) -> None:
        self.folder = folder
        self._ballast = ballast or Ballast(folder, 0)
        self.path = folder / NAME
        self._db, self._lock = db, lock
        self._records = Records(db)
        self._identity = identity_of(db, self.path)
        self._last = last_of(db)
        self._ledger = Ledger(db, self._identity)
        self._tree = self._ledger.tree()  # as committed
        self._head: tuple[int, int, str] | None = None  # signed, and not on the disk yet
        self._cursors = {name: Watermark(*at) for name, *at in db.execute("SELECT * FROM cursors")}
        self._moved: set[str] = set()  # cursors that are not on the disk yet
        self._writer = hands("journal-writer")
        self._reader = hands("journal-reader")
        self._read_db = open_for_reading(folder)
        self._stored = Stored(self._read_db, self.path, ChunkFiles(folder, self._read_db))
        self._closed = False

    @classmethod
    def open(  # each a port
        cls,
        folder: Path,
        *,
        site: str,
        gateway: str,
        clock: Clock,
        entropy: Entropy,
        hands: Hands = a_thread,
        ballast: Ballast | None = None,
    ) -> Journal:
        """The folder's journal, made when it is not there. Raises JournalError. Takes milliseconds: not in a loop."""
        make_folder(folder)
        lock = FolderLock(folder)
        try:
            if ballast is not None:
                ballast.begin()
            db = open_for_writing(folder)
            try:
                epoch = _epoch(db, folder / NAME) or entropy.token(_EPOCH_BYTES).hex()
                with translated(folder / NAME):
                    claim(db, folder / NAME, Identity(site, gateway, epoch), clock.now().time_ns)
                    sweep(db, folder, folder / NAME)
                    return cls(folder, db, lock, hands, ballast)
            except BaseException:
                db.close()
                raise
        except BaseException:
            lock.release()
            raise

    @property
    def identity(self) -> Identity:
        return self._identity

    def last(self) -> Watermark:
        return self._last

    # --- writing ----------------------------------------------------------------------------------------------------

    async def commit(self, block: Block) -> None:
        """Write a block; returns when it is on the disk. Raises JournalFull and may then be called with it again.

        A block handed over is committed even when the caller stops waiting.
        """
        await self.write(lambda: self._commit_somehow(block))

    @property
    def short(self) -> bool:
        """Whether the disk is full and most of the ballast is used: readings are not to be handed over now."""
        return self._ballast.short

    async def look_at_room(self) -> bool:
        """Take the ballast again where there is room for it; whether it is there, or there is to be none."""
        await self.write(self._ballast.look)
        return self._ballast.held or not self._ballast.given

    async def write(self, job: Callable[[], T]) -> T:
        """Run a job on the writer thread, between commits."""
        return await asyncio.shield(asyncio.wrap_future(self._writer.submit(job)))

    def _commit_somehow(self, block: Block) -> None:
        """On a full disk the ballast goes, once, and the block in its place."""
        try:
            self._commit(block)
        except JournalFull:
            if not self._ballast.release():
                self._ballast.look()
                raise
            self._commit(block)
        self._ballast.look()

    def _commit(self, block: Block) -> None:
        last = self._next_last(block)
        try:
            with transaction(self._db, self.path):
                columns = self._records.write(block.inputs, block.events)
                self._ledger.commit(self._last, block.inputs, block.events, columns)
                if block.snapshot is not None:
                    self._write_snapshot(last.input, block.snapshot)
                moved = self._write_cursors()
                head = self._write_head()
        except BaseException:
            self._records.forget()
            self._ledger.forget()
            raise
        self._moved -= moved
        self._head = None if self._head == head else self._head
        self._last, self._tree = last, self._ledger.tree()

    def take_in(self, blocks: Iterable[Block]) -> None:
        """Many blocks, all of them or none, in this thread: an import, while nothing else is written."""
        before = self._last
        try:
            with transaction(self._db, self.path):
                for block in blocks:
                    last = self._next_last(block)
                    columns = self._records.write(block.inputs, block.events)
                    self._ledger.commit(self._last, block.inputs, block.events, columns)
                    self._last = last
        except BaseException:
            self._last = before
            self._records.forget()
            self._ledger.forget()
            raise
        self._tree = self._ledger.tree()

    def _next_last(self, block: Block) -> Watermark:
        """Where the journal ends with this block. Raises ValueError when it would leave a hole."""
        ends = []
        for name, seqs, last in (
            (INPUT_STREAM, [record.seq for record in block.inputs], self._last.input),
            (EVENT_STREAM, [record.seq for record in block.events], self._last.event),
        ):
            end = last + len(seqs)
            if seqs != list(range(last + 1, end + 1)):
                raise ValueError(f"{name}s {seqs[0]}..{seqs[-1]} cannot follow {last}: numbers are dense")
            ends.append(end)
        return Watermark(*ends)

    def _write_snapshot(self, seq: int, snapshot: bytes) -> None:
        row = self._db.execute(_CONFIG_AT, (seq,)).fetchone()
        body = zstandard.ZstdCompressor(level=3).compress(snapshot)
        columns = (seq, row[0] if row else "", body)
        self._db.execute("INSERT OR REPLACE INTO snapshots VALUES (?, ?, ?)", columns)
        self._db.execute(_DROP_SNAPSHOTS, (_SNAPSHOTS_KEPT,))

    def _write_cursors(self) -> set[str]:
        moved = set(self._moved)
        rows = [(name, *_pair(self._cursors[name])) for name in moved]
        if rows:
            self._db.executemany("INSERT OR REPLACE INTO cursors VALUES (?, ?, ?)", rows)
        return moved

    def _write_head(self) -> tuple[int, int, str] | None:
        """The newest of each hour is kept."""
        head = self._head
        if head is not None:
            self._db.execute(_OLDER_HEADS, (head[0], head[1] // HOUR_NS))
            self._db.execute("INSERT OR REPLACE INTO heads VALUES (?, ?, ?)", head)
        return head

    # --- the ledger --------------------------------------------------------------------------------------------------

    @property
    def size(self) -> int:
        """Leaves of the ledger as it is on the disk."""
        return self._tree.size

    def head(self) -> Head:
        """Of the same."""
        return Head(self._ledger.origin, self._tree.size, self._tree.root())

    def keep_head(self, head: Head, time_ns: int, note: str) -> None:
        """A checkpoint that was signed goes to the disk with the next commit, or when the journal closes."""
        self._head = (head.size, time_ns, note)

    async def leaves(self, first: int, end: int) -> list[Leaf]:
        """Committed leaves first..end-1."""
        return await self._read(lambda: leaves_of(self._read_db, first, end))

    # --- sealing and retention ---------------------------------------------------------------------------------------

    async def has_hot(self, before: int) -> bool:
        """Whether windows below `before` have packs that are not sealed."""
        return await self.write(lambda: has_hot(self._db, self.path, before))

    async def put_sealed(self, sealed: Sealed) -> bool:
        """Index chunks and drop the packs that are in them; False when those were not there any more."""
        return await self.write(lambda: put_sealed(self._db, self.folder, self.path, sealed))

    async def put_merged(self, merged: Merged) -> bool:
        """Index merged chunks in place of those that are in them; False when those were not there any more."""
        return await self.write(lambda: put_merged(self._db, self.folder, self.path, merged))

    async def clock_row(self, clock_id: int) -> ClockRow | None:
        """A committed clock row."""
        return await self.write(lambda: self._clock_row(clock_id))

    def _clock_row(self, clock_id: int) -> ClockRow | None:
        with translated(self.path):
            row = self._db.execute(_CLOCK_ROW, (clock_id,)).fetchone()
        return ClockRow(row[0], row[1], row[2], row[3], bool(row[4])) if row else None

    async def expire(
        self, before_ns: int, now_ns: int, reason: str, *, held: int | None = None
    ) -> str | None:
        """Remove the oldest month of readings that ended before a time and may go; which one. See `retention`."""
        return await self.write(
            lambda: expire(self._db, self.folder, self.path, before_ns, now_ns, reason, held)
        )

    async def thin(self, wanted: int, now_ns: int, *, held: int | None = None) -> Thinned | None:
        """Thin about so many bytes of the oldest readings to overviews; what went. See `thinning`."""
        return await self.write(lambda: thin(self._db, self.folder, self.path, wanted, now_ns, held))

    # --- reading: ports.History ---------------------------------------------------------------------------------------

    async def inputs(self, first: int, last: int) -> list[NumberedInput]:
        stop = min(last, self._last.input)
        return await self._read(lambda: list(self._stored.inputs(first, stop)))

    async def stretch(self, first: int, last: int) -> Stretch:
        stop = min(last, self._last.input)
        return await self._read(lambda: self._stored.stretch(first, stop))

    async def events(self, first: int, last: int) -> list[NumberedEvent]:
        stop = min(last, self._last.event)
        return await self._read(lambda: list(self._stored.events(first, stop)))

    async def cursor(self, name: str) -> Watermark:
        return self._cursors.get(name, Watermark())

    async def set_cursor(self, name: str, at: Watermark) -> None:
        """Goes to the disk with the next commit, or when the journal closes."""
        self._cursors[name] = at
        self._moved.add(name)

    async def keep_cursor(self, name: str, at: Watermark) -> None:
        """As `set_cursor`, and on the disk when it returns: of a number that must never be used twice."""
        await self.set_cursor(name, at)
        await self.write(self._keep_cursors)

    def _keep_cursors(self) -> None:
        with transaction(self._db, self.path):
            moved = self._write_cursors()
        self._moved -= moved

    async def acted(self, act: str) -> bool:
        """Whether a committed entry came as the act of this id. Raises JournalError."""
        return await self._read(lambda: self._has_act(act))

    def _has_act(self, act: str) -> bool:
        with translated(self.path):
            return self._read_db.execute(_ACT, (act,)).fetchone() is not None

    async def last_scans(self) -> dict[str, LastScan]:
        """The newest committed scan of each scan point that was in use of late. Raises JournalError."""
        return await self._read(lambda: last_scans(self._read_db, self.path))

    async def _read(self, job: Callable[[], T]) -> T:
        return await asyncio.wrap_future(self._reader.submit(job))

    def site(self, config_hash: str) -> Site:
        """The site of a journalled config. Raises JournalCorrupt where it is not there. Blocks for a millisecond."""
        from gateway.site import Site  # noqa: PLC0415 # only where a config is unpacked

        with translated(self.path):
            row = self._db.execute(_SITE_OF, (config_hash,)).fetchone()
        if row is None:
            advice = "restore it from the replica"
            raise JournalCorrupt(f"{self.path}: the config {config_hash} is named but not there: {advice}")
        return from_plain(Site, site_of(row[0]))

    # --- beginning and end ------------------------------------------------------------------------------------------

    def recover(self, without: int = 0) -> Recovery:
        """The committed past. Before the first commit of a run; its inputs are read as they are taken.

        `without`: as many of the newest snapshots are left aside, for they turned out to be of no use.
        """
        with translated(self.path):
            found = self._newest_snapshot(without)
            row = self._db.execute(_CONFIG_AT, (self._last.input,)).fetchone()
            clock_id = self._db.execute("SELECT coalesce(max(clock_id), 0) FROM clock_rows").fetchone()[0]
            instant = last_instant_of(self._db)
            clock_id = max(clock_id, instant.clock_id if instant else 0)
            clock = self._clock_row(clock_id)
        return Recovery(
            snapshot=found.body,
            snapshot_seq=found.seq,
            snapshot_config_hash=found.config_hash,
            config_hash=row[0] if row else None,
            inputs=self._stored.inputs(found.seq + 1, self._last.input),
            last=self._last,
            last_instant=instant,
            last_clock_id=clock_id,
            last_clock=clock,
        )

    def _newest_snapshot(self, without: int) -> Found:
        asked = self._db.execute(_SNAPSHOTS, (without,))
        for seq, config_hash, body in asked.fetchall():
            try:
                plain = zstandard.ZstdDecompressor().decompress(body)
            except zstandard.ZstdError:
                continue  # an older one and more inputs give the same state
            return Found(plain, seq, config_hash or None)
        return Found()

    def close(self) -> None:
        """Wait for what is being written, write the cursors, let go of the folder. Blocks: not in a loop."""
        if self._closed:
            return
        self._closed = True
        self._writer.shutdown()
        self._reader.shutdown()
        try:
            if self._moved or self._head:
                with transaction(self._db, self.path):
                    self._write_cursors()
                    self._write_head()
        finally:
            self._read_db.close()
            self._db.close()
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def snapshot_due(inputs_since: int, seconds_per_input: float) -> bool:
    """Whether replaying the inputs since the last snapshot would keep a restart waiting."""
    return inputs_since * seconds_per_input > SNAPSHOT_WHEN_REPLAY_TAKES_S


def _epoch(db: sqlite3.Connection, path: Path) -> str:
    with translated(path):
        row = db.execute("SELECT value FROM meta WHERE key = 'epoch'").fetchone()
    return str(row[0]) if row else ""


def _pair(at: Watermark) -> Sequence[int]:
    return at.input, at.event


_CONFIG_AT = "SELECT hash FROM configs WHERE seq <= ? ORDER BY seq DESC LIMIT 1"
_SNAPSHOTS = "SELECT seq, config_hash, body FROM snapshots ORDER BY seq DESC LIMIT -1 OFFSET ?"
_CLOCK_ROW = """
    SELECT clock_id, boot_id, boottime_ns, offset_ns, synchronised FROM clock_rows WHERE clock_id = ?
"""
_SITE_OF = "SELECT body FROM configs JOIN sites USING (digest) WHERE hash = ? ORDER BY seq DESC LIMIT 1"
_ACT = """
    SELECT 1 FROM inputs
    WHERE kind = 'Entry' AND json_extract(body, '$.body.act') IS NOT NULL AND json_extract(body, '$.body.act') = ?
"""
_OLDER_HEADS = "DELETE FROM heads WHERE size < ? AND time_ns / 3600000000000 = ?"
_DROP_SNAPSHOTS = """
    DELETE FROM snapshots WHERE seq NOT IN (SELECT seq FROM snapshots ORDER BY seq DESC LIMIT ?)
"""
