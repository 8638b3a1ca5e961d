"""Leaves behind their records, one message at a time; then the checkpoint; again from where the witness is."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from gateway.clock import VirtualClock
from gateway.ports import Watermark
from gateway.proof.leaf import Leaf, Span
from gateway.publish.ledgertail import CURSOR, FIRST_NS, LEAVES, LOST_NS, TURN_NS, Leaves, LedgerTail
from gateway.publish.link import NO_SUBSCRIBERS
from gateway.wire import Stored, parse_checkpoint, parse_leaves
from tests.unit.publish.history import FakeHistory
from tests.unit.wire import samples


class FakeLedger:
    """A ledger of so many leaves."""

    public = "name+id+key"

    def __init__(self, size: int) -> None:
        self.all = [
            Leaf(n, Span(n, 1 if n else 0), Span(0, 0), (b"\x05" * 32 if n else b"", b"", b""))
            for n in range(size)
        ]

    @property
    def size(self) -> int:
        return len(self.all)

    @property
    def note(self) -> str:
        return f"checkpoint of {self.size}"

    async def leaves(self, first: int, end: int) -> Sequence[Leaf]:
        return self.all[first:end]


class FakeLink:
    """Answers each publish with the code of its script, or 0."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, bytes, bool]] = []
        self.codes: list[int] = []

    def publish(self, topic: str, payload: bytes, *, retain: bool) -> asyncio.Future[int]:
        self.sent.append((topic.rsplit("/", 1)[1], payload, retain))
        answer = asyncio.get_running_loop().create_future()
        answer.set_result(self.codes.pop(0) if self.codes else 0)
        return answer

    def spans(self) -> list[tuple[int, int]]:
        """First leaf and how many, of each message of leaves."""
        found = [parse_leaves(payload)[1] for kind, payload, _ in self.sent if kind == "leaf"]
        return [(leaves[0].n, len(leaves)) for leaves in found]


def said(leaves: int) -> Stored:
    return Stored(samples.IDENTITY, Watermark(), Watermark(), {}, None, leaves)


class Stage:
    def __init__(self, size: int) -> None:
        self.history, self.link, self.clock = FakeHistory(), FakeLink(), VirtualClock()
        self.ledger, self.at = FakeLedger(size), Leaves(self.history)
        self.tail = LedgerTail(self.link, self.ledger, self.at, self.clock)  # type: ignore[arg-type]

    async def turn(self, seconds: float = 2.0) -> None:
        await self.at.load()
        task = asyncio.create_task(self.tail.run())
        await self.clock.advance(seconds)
        task.cancel()


def test_leaves_go_in_messages_then_the_checkpoint() -> None:
    here = Stage(2 * LEAVES + 3)
    asyncio.run(here.turn())
    assert here.link.spans() == [(0, LEAVES), (LEAVES, LEAVES), (2 * LEAVES, 3)]
    kind, payload, retain = here.link.sent[-1]
    told = parse_checkpoint(payload)
    assert (kind, retain, told.note, told.key) == ("checkpoint", True, here.ledger.note, "name+id+key")
    assert (here.at.taken, here.at.said) == (here.ledger.size, here.ledger.size)
    assert asyncio.run(here.history.cursor(CURSOR)) == Watermark(input=here.ledger.size)


def test_a_restart_goes_on_from_the_cursor_and_believes_the_witness() -> None:
    here = Stage(20)
    asyncio.run(here.turn())
    again = Stage(30)
    again.history.cursors = here.history.cursors
    asyncio.run(again.turn())
    assert again.link.spans() == [(20, 10)]
    fresh = Stage(30)
    fresh.history.cursors = here.history.cursors
    asyncio.run(fresh.at.load())
    fresh.tail.stored(said(4))  # he lost some, or is new
    assert fresh.at.taken == 4
    fresh.tail.stored(said(25))
    assert fresh.at.taken == 25


def test_what_the_witness_lacks_after_long_is_sent_again() -> None:
    here = Stage(20)
    asyncio.run(here.turn())
    here.tail.stored(said(20))
    here.tail.stored(said(7))
    assert here.at.taken == 20
    asyncio.run(here.clock.advance(LOST_NS / 1e9 + 1))
    here.tail.stored(said(7))
    assert here.at.taken == 7
    here.tail.stored(Stored(samples.IDENTITY, Watermark(), Watermark(), {}))  # one who keeps no ledger
    assert here.at.taken == 7


@pytest.mark.parametrize(("codes", "taken"), [([0x87], 0), ([NO_SUBSCRIBERS], 5)])
def test_a_refusal_waits_and_nobody_there_is_taken(codes: list[int], taken: int) -> None:
    here = Stage(5)
    here.link.codes = codes
    asyncio.run(here.turn())
    assert here.at.taken == taken


def test_at_the_end_nothing_waits_for_its_turn() -> None:
    here = Stage(5)

    async def ends() -> None:
        task = asyncio.create_task(here.tail.run())
        await here.clock.advance(FIRST_NS / 1e9)
        here.ledger.all += FakeLedger(7).all[5:]
        await here.clock.advance(TURN_NS / 2e9)
        assert here.link.spans() == [(0, 5)]
        here.at.hurry()
        await here.clock.advance(0)
        task.cancel()

    asyncio.run(ends())
    assert here.link.spans() == [(0, 5), (5, 2)]
    assert here.at.said == 7
