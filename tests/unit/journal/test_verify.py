"""Tampering before the last head is found, be it with a byte, a row, an order, an index, a leaf or a head."""

from __future__ import annotations

import asyncio
import hashlib
import random
import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.clock import VirtualClock
from gateway.journal import JournalError, JournalReader
from gateway.journal.database import NAME
from gateway.journal.ledger import Ledger
from gateway.journal.retention import DAY_NS
from gateway.journal.sealing import seal
from gateway.journal.signer import KEY, sign_now, signer_of
from gateway.journal.verify import Verdict, verify
from gateway.model import ClockRow, Instant, NumberedEvent, NumberedInput, Setting, Tick
from gateway.plain import to_plain
from gateway.proof.checkpoint import signed, verified
from gateway.proof.head import Head
from gateway.proof.leaf import Leaf, Span
from gateway.proof.note import SigningKey
from tests.unit.journal.plant import T0, Dice, Plant, commit, config, make_site, open_journal
from tests.unit.journal.test_ledger import EVENTS, fill


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal, half of it sealed, with a head over all of it."""
    folder = tmp_path_factory.mktemp("whole") / "data"
    fill(folder)
    with open_journal(folder) as journal:
        for sealed in seal(folder, T0 // 600_000_000_000 + 1):
            asyncio.run(journal.put_sealed(sealed))
        signer_of(journal, VirtualClock(), Dice(3)).sign()
    return folder


@pytest.fixture
def copy(whole, tmp_path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "copy"))


def judged(folder: Path, kept: Head | None = None) -> Verdict:
    with JournalReader(folder) as reader:
        return verify(reader, reader.ledger.key(), kept)


def kept_head(folder: Path) -> Head:
    with JournalReader(folder) as reader:
        newest, key = reader.ledger.newest_head(), reader.ledger.key()
        assert newest is not None
        assert key is not None
        return verified(newest.note, key)


def test_a_whole_journal_is_what_was_committed(whole) -> None:
    verdict = judged(whole, kept_head(whole))
    assert verdict.findings == []
    assert (verdict.leaves, verdict.head, verdict.heads, verdict.after) == (41, 41, 1, 0)
    with JournalReader(whole) as reader:
        assert (verdict.inputs, verdict.events) == (reader.last().input, reader.last().event)


def test_each_block_alone_is_as_among_all(whole) -> None:
    with JournalReader(whole) as reader:
        every = [block.items() for block in reader.ledger.blocks(1, 41)]
        for n, wanted in enumerate(every, 1):
            [block] = reader.ledger.blocks(n, n + 1)
            assert (block.wrong(), block.items() == wanted) == ([], True), n


def test_a_head_of_nothing_fits_every_journal(whole) -> None:
    """RFC 6962, 2.1: the hash of an empty tree is that of an empty string."""
    with JournalReader(whole) as reader:
        nothing = Head(reader.ledger.origin, 0, hashlib.sha256().digest())
        assert verify(reader, reader.ledger.key(), nothing).findings == []
        said = verify(reader, reader.ledger.key(), replace(nothing, root=bytes(32))).findings
    assert said == ["the head that was kept, of 0 leaves has another root: something before it was changed"]


def test_every_leaf_is_told_of_as_it_is_done(whole) -> None:
    done: list[int] = []
    with JournalReader(whole) as reader:
        verdict = verify(reader, reader.ledger.key(), step=done.append)
    assert (done, verdict.begins) == (list(range(1, 41)), (0, 0))


TAMPERED: dict[str, str] = {
    "a text of an event": "UPDATE events SET body = replace(body, '\"', '\" ') WHERE seq = 7",
    "a member of an event": "UPDATE events SET body = json_set(body, '$.cell', 'x') WHERE kind = 'LotChanged'",
    "the time of an event": "UPDATE events SET time_ns = time_ns + 1 WHERE seq = 3",
    "the cause of an event": "UPDATE events SET cause = cause + 1 WHERE seq = 3",
    "a body that is no JSON": "UPDATE events SET body = 'x' WHERE seq = 3",
    "an event taken out": "DELETE FROM events WHERE seq = 20",
    "the last event taken out": "DELETE FROM events WHERE seq = (SELECT max(seq) FROM events)",
    "an event put in at the end": "INSERT INTO events (seq, cause, time_ns, kind, body) "
    "SELECT max(seq) + 1, 0, 1, 'gap', "
    '\'{"subject":"x","severity":0,"facts":{}}\' FROM events',
    "an event before all others": "INSERT INTO events (seq, cause, time_ns, kind, body) "
    "SELECT 0, 0, 1, 'gap', body FROM events WHERE seq = 5",
    "two events in another order": "UPDATE events SET seq = CASE seq WHEN 3 THEN -4 ELSE -3 END WHERE seq IN (3, 4);"
    "UPDATE events SET seq = -seq WHERE seq < 0",
    "the time of an input": "UPDATE inputs SET boottime_ns = boottime_ns + 1 WHERE kind = 'Tick' AND seq > 50",
    "an input taken out": "DELETE FROM inputs WHERE kind = 'Tick' AND seq > 50",
    "readings taken out": "DELETE FROM hot WHERE first_seq = (SELECT max(first_seq) FROM hot)",
    "readings under another group": "UPDATE hot SET group_id = 3 - group_id WHERE first_seq > 150",
    "readings twice": "INSERT INTO hot SELECT first_seq + 1, last_seq, group_id, bin, count, points, t0, t1, pack "
    "FROM hot ORDER BY first_seq DESC LIMIT 1",
    "a chunk taken out": "DELETE FROM chunks WHERE first_seq = (SELECT max(first_seq) FROM chunks)",
    "a chunk of another place": "UPDATE chunks SET start = start + 1",
    "the window of a chunk": "UPDATE chunks SET bin = bin + 1",
    "the times of readings": "UPDATE hot SET t1 = t1 + 1",
    "groups with each other's names": "UPDATE poll_groups SET name = name || 'x' WHERE id = 1;"
    "UPDATE poll_groups SET name = (SELECT substr(name, 1, length(name) - 1) FROM poll_groups WHERE id = 1) "
    "WHERE id = 2",
    "the config": "UPDATE sites SET body = substr(body, 1, length(body) - 1)",
    "an index of lots": "UPDATE lot_changes SET cell = 'x'",
    "an index of what names a lot": "INSERT INTO named VALUES ('x', 3)",
    "an index of alarms": "UPDATE alarms SET state = 'closed', version = 9",
    "a leaf": "UPDATE leaves SET roots = zeroblob(length(roots)) WHERE n = 12",
    "the count in a leaf": "UPDATE leaves SET inputs = inputs + 1 WHERE n = 12",
    "a leaf taken out": "DELETE FROM leaves WHERE n = 12",
    "the first leaf": "UPDATE leaves SET event = 3 WHERE n = 0",
    "the last leaf taken out": "DELETE FROM leaves WHERE n = 40",
    "a node": "UPDATE nodes SET hash = zeroblob(32)",
    "a head": "UPDATE heads SET note = replace(note, '41', '42')",
    "whose journal it is": "UPDATE meta SET value = 'other' WHERE key = 'epoch'",
    "a reading gone, with a gap record that is not one": "DELETE FROM inputs WHERE seq = 1; INSERT INTO gaps VALUES "
    "('2027-01', 1, 1, 0, 0, 1, 'retention', 0)",
}


@pytest.mark.long
@pytest.mark.parametrize("sql", TAMPERED.values(), ids=TAMPERED.keys())
def test_tampering_with_a_table_is_found(sql: str, copy) -> None:
    before = copy.joinpath(NAME).read_bytes()
    db = sqlite3.connect(copy / NAME)
    with db:
        for each in sql.split(";"):
            db.execute("PRAGMA ignore_check_constraints = ON")
            db.execute(
                each.replace("UPDATE poll_groups SET name = name", "UPDATE poll_groups SET name = name")
            )
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    assert copy.joinpath(NAME).read_bytes() != before
    assert judged(copy).findings


def records(folder: Path) -> object:
    """All that a reader gives."""
    with JournalReader(folder) as reader:
        blocks = [block.items() for block in reader.ledger.blocks(0, 1 << 40)]
        return blocks, list(reader.events(1, 9_999)), reader.last()


@pytest.mark.parametrize("seed", range(12))
def test_any_flipped_byte_is_found_or_changes_no_record(seed: int, copy, whole) -> None:
    """In the database or a month file, wherever it is."""
    dice = random.Random(seed)
    paths = sorted(path for path in copy.iterdir() if path.suffix in {".sqlite", ".chunks"})
    path = dice.choice([paths[0], *paths])
    data = bytearray(path.read_bytes())
    place = dice.randrange(len(data))
    data[place] ^= 1 << dice.randrange(8)
    path.write_bytes(data)
    try:
        found = judged(copy).findings
        assert found or records(copy) == records(whole)
    except JournalError:
        pass  # it does not even open, and says so


def test_who_makes_all_leaves_again_is_found_by_a_head_kept_elsewhere(whole, tmp_path) -> None:
    """The box's owner has its key: he can write another past and sign it. Before the witnessed head it is found."""
    kept, other = kept_head(whole), tmp_path / "other"
    with JournalReader(whole) as reader:
        inputs, events = list(reader.inputs(1, 9_999)), list(reader.events(1, 9_999))
        leaves, epoch = reader.ledger.leaves(1, 99), reader.identity.epoch
    events[5] = NumberedEvent(6, events[5].cause, EVENTS[1])
    with open_journal(other) as journal:
        assert journal.identity.epoch == epoch
        for leaf in leaves:
            mine = events[leaf.events.first - 1 : leaf.events.last]
            asyncio.run(commit(journal, inputs[leaf.inputs.first - 1 : leaf.inputs.last], mine))
        shutil.copy(whole / KEY, other / KEY)
        signer_of(journal, VirtualClock(), Dice(3)).sign()
    assert judged(other).findings == []  # after it, nobody can tell
    assert "has another root" in judged(other, kept).findings[0]
    with JournalReader(other) as reader:
        longer = Head(kept.origin, 99, kept.root)
        assert "only 41 are here" in verify(reader, reader.ledger.key(), longer).findings[0]
        assert (
            "is of elsewhere"
            in verify(reader, reader.ledger.key(), Head("elsewhere", 1, bytes(32))).findings[0]
        )
        foreign = SigningKey("elsewhere", bytes(32)).public
        assert "no signature of elsewhere" in verify(reader, foreign).findings[0]
        assert "no key" in verify(reader, None).findings[0]


