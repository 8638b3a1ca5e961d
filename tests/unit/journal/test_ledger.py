"""A leaf for each block, in its transaction; the tree goes on after a restart; blocks give back their bytes."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from functools import cache
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from gateway.journal import JournalReader
from gateway.journal.database import NAME
from gateway.journal.errors import JournalCorrupt, JournalError
from gateway.journal.pack import WINDOW_NS, Packer, unpack
from gateway.journal.sealing import seal
from gateway.model import Instant, NumberedEvent, NumberedInput, Tick
from gateway.ports import Watermark
from gateway.proof.leaf import leaf_of
from gateway.proof.merkle import check_consistency, check_inclusion, leaf_hash
from tests.unit.journal.kept import DATABASES
from tests.unit.journal.plant import T0, Plant, commit, config, make_group, make_site, open_journal
from tests.unit.wire import samples

EVENTS = [told.event for told in samples.every_kind().events]


def fill(folder: Path, blocks: int = 40) -> None:
    """Blocks of readings of two groups, with events, ticks and a config among them: always the same bytes."""
    folder.mkdir(parents=True)
    for name, (mode, content) in _filled(blocks).items():
        path = folder / name
        path.touch(mode)
        path.write_bytes(content)


@cache
def _filled(blocks: int) -> dict[str, tuple[int, bytes]]:
    """Files of such a journal."""
    with TemporaryDirectory() as made:
        folder = Path(made) / "data"
        _fill(folder, blocks)
        return {path.name: (path.stat().st_mode & 0o777, path.read_bytes()) for path in folder.iterdir()}


def _fill(folder: Path, blocks: int) -> None:
    two = make_group("dryer/slow")
    plants = Plant(1), Plant(2, two)
    seq = event = 0
    with open_journal(folder) as journal:
        for number in range(blocks):
            t0 = T0 + number * 30_000_000_000
            inputs = []
            if number == 0:
                inputs.append(NumberedInput(1, config(make_site(make_group(), two), "h1")))
            for plant in plants[: 1 + number % 2]:
                inputs += plant.readings(seq + len(inputs) + 1, 3, t0)
            if number % 3 == 0:
                inputs.append(NumberedInput(seq + len(inputs) + 1, Tick(Instant(t0, number, 1))))
            events = [
                NumberedEvent(event + 1 + place, seq + 1, EVENTS[(event + place) % len(EVENTS)])
                for place in range(number % 4)
            ]
            asyncio.run(commit(journal, inputs, events))
            seq, event = seq + len(inputs), event + len(events)


def whole(folder: Path) -> list[tuple[int, bytes]]:
    with JournalReader(folder) as reader:
        return [(leaf.n, leaf.data(reader.ledger.origin)) for leaf in reader.ledger.leaves(0, 1 << 40)]


def test_each_block_is_a_leaf_and_gives_back_its_bytes(folder) -> None:
    fill(folder)
    with JournalReader(folder) as reader:
        ledger = reader.ledger
        leaves = ledger.leaves(0, 99)
        assert ledger.size() == len(leaves) == 41
        assert leaves[0].data(
            ledger.origin
        ) == b"lotwatch/ledger/1\nlotwatch/v1/plant/gw1/%s\ninput 0\nevent 0\n" % (
            reader.identity.epoch.encode()
        )
        assert all(later.follows(before) for before, later in pairwise(leaves))
        assert Watermark(leaves[-1].inputs.last, leaves[-1].events.last) == reader.last()
        blocks = list(ledger.blocks(0, 99))
        assert [block.leaf for block in blocks] == leaves[1:]
        assert [block.wrong() for block in blocks] == [[]] * 40
        assert [block.held() for block in blocks] == [
            (leaf.inputs.size, leaf.events.size) for leaf in leaves[1:]
        ]
        assert [block.leaf.n for block in ledger.blocks(7, 12)] == [7, 8, 9, 10, 11]


@pytest.mark.long
def test_the_tree_goes_on_after_each_restart(folder, tmp_path) -> None:
    fill(folder)
    other = tmp_path / "other"
    with open_journal(folder) as journal:
        head = journal.head()
    with open_journal(other) as journal, JournalReader(folder) as reader:
        inputs, events = list(reader.inputs(1, 999)), list(reader.events(1, 999))
        leaves = reader.ledger.leaves(1, 99)
    for leaf in leaves:  # a restart before each block
        with open_journal(other) as journal:
            mine = inputs[leaf.inputs.first - 1 : leaf.inputs.last]
            asyncio.run(commit(journal, mine, events[leaf.events.first - 1 : leaf.events.last]))
    assert whole(other) == whole(folder)
    with open_journal(other) as journal:
        assert journal.head() == head


def test_proofs_out_of_the_tables(folder) -> None:
    fill(folder)
    with JournalReader(folder) as reader:
        ledger = reader.ledger
        size = ledger.size()
        head = ledger.head(size)
        for leaf in ledger.leaves(0, size):
            check_inclusion(leaf.n, size, leaf.hash(ledger.origin), ledger.inclusion(leaf.n, size), head.root)
        for older in range(1, size + 1):
            proof = ledger.consistency(older, size)
            check_consistency(older, size, ledger.head(older).root, head.root, proof)


@pytest.mark.parametrize(("stream", "seq"), [("event", 1), ("event", 33), ("input", 1), ("input", 4 + 1)])
def test_one_record_is_proven_without_its_block(stream, seq, folder) -> None:
    fill(folder)
    with JournalReader(folder) as reader:
        size = reader.ledger.size()
        proof = reader.ledger.prove(stream, seq, size)
        assert proof is not None
        leaf = leaf_of(proof.leaf)
        root = leaf.roots[2 if stream == "event" else 1]
        check_inclusion(proof.index, proof.count, leaf_hash(proof.record), proof.inner, root)
        check_inclusion(proof.number, size, leaf_hash(proof.leaf), proof.path, reader.ledger.head(size).root)
        assert f'"seq":{seq}'.encode() in proof.record
        assert reader.ledger.prove(stream, seq, proof.number) is None
        assert reader.ledger.prove(stream, 10_000, size) is None
        assert reader.ledger.prove("input", 2, size) is None  # a reading goes by column


def test_a_block_that_was_rolled_back_leaves_no_leaf(folder) -> None:
    fill(folder, 5)
    with open_journal(folder) as journal:
        head, last = journal.head(), journal.last()
        twice = [NumberedEvent(last.event + 1, 0, EVENTS[0])]
        db = sqlite3.connect(folder / NAME)
        db.execute("CREATE TRIGGER full BEFORE INSERT ON leaves BEGIN SELECT RAISE(ABORT, 'no'); END")
        db.commit()
        with pytest.raises(JournalError):
            asyncio.run(commit(journal, [], twice))
        assert journal.head() == head
        db.execute("DROP TRIGGER full")
        db.commit()
        db.close()
        asyncio.run(commit(journal, [], twice))
        assert journal.head().size == head.size + 1


@pytest.mark.parametrize("number", [1, 2])
def test_an_older_journal_gets_an_honest_beginning(number, folder) -> None:
    folder.mkdir()
    shutil.copy(DATABASES / f"schema_{number:03d}.sqlite", folder / NAME)
    with open_journal(folder) as journal:
        last = journal.last()
        asyncio.run(commit(journal, [NumberedInput(64, Tick(Instant(T0, 1, 1)))]))
    with JournalReader(folder) as reader:
        begin, first = reader.ledger.leaves(0, 9)
        assert (begin.inputs, begin.events) == ((63, 0), (last.event, 0))
        assert first.follows(begin)
        assert reader.ledger.leaf_at("input", 63) is None
        assert reader.ledger.leaf_at("input", 64) == first


def test_sealed_blocks_give_back_the_same_bytes(folder) -> None:
    fill(folder)
    before = bytes_of(folder)
    with open_journal(folder) as journal:
        for sealed in seal(folder, T0 // WINDOW_NS + 1):  # the first window of two; one block lies in both
            assert asyncio.run(journal.put_sealed(sealed))
    assert bytes_of(folder) == before
    with open_journal(folder) as journal:
        for sealed in seal(folder, 1 << 40):
            assert asyncio.run(journal.put_sealed(sealed))
        assert not list(seal(folder, 1 << 40))
    assert bytes_of(folder) == before


def bytes_of(folder: Path) -> list[tuple[list[bytes], ...]]:
    with JournalReader(folder) as reader:
        blocks = list(reader.ledger.blocks(0, 1 << 40))
        assert all(block.wrong() == [] and not block.trouble for block in blocks)
        return [block.items() for block in blocks]


def test_readings_that_are_not_the_ledgers_are_not_sealed(folder) -> None:
    fill(folder)
    db = sqlite3.connect(folder / NAME)
    first_seq, pack = db.execute("SELECT first_seq, pack FROM hot LIMIT 1 OFFSET 9").fetchone()
    rows = unpack(pack)
    rows.raw[0, 0] ^= 1
    db.execute("UPDATE hot SET pack = ? WHERE first_seq = ?", (Packer().pack(rows), first_seq))
    db.commit()
    db.close()
    with pytest.raises(JournalCorrupt, match="not those of the ledger"):
        list(seal(folder, 1 << 40))


def test_an_event_of_a_large_block_is_proven_without_the_others(folder) -> None:
    told = [NumberedEvent(seq, 0, EVENTS[seq % len(EVENTS)]) for seq in range(1, 41)]
    with open_journal(folder) as journal:
        asyncio.run(commit(journal, [], told))
        head = journal.head()
    with JournalReader(folder) as reader:
        proofs = reader.ledger.prove_all("event", [1, 7, 40], 2)
    assert [proofs[seq].index for seq in (1, 7, 40)] == [0, 6, 39]
    for proof in proofs.values():
        leaf = leaf_of(proof.leaf)
        check_inclusion(proof.index, 40, leaf_hash(proof.record), proof.inner, leaf.roots[2])
        check_inclusion(1, 2, leaf_hash(proof.leaf), proof.path, head.root)
    with sqlite3.connect(folder / NAME) as db:
        db.execute("UPDATE events SET cause = 5 WHERE seq = 7")
        db.execute("UPDATE twigs SET events = zeroblob(length(events)) WHERE n = 9")
    with JournalReader(folder) as reader:
        assert [*reader.ledger.prove_all("event", [1, 7, 40], 2)] == [1, 40]  # what was changed is not proven
    with sqlite3.connect(folder / NAME) as db:
        db.execute("UPDATE twigs SET events = zeroblob(length(events))")
    with JournalReader(folder) as reader:
        assert [*reader.ledger.prove_all("event", [1, 40], 2)] == []  # nor by wrong hashes
