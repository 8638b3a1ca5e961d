"""The ledger at its edges: which leaf a record is in, what leaves with holes give, which heads stay."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator

import pytest

from gateway.clock import VirtualClock
from gateway.journal import Journal, JournalReader, Replica
from gateway.journal.blocks import Blocks
from gateway.journal.chunkfile import ChunkFiles, ChunkMoved
from gateway.journal.database import NAME, open_for_reading
from gateway.journal.errors import JournalCorrupt
from gateway.journal.pack import Rows, by_pack
from gateway.journal.sealing import seal
from gateway.journal.signer import signer_of
from gateway.model import ClockRow, Instant, NumberedEvent, NumberedInput, Setting, Tick
from gateway.plain import to_plain
from gateway.proof.checkpoint import signed
from gateway.proof.leaf import Leaf
from gateway.proof.note import SigningKey
from gateway.rows import columns_of
from tests.unit.journal.plant import (
    FIELDS,
    HOUR_NS,
    T0,
    Dice,
    Plant,
    commit,
    config,
    make_group,
    make_site,
    open_journal,
)
from tests.unit.journal.test_ledger import EVENTS, fill

FAR = T0 // 600_000_000_000 + 1_000


def tick(seq: int) -> NumberedInput:
    return NumberedInput(seq, Tick(Instant(T0 + seq, seq, 1)))


def told(seq: int) -> NumberedEvent:
    return NumberedEvent(seq, 0, EVENTS[seq % len(EVENTS)])


def test_each_record_is_in_the_leaf_of_its_block(folder) -> None:
    fill(folder, 9)
    with JournalReader(folder) as reader:
        leaves, last = reader.ledger.leaves(0, 99), reader.last()
        for stream, end in (("input", last.input), ("event", last.event)):
            for seq in range(end + 2):
                wanted = [
                    leaf
                    for leaf in leaves
                    for span in [leaf.inputs if stream == "input" else leaf.events]
                    if span.first <= seq <= span.last
                ]
                assert reader.ledger.leaf_at(stream, seq) == (wanted[0] if wanted else None), (stream, seq)


def test_a_record_is_proven_only_by_a_tree_that_holds_its_leaf(folder) -> None:
    fill(folder, 9)
    with JournalReader(folder) as reader:
        size = reader.ledger.size()
        for seq in range(1, reader.last().event + 1):
            leaf = reader.ledger.leaf_at("event", seq)
            assert leaf is not None
            assert reader.ledger.prove("event", seq, leaf.n) is None
            proof = reader.ledger.prove("event", seq, leaf.n + 1)
            assert proof is not None
            assert (proof.number, proof.tree, proof.count) == (leaf.n, "events", leaf.events.size)
            assert proof.index == seq - leaf.events.first
        every = range(reader.last().event + 3)
        assert list(reader.ledger.prove_all("event", every, size)) == list(range(1, reader.last().event + 1))
        assert reader.ledger.prove("event", reader.last().event + 1, size) is None


def test_hashes_of_a_blocks_events_are_kept_where_there_are_more_than_sixteen(journal) -> None:
    asyncio.run(commit(journal, [tick(1)], [told(seq) for seq in range(1, 17)]))
    asyncio.run(commit(journal, [tick(2)], [told(seq) for seq in range(17, 34)]))
    with sqlite3.connect(journal.path) as db:
        assert db.execute("SELECT n, length(events) FROM twigs").fetchall() == [(2, 17 * 32)]
        db.execute("UPDATE twigs SET events = substr(events, 2)")
    with JournalReader(journal.folder) as reader:
        assert len(reader.ledger.prove_all("event", range(1, 34), 3)) == 33, "made again where it is damaged"


def test_a_block_of_nothing_makes_no_leaf(journal) -> None:
    asyncio.run(commit(journal, [], snapshot=b"state"))
    assert journal.size == 0
    asyncio.run(commit(journal, [tick(1)]))
    asyncio.run(commit(journal, [], snapshot=b"more"))
    assert (journal.size, journal.head().size) == (2, 2)
    assert [leaf.n for leaf in asyncio.run(journal.leaves(0, 9))] == [0, 1]
    assert [leaf.n for leaf in asyncio.run(journal.leaves(1, 1))] == []


def test_of_each_hour_the_newest_head_stays(journal) -> None:
    for n, time_ns in enumerate((T0, T0 + HOUR_NS - 1, T0 + HOUR_NS), 1):
        asyncio.run(commit(journal, [tick(n)]))
        journal.keep_head(journal.head(), time_ns, f"note {n}")
    with JournalReader(journal.folder) as reader:
        assert [head.size for head in reader.ledger.heads()] == [3], "the last one goes with the next commit"
    journal.close()
    journal.close()
    with JournalReader(journal.folder) as reader:
        assert [(head.size, head.note) for head in reader.ledger.heads()] == [(3, "note 2"), (4, "note 3")]
        newest = reader.ledger.newest_head()
        assert newest is not None
        assert (newest.size, newest.time_ns) == (4, T0 + HOUR_NS)


# --- leaves with holes, in a replica --------------------------------------------------------------------------------


@pytest.fixture
def box(tmp_path) -> Iterator[Journal]:
    fill(tmp_path / "box", 12)
    with open_journal(tmp_path / "box") as journal:
        signer_of(journal, VirtualClock(), Dice(3))
        yield journal


@pytest.fixture
def replica(box, tmp_path) -> Iterator[Replica]:
    with Replica.open(tmp_path / "replica", box.identity) as made:
        yield made


def leaves_of_box(box: Journal) -> list[Leaf]:
    return asyncio.run(box.leaves(0, 99))


def test_blocks_behind_a_hole_in_the_leaves_are_read(box, replica) -> None:
    leaves = leaves_of_box(box)
    replica.store(asyncio.run(box.inputs(1, 999)), asyncio.run(box.events(1, 999)))
    replica.witness.take_leaves([leaves[n] for n in (0, 1, 2, 5, 6, 9)], 1)
    with JournalReader(replica.folder) as reader:
        assert [block.leaf.n for block in reader.ledger.blocks(0, 99)] == [1, 2, 5, 6, 9]
        assert [block.leaf.n for block in reader.ledger.blocks(3, 6)] == [5]
        assert [block.leaf.n for block in reader.ledger.blocks(3, 5)] == []
        assert [block.wrong() for block in reader.ledger.blocks(0, 99)] == [[]] * 5
        assert reader.ledger.size() == 3
        hole = reader.ledger.leaf_at("input", leaves[4].inputs.first)
        assert hole is None
        assert reader.ledger.leaf_at("input", leaves[5].inputs.first) == leaves[5]


@pytest.mark.parametrize("at_once", [1, 2, 3])
def test_blocks_behind_a_hole_wider_than_what_is_read_at_once(box, replica, monkeypatch, at_once) -> None:
    monkeypatch.setattr("gateway.journal.blocks.LEAVES", at_once)
    leaves = leaves_of_box(box)
    replica.store(asyncio.run(box.inputs(1, 999)), asyncio.run(box.events(1, 999)))
    replica.witness.take_leaves([leaves[n] for n in (0, 1, 5, 9)], 1)
    with JournalReader(replica.folder) as reader:
        for first, end, numbers in ((0, 99, [1, 5, 9]), (2, 9, [5]), (2, 5, []), (6, 9, []), (6, 10, [9])):
            blocks = list(reader.ledger.blocks(first, end))
            assert [block.leaf.n for block in blocks] == numbers
            assert [block.wrong() for block in blocks] == [[]] * len(numbers)


def test_blocks_are_compared_when_all_of_them_has_come(box, replica) -> None:
    leaves, inputs, events = (
        leaves_of_box(box),
        asyncio.run(box.inputs(1, 999)),
        asyncio.run(box.events(1, 999)),
    )
    assert replica.check(1) == 0
    replica.witness.take_leaves(leaves[:4], 1)
    assert replica.check(1) == 0, "no record of it has come"
    replica.store(inputs[: leaves[2].inputs.last], events[: leaves[2].events.last])
    assert [replica.check(1) for _ in range(2)] == [2, 0]
    replica.store(inputs[: leaves[3].inputs.last], events[: leaves[3].events.last - 1])
    assert replica.check(1) == int(leaves[3].events.size == 0)
    replica.store(inputs, events)
    replica.witness.take_leaves(leaves, 1)
    assert replica.check(1) > 0
    assert replica.witness.news == []


def test_of_many_heads_that_wait_for_leaves_the_last_stays(box, replica, monkeypatch) -> None:
    monkeypatch.setattr("gateway.journal.witness.PENDING_MOST", 2)
    key = SigningKey.of_line((box.folder / "ledger.key").read_text())
    with JournalReader(box.folder) as reader:
        for n, size in enumerate((5, 7, 9, 12)):
            replica.witness.take_head(signed(reader.ledger.head(size), key), key.public.line(), n, 9)
    assert replica.witness.size == 0
    replica.witness.take_leaves(leaves_of_box(box), 9)
    with JournalReader(replica.folder) as reader:
        assert [(head.size, head.time_ns) for head in reader.ledger.heads()] == [(5, 0), (12, 3)]
    assert (replica.witness.news, replica.witness.last_alarm()) == ([], "")


# --- blocks that cannot be read -------------------------------------------------------------------------------------


def test_an_input_whose_site_was_lost_is_named(journal) -> None:
    asyncio.run(commit(journal, [NumberedInput(1, config(make_site(), "h1")), tick(2)]))
    with sqlite3.connect(journal.path) as db:
        db.execute("DELETE FROM sites")
    with JournalReader(journal.folder) as reader:
        [block] = reader.ledger.blocks(1, 9)
        with pytest.raises(JournalCorrupt, match=r"restore it from the replica"):
            reader.site()
    assert (block.held(), block.wrong()) == ((1, 0), ["inputs"])
    assert len(block.trouble) == 1
    assert block.trouble[0].startswith("input 1: the site ")
    assert block.trouble[0].endswith(" is not there")
    with pytest.raises(
        JournalCorrupt, match=r"the config h1 is named but not there: restore it from the replica"
    ):
        journal.site("h1")


def test_a_block_is_looked_up_again_when_its_chunk_has_moved(journal) -> None:
    asyncio.run(commit(journal, [NumberedInput(1, config(make_site(), "h1")), *Plant().readings(2, 9)]))
    for each in list(seal(journal.folder, FAR)):
        asyncio.run(journal.put_sealed(each))
    db = open_for_reading(journal.folder)

    class Moving(ChunkFiles):
        moves = 2

        def rows(self, month: str, start: int, length: int) -> Rows:
            if self.moves:
                self.moves -= 1
                raise ChunkMoved("it was merged meanwhile")
            return super().rows(month, start, length)

    [block] = Blocks(db, journal.folder / NAME, Moving(journal.folder, db)).read(1, 9)
    assert (block.held(), block.wrong(), block.trouble) == ((10, 0), [], [])
    db.close()


# --- what a restart finds -------------------------------------------------------------------------------------------


def test_an_older_snapshot_is_found_when_the_newest_are_of_no_use(journal) -> None:
    for n in (1, 2, 3):
        asyncio.run(commit(journal, [tick(n)], snapshot=f"state {n}".encode()))
    found = [journal.recover(without) for without in (0, 1, 2)]
    assert [(each.snapshot, each.snapshot_seq) for each in found] == [
        (b"state 3", 3),
        (b"state 2", 2),
        (None, 0),
    ]
    assert [[each.seq for each in one.inputs] for one in found] == [[], [3], [1, 2, 3]]


def test_the_clock_of_the_newest_input_goes_on(journal) -> None:
    row = ClockRow(4, "boot", 7, T0, synchronised=True)
    setting = Setting("clock", Instant(T0, 7, 4), to_plain(row))
    asyncio.run(commit(journal, [NumberedInput(1, setting)]))
    assert (journal.recover().last_clock_id, journal.recover().last_clock) == (4, row)
    asyncio.run(commit(journal, [NumberedInput(2, Tick(Instant(T0 + 5, 12, 6)))]))
    found = journal.recover()
    assert (found.last_clock_id, found.last_clock, found.last_instant) == (6, None, Instant(T0 + 5, 12, 6))


def test_windows_end_with_every_tenth_minute_to_the_nanosecond() -> None:
    [(_, rows)] = columns_of(Plant().readings(1, 4))
    rows.time_ns[:] = [T0 - 1, T0, T0 + 599_999_999_999, T0 + 600_000_000_000]
    assert [(window, part.seq.tolist()) for window, part in by_pack(rows)] == [
        (2_999_999, [1]),
        (3_000_000, [2, 3]),
        (3_000_001, [4]),
    ]


def test_a_tag_that_a_later_config_brings_is_found_by_who_read_before(journal) -> None:
    plain = make_site()
    more = make_site(make_group(), make_group("oven/slow", {"temp": FIELDS["temp"]}))
    asyncio.run(commit(journal, [NumberedInput(1, config(plain, "h1"))]))
    with JournalReader(journal.folder) as reader:
        before = reader.tags()
        assert [age.name for age in reader.ages()] == ["h1"]
        asyncio.run(commit(journal, [NumberedInput(2, config(more, "h2"))]))
        assert reader.tags() == sorted([*before, "hall/line1/oven/temp"])
        assert [(age.seq, age.name) for age in reader.ages()] == [(1, "h1"), (2, "h2")]
        assert [reader.site(seq) for seq in (0, 1, 2, 3, None)] == [plain, plain, more, more, more]
