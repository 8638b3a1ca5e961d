"""Acts on the box: judged, entered once, refused as an entry, or forged and no entry at all."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace

from gateway.acts import DONE, REFUSED, REFUSED_ENTRY, Judge
from gateway.clock import VirtualClock
from gateway.door.remote import FORGED_NS, TOLD_MOST, TOLD_NS, WAITING_MOST, Remote
from gateway.fold import Fold
from gateway.journal import Journal
from gateway.model import Block, Entry, Input, Instant, Noted, NumberedInput
from gateway.pipeline import Pipeline
from tests.unit.acts.test_acts import ACT, FORGED, NORTH, OTHER, USERS, payload
from tests.unit.publish.test_mqtt import Dice
from tests.unit.wire import samples


class Box:
    """A box whose recorder is a list, and whose journal is a set of ids."""

    def __init__(self) -> None:
        self.clock = VirtualClock(ACT.made_ns)
        self.taken: list[Entry] = []
        self.noted: list[Noted] = []
        self.kept: set[str] = set()
        self.begin()

    def begin(self) -> None:
        self.remote = Remote(Judge(NORTH, USERS), self.clock, self, self._acted)

    async def _acted(self, act: str) -> bool:
        return act in self.kept

    def take(self, given: Input) -> None:
        assert isinstance(given, Entry)
        self.taken.append(given)

    def note(self, event: Noted) -> None:
        self.noted.append(event)

    async def come(self, *payloads: bytes) -> None:
        for each in payloads:
            self.remote.hear(each)
        await self.clock.advance(FORGED_NS * (len(payloads) + 1) / 1e9)


@contextlib.asynccontextmanager
async def running(box: Box) -> AsyncIterator[Box]:
    task = asyncio.create_task(box.remote.run())
    yield box
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_an_act_becomes_the_entry_that_it_asks_for():
    async with running(Box()) as box:
        await box.come(payload())
        [entry] = box.taken
        assert (entry.kind, entry.operator) == ("acknowledge", "17")
        assert entry.body == {"alarm": "a-1", "cause": "heater", "act": ACT.id}
        assert not box.noted


async def test_a_hundred_forged_and_replayed_ones_are_no_entry():
    async with running(Box()) as box:
        await box.come(payload())
        box.kept.add(ACT.id)
        forged = list(FORGED.values())
        for place in range(100):
            await box.come(payload() if place % 2 else forged[place % len(forged)])
        assert len(box.taken) == 1
        assert TOLD_MOST <= len(box.noted) <= TOLD_MOST + 2, "and not a row for each"
        assert {each.kind for each in box.noted} == {REFUSED}


async def test_a_replay_is_known_before_its_commit_after_it_and_by_the_next_run():
    box = Box()
    async with running(box):
        await box.come(payload(), payload())
        box.kept.add(ACT.id)
        await box.come(payload())
    box.begin()
    async with running(box):
        await box.come(payload())
    assert len(box.taken) == 1


async def test_what_a_known_user_may_not_do_is_an_entry_that_says_so():
    cases = {
        "operator 17 may not hold": replace(ACT, id="01" * 16, kind="hold", body={"lot": "R", "reason": "x"}),
        "for another journal": replace(ACT, id="02" * 16, identity=replace(NORTH, epoch="older")),
        "acknowledge needs alarm": replace(ACT, id="03" * 16, body={}),
        "acknowledge has no boss": replace(ACT, id="04" * 16, body={"alarm": "a", "boss": "1"}),
        "stale": replace(ACT, id="05" * 16, made_ns=ACT.made_ns - 10**12, expires_ns=ACT.made_ns - 1),
    }
    async with running(Box()) as box:
        await box.come(*(payload(each) for each in cases.values()))
        assert [entry.kind for entry in box.taken] == [REFUSED_ENTRY] * len(cases)
        for entry, (words, act) in zip(box.taken, cases.items(), strict=True):
            assert words in str(entry.body["reason"])
            assert (entry.operator, entry.body["act"], entry.body["kind"]) == ("17", act.id, act.kind)
        await box.come(*(payload(each) for each in cases.values()))
        assert len(box.taken) == len(cases), "once"


async def test_a_flood_costs_a_bounded_number_of_rows_and_says_how_many_there_were():
    async with running(Box()) as box:
        for _ in range(10):
            await box.come(*[b"x"] * (WAITING_MOST + 20))
        assert len(box.noted) == TOLD_MOST
        await box.clock.advance(TOLD_NS / 1e9)
        await box.come(b"y")
        counted = sum(int(str(each.facts.get("more", 0))) for each in box.noted)
        assert counted + len(box.noted) == 10 * (WAITING_MOST + 20) + 1
        await box.come(payload())
        assert len(box.taken) == 1, "and those who are known are heard again"


async def test_a_forged_one_says_what_it_claims_to_be():
    async with running(Box()) as box:
        await box.come(payload(ACT, OTHER), b"{")
        first, second = box.noted
        assert first.facts == {
            "reason": "bad signature", "act": ACT.id, "entry": "acknowledge", "operator": "17",
        }  # fmt: skip
        assert second.facts == {"reason": "not an act: not JSON"}


async def test_the_journal_knows_an_act_for_ever(tmp_path):
    clock = VirtualClock()
    journal = await asyncio.to_thread(
        Journal.open, tmp_path / "journal", site="north", gateway="box1", clock=clock, entropy=Dice()
    )
    try:
        assert not await journal.acted(ACT.id)
        given = [
            Entry("hold", Instant(1, 1, 1), "17", {"lot": "R", "reason": "x"}),
            Entry("hold", Instant(2, 2, 1), "17", {"lot": "S", "reason": "x", "act": ACT.id}),
        ]
        await journal.commit(Block(tuple(NumberedInput(seq, each) for seq, each in enumerate(given, 1)), ()))
        assert await journal.acted(ACT.id)
        assert not await journal.acted("00" * 16)
        plan = journal._read_db.execute(  # noqa: SLF001 # that it is found by its index, however long the journal is
            "EXPLAIN QUERY PLAN SELECT 1 FROM inputs WHERE kind = 'Entry' AND "
            "json_extract(body, '$.body.act') IS NOT NULL AND json_extract(body, '$.body.act') = 'x'"
        ).fetchall()
        assert "inputs_act" in str(plan)
    finally:
        await asyncio.to_thread(journal.close)


def test_the_fold_keeps_a_refusal_and_does_what_is_allowed():
    fold = Fold(Pipeline(samples.site()))
    at = Instant(samples.T0, 5, 1)
    before = fold.state
    step = fold.take(Entry(REFUSED_ENTRY, at, "17", {"act": ACT.id, "kind": "hold", "reason": "stale"}))
    assert step.record is not None
    assert step.urgent
    assert step.state.alarms is before.alarms
    assert [event.kind for event in step.events if isinstance(event, Noted)] == [REFUSED]
    step = fold.take(Entry("hold", at, "17", {"lot": "R-7", "reason": "melt flow", "act": ACT.id}))
    assert [event.kind for event in step.events if isinstance(event, Noted)] == ["lot_held", DONE]
    gone = fold.take(Entry("acknowledge", at, "17", {"alarm": "none", "act": ACT.id})).events[-1]
    assert isinstance(gone, Noted)
    assert (gone.kind, gone.facts["reason"]) == (REFUSED, "no such open alarm")
