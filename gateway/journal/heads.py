"""What a journal's file says about itself: whose it is, and how far it goes."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from gateway.journal.errors import JournalCorrupt, JournalForeign, JournalMissing
from gateway.journal.pack import SPAN_BITS, unpack
from gateway.model import Identity, Instant
from gateway.ports import Watermark


def identity_of(db: sqlite3.Connection, path: Path) -> Identity:
    known = dict(db.execute("SELECT key, value FROM meta"))
    if not known:
        raise JournalMissing(f"{path}: no journal here yet: somebody is about to make one")
    try:
        return Identity(known["site"], known["gateway"], known["epoch"])
    except KeyError as error:
        advice = "restore it from the replica"
        raise JournalCorrupt(f"{path}: it does not say whose it is ({error}): {advice}") from None


def claim(db: sqlite3.Connection, path: Path, identity: Identity, created_ns: int) -> None:
    """Write whose journal this is, or raise JournalForeign when it is somebody else's."""
    if not db.execute("SELECT count(*) FROM meta").fetchone()[0]:
        rows = {"site": identity.site, "gateway": identity.gateway, "epoch": identity.epoch}
        rows["created_ns"] = str(created_ns)
        db.execute("BEGIN IMMEDIATE")
        db.executemany("INSERT INTO meta VALUES (?, ?)", list(rows.items()))
        db.execute("COMMIT")
        return
    held = identity_of(db, path)
    if held != identity:
        raise JournalForeign(
            f"{path}: it belongs to gateway {held.gateway} of site {held.site}, "
            f"not to {identity.gateway} of {identity.site}: name another folder"
        )


def last_of(db: sqlite3.Connection) -> Watermark:
    """The greatest seq of each stream."""
    newest_pack = db.execute("SELECT max(first_seq) FROM hot").fetchone()[0] or 0
    same_span = (newest_pack >> SPAN_BITS) << SPAN_BITS
    asked = db.execute(
        """
        SELECT max(coalesce((SELECT max(seq) FROM inputs), 0),
                   coalesce((SELECT max(last_seq) FROM hot WHERE first_seq >= ?), 0),
                   coalesce((SELECT max(last_seq) FROM chunks), 0),
                   coalesce((SELECT max(last_seq) FROM gaps), 0)),
               coalesce((SELECT max(seq) FROM events), 0)
        """,
        (same_span,),
    )
    return Watermark(*asked.fetchone())


def last_instant_of(db: sqlite3.Connection) -> Instant | None:
    """When the newest input was on the wire; None when there is none, or only older than retention."""
    found: dict[int, Instant] = {}
    asked = "SELECT seq, time_ns, boottime_ns, clock_id FROM inputs ORDER BY seq DESC LIMIT 1"
    row = db.execute(asked).fetchone()
    if row:
        found[row[0]] = Instant(*row[1:])
    newest_pack = db.execute("SELECT max(first_seq) FROM hot").fetchone()[0] or 0
    same_span = (newest_pack >> SPAN_BITS) << SPAN_BITS
    asked = "SELECT pack FROM hot WHERE first_seq >= ? ORDER BY last_seq DESC LIMIT 1"
    row = db.execute(asked, (same_span,)).fetchone()
    if row:
        rows = unpack(row[0])
        newest = (rows.time_ns[-1], rows.boottime_ns[-1], rows.clock_id[-1])
        found[int(rows.seq[-1])] = Instant(*(int(number) for number in newest))
    return found[max(found)] if found else None
