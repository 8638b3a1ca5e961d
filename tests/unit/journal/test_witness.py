"""The witness sees a fork, a rollback, a changed key and a record that is not the committed one; and tells it once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.clock import VirtualClock
from gateway.journal import Journal, JournalReader, Replica
from gateway.journal.signer import signer_of
from gateway.journal.verify import verify
from gateway.journal.witness import FORK, KEY, RECORD, ROLLBACK, SENTENCES, SIGNATURE
from gateway.model import NumberedEvent
from gateway.proof.checkpoint import signed
from gateway.proof.head import Head
from gateway.proof.leaf import Leaf, Span
from gateway.proof.note import SigningKey
from tests.unit.journal.plant import Dice, commit, open_journal
from tests.unit.journal.test_ledger import EVENTS, fill


class Box:
    """A gateway's journal, and what it would say about its ledger."""

    def __init__(self, folder: Path) -> None:
        fill(folder, 12)
        self.journal: Journal = open_journal(folder)
        self.signer = signer_of(self.journal, VirtualClock(), Dice(3))
        self.identity = self.journal.identity
        with JournalReader(folder) as reader:
            self.leaves = reader.ledger.leaves(0, 99)
            self.inputs, self.events = list(reader.inputs(1, 999)), list(reader.events(1, 999))

    def note(self, size: int | None = None, seed: int = 3) -> str:
        with JournalReader(self.journal.folder) as reader:
            head = reader.ledger.head(size or len(self.leaves))
        return signed(head, self.key(seed))

    def key(self, seed: int = 3) -> SigningKey:
        key = SigningKey.of_line((self.journal.folder / "ledger.key").read_text())
        return key if seed == 3 else SigningKey(key.public.name, bytes(31) + bytes([seed]))


@pytest.fixture
def box(tmp_path) -> Iterator[Box]:
    made = Box(tmp_path / "box")
    yield made
    made.journal.close()


@pytest.fixture
def replica(box, tmp_path) -> Iterator[Replica]:
    made = Replica.open(tmp_path / "replica", box.identity)
    yield made
    made.close()


def heard(replica: Replica, box: Box, note: str, time_ns: int = 1_000) -> list[str]:
    replica.witness.take_head(note, box.key().public.line(), time_ns, 5_000)
    return alarms(replica)


def alarms(replica: Replica) -> list[str]:
    kinds = [alarm.kind for alarm in replica.witness.news]
    replica.witness.news.clear()
    return kinds


def test_leaves_and_heads_in_any_order_are_kept(box, replica) -> None:
    assert heard(replica, box, box.note()) == []  # before its leaves
    for leaves in (box.leaves[7:], box.leaves[3:9], box.leaves[:5]):
        replica.witness.take_leaves(leaves, 1)
    assert (replica.witness.size, alarms(replica)) == (13, [])
    assert heard(replica, box, box.note(5), 900) == []  # an old one comes again: it is consistent
    replica.store(box.inputs, box.events)
    assert replica.check(7) == 12
    assert replica.check(7) == 0
    assert alarms(replica) == []
    with JournalReader(replica.folder) as reader:
        assert [head.size for head in reader.ledger.heads()] == [5, 13]
        verdict = verify(reader, reader.ledger.key())
    assert (verdict.findings, verdict.missing, verdict.head) == ([], 0, 13)


def test_what_has_not_come_yet_is_no_tampering(box, replica) -> None:
    replica.witness.take_leaves(box.leaves, 1)
    heard(replica, box, box.note())
    replica.store(box.inputs[:20] + box.inputs[25:], box.events[1:])
    assert 0 < replica.check(7) < 12
    with JournalReader(replica.folder) as reader:
        verdict = verify(reader, reader.ledger.key())
    assert (verdict.findings, verdict.missing) == ([], 6)


def test_a_restart_goes_on_where_it_was(box, tmp_path) -> None:
    with Replica.open(tmp_path / "replica", box.identity) as first:
        first.witness.take_leaves(box.leaves[:6], 1)
        heard(first, box, box.note(6))
    with Replica.open(tmp_path / "replica", box.identity) as again:
        assert again.witness.size == 6
        again.witness.take_leaves(box.leaves[6:], 1)
        assert heard(again, box, box.note(), 2_000) == []
        assert heard(again, box, box.note(6), 3_000) == [ROLLBACK]
        assert again.witness.last_alarm() == ROLLBACK


def test_what_was_checked_is_not_checked_again_after_a_restart(box, tmp_path) -> None:
    with Replica.open(tmp_path / "replica", box.identity) as first:
        first.witness.take_leaves(box.leaves, 1)
        first.store(box.inputs, box.events)
        assert first.check(7) == 12
    with Replica.open(tmp_path / "replica", box.identity) as again:
        assert (again.check(7), alarms(again)) == (0, [])


def another(box: Box, n: int) -> Leaf:
    leaf = box.leaves[n]
    return Leaf(n, leaf.inputs, leaf.events, (leaf.roots[0], leaf.roots[1], b"\x07" * 32))


def test_a_restart_before_leaves_that_are_still_on_their_way(box, tmp_path) -> None:
    """A worker that was killed then could never open its replica again."""
    for last in (13, 9):
        with Replica.open(tmp_path / "replica", box.identity) as first:
            first.witness.take_leaves(box.leaves[last - 2 : last], 1)
    with Replica.open(tmp_path / "replica", box.identity) as again:
        assert again.witness.size == 0
        again.witness.take_leaves(box.leaves, 2)
        assert again.witness.size == 13
        assert heard(again, box, box.note()) == []