def test_leaves_that_leave_a_record_out_are_found_though_their_tree_is_whole(tmp_path) -> None:
    with open_journal(tmp_path) as journal:
        asyncio.run(commit(journal, [NumberedInput(1, Tick(Instant(T0, 1, 1)))]))
        ledger = Ledger(journal._db, journal.identity)  # noqa: SLF001 # as who owns the box could
        ledger.put(Leaf(2, Span(3, 1), Span(0, 0), (b"", bytes(32), b"")))
    found = judged(tmp_path).findings
    assert "leaf 2 does not follow the one before: a record was taken out or put in" in found


def test_a_head_of_another_size_than_its_row_is_found(copy) -> None:
    key = SigningKey.of_line((copy / KEY).read_text())
    with JournalReader(copy) as reader:
        older = signed(reader.ledger.head(7), key)
    with sqlite3.connect(copy / NAME) as db:
        db.execute("INSERT INTO heads VALUES (9, 0, ?)", (older,))
    assert "is one of 7 leaves" in judged(copy).findings[0]


def test_readings_that_retention_took_are_told_and_are_no_tampering(tmp_path) -> None:
    """Their leaves stay, and so do the proofs of all that is beside them."""
    folder, at = tmp_path / "data", Instant(T0, 0, 1)
    clock = Setting("clock", at, to_plain(ClockRow(1, "boot", 0, T0, synchronised=True)))
    month_later = T0 + 40 * DAY_NS
    with open_journal(folder) as journal:
        asyncio.run(commit(journal, [NumberedInput(1, config(make_site(), "h1")), NumberedInput(2, clock)]))
        plant = Plant(3)
        for number in range(4):
            first = 3 + 6 * number
            tick = NumberedInput(first + 5, Tick(Instant(T0 + number, number, 1)))
            told = [NumberedEvent(number + 1, 0, EVENTS[number])]
            asyncio.run(commit(journal, [*plant.readings(first, 5), tick], told))
        for sealed in seal(folder, 1 << 40):
            asyncio.run(journal.put_sealed(sealed))
        assert asyncio.run(journal.expire(month_later, month_later, "retention")) is not None
        sign_now(journal, VirtualClock(), Dice(3))
    verdict = judged(folder)
    assert (verdict.findings, verdict.removed, verdict.inputs, verdict.events) == ([], 20, 6, 4)
    with JournalReader(folder) as reader:
        assert reader.ledger.prove("event", 3, verdict.leaves) is not None
        assert reader.ledger.prove("input", 8, verdict.leaves) is not None
    with sqlite3.connect(folder / NAME) as db:
        db.execute("DELETE FROM gaps")
    assert "readings are not what was committed" in judged(folder).findings[0]