def test_a_fork_is_told(box, replica) -> None:
    replica.witness.take_leaves(box.leaves, 1)
    heard(replica, box, box.note())
    replica.witness.take_leaves([another(box, 4)], 2)
    assert alarms(replica) == [FORK]
    replica.witness.take_leaves([another(box, 4)], 3)
    assert alarms(replica) == []  # once
    other = signed(Head(box.key().public.name, 9, b"\x01" * 32), box.key())
    assert heard(replica, box, other) == [FORK]
    with JournalReader(replica.folder) as reader:
        told = reader.ledger.alarms()
        assert [(alarm.kind, alarm.note == other) for alarm in told] == [(FORK, False), (FORK, True)]
        assert reader.ledger.leaves(4, 5) == [box.leaves[4]]
        assert "the witness found: fork" in verify(reader, reader.ledger.key()).findings[0]
    assert FORK in SENTENCES


def test_a_head_over_leaves_that_never_were_is_told(box, replica) -> None:
    """A forked head comes before its leaves: when those come that were witnessed, it does not fit."""
    forked = signed(Head(box.key().public.name, 13, b"\x01" * 32), box.key())
    assert heard(replica, box, forked) == []
    replica.witness.take_leaves(box.leaves, 1)
    assert alarms(replica) == [FORK]


def test_a_rollback_is_told(box, replica) -> None:
    replica.witness.take_leaves(box.leaves, 1)
    heard(replica, box, box.note(), 1_000)
    assert heard(replica, box, box.note(10), 1_000) == []  # the same, again
    assert heard(replica, box, box.note(10), 1_001) == [ROLLBACK]


def test_another_key_and_a_bad_signature_are_told(box, replica) -> None:
    replica.witness.take_leaves(box.leaves, 1)
    heard(replica, box, box.note())
    other = box.key(9)
    replica.witness.take_head(box.note(seed=9), other.public.line(), 2_000, 1)
    assert alarms(replica) == [KEY, SIGNATURE]
    assert heard(replica, box, box.note().replace("\n13\n", "\n12\n")) == [SIGNATURE]
    assert heard(replica, box, "no note") == [SIGNATURE]
    replica.witness.take_head(box.note(), "no key", 3_000, 1)
    assert alarms(replica) == [SIGNATURE]


def test_the_first_key_must_be_of_this_ledger(box, replica) -> None:
    foreign = SigningKey("elsewhere", bytes(32))
    note = signed(Head("elsewhere", 1, bytes(32)), foreign)
    replica.witness.take_head(note, foreign.public.line(), 1, 1)
    assert alarms(replica) == [KEY]


def test_a_record_that_is_not_the_committed_one_is_told(box, replica) -> None:
    replica.witness.take_leaves(box.leaves, 1)
    wrong = NumberedEvent(
        3, box.events[2].cause, EVENTS[(EVENTS.index(box.events[2].event) + 1) % len(EVENTS)]
    )
    replica.store(box.inputs, [*box.events[:2], wrong, *box.events[3:]])
    replica.check(7)
    assert alarms(replica) == [RECORD]


def test_a_transaction_that_fails_leaves_the_witness_as_it_was(box, replica) -> None:
    replica.witness.take_leaves(box.leaves[:4], 1)
    broken = Leaf(4, Span(2**70, 1), Span(0, 0))
    with pytest.raises(OverflowError):
        replica.witness.take_leaves([*box.leaves[6:8], broken], 1)
    assert replica.witness.size == 4
    replica.witness.take_leaves(box.leaves[4:], 1)
    assert replica.witness.size == 13


def test_a_head_that_could_not_be_kept_is_as_if_it_had_not_come(box, replica) -> None:
    replica.witness.take_leaves(box.leaves, 1)
    with pytest.raises(OverflowError):
        replica.witness.take_head(box.note(), box.key().public.line(), 2**70, 1)
    assert heard(replica, box, box.note()) == []
    with JournalReader(replica.folder) as reader:
        assert [(head.size, head.time_ns) for head in reader.ledger.heads()] == [(13, 1_000)]
        assert reader.ledger.key() == box.key().public


def test_the_box_signs_only_what_is_on_the_disk_and_new(box) -> None:
    box.signer.sign()
    first = box.signer.note
    box.signer.sign()
    assert (box.signer.note, box.signer.size) == (first, 13)
    last = box.journal.last()
    asyncio.run(commit(box.journal, [], [NumberedEvent(last.event + 1, 0, EVENTS[0])]))
    box.signer.sign()
    assert box.signer.size == 14
    assert [leaf.n for leaf in asyncio.run(box.signer.leaves(13, 99))] == [13]


def test_only_a_later_head_of_fewer_leaves_is_a_rollback(box, replica) -> None:
    replica.witness.take_leaves(box.leaves, 1)
    story = [(10, 1_000), (9, 999), (9, 1_000), (10, 1_001), (9, 1_001), (11, 5), (10, 1_001)]
    for size, time_ns in story:
        assert heard(replica, box, box.note(size), time_ns) == [], (size, time_ns)
    assert replica.witness.last_alarm() == ""
    assert heard(replica, box, box.note(10), 1_002) == [ROLLBACK]
    assert heard(replica, box, box.note(10), 1_002) == [], "once"
    assert replica.witness.last_alarm() == ROLLBACK


def test_the_largest_head_and_its_time_are_known_after_a_restart(box, tmp_path) -> None:
    """A smaller head of before it is only late; one of after it is a rollback."""
    with Replica.open(tmp_path / "replica", box.identity) as first:
        first.witness.take_leaves(box.leaves, 1)
        assert heard(first, box, box.note(6), 1_000) == []
        assert heard(first, box, box.note(), 2_000) == []
    with Replica.open(tmp_path / "replica", box.identity) as again:
        assert heard(again, box, box.note(9), 2_000) == []
        assert heard(again, box, box.note(9), 2_001) == [ROLLBACK]
