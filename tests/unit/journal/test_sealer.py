"""The sealer, its helper's work done here: what it commits, what it counts, what it says when something is wrong."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import NamedTuple, cast

import orjson
import pytest

from gateway.clock import VirtualClock
from gateway.journal import Journal, JournalError, JournalReader
from gateway.journal.helper import answers
from gateway.journal.pack import WINDOW_NS
from gateway.journal.quota import Quota
from gateway.journal.seal import Sealer
from gateway.journal.thinning import Thinned
from gateway.model import Noted, NumberedInput
from tests.unit.journal.plant import T0, Plant, commit, config, make_site, same

DAY_NS = 86_400_000_000_000


def filled(journal: Journal) -> list[NumberedInput]:
    """25 minutes, a reading every 25 s: two windows that are whole, one that is not."""
    inputs = [NumberedInput(1, config(make_site(), "h1")), *Plant().readings(2, 60, step_s=25)]
    asyncio.run(commit(journal, inputs))
    return inputs


def seal(sealer: Sealer, before_ns: int) -> int:
    return asyncio.run(sealer.seal(before_ns))


def stored(journal: Journal) -> list[NumberedInput]:
    return asyncio.run(journal.inputs(1, 99))


def test_windows_that_are_closed_are_sealed_once(journal, folder) -> None:
    inputs = filled(journal)
    sealer = Sealer(journal, VirtualClock(T0), work=answers)
    assert seal(sealer, T0 + WINDOW_NS - 1) == 0
    assert seal(sealer, T0 + 2 * WINDOW_NS) == 2
    assert seal(sealer, T0 + 2 * WINDOW_NS) == 0
    assert (sealer.sealed, sealer.merged, sealer.damaged) == (2, 0, "")
    assert same(stored(journal), inputs)
    with JournalReader(folder) as reader:
        assert same(list(reader.inputs(1, 99)), inputs)


def test_chunks_of_a_day_that_is_over_are_merged(journal) -> None:
    inputs = filled(journal)
    sealer = Sealer(journal, VirtualClock(T0), work=answers)
    assert seal(sealer, T0 + 3 * WINDOW_NS) == 3
    late = Plant(3).readings(len(inputs) + 1, 5, T0 + DAY_NS)
    asyncio.run(commit(journal, late))
    assert seal(sealer, T0 + 2 * DAY_NS) == 1
    assert (sealer.sealed, sealer.merged) == (4, 1)
    assert same(stored(journal), [*inputs, *late])


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"Killed\n", "says what no helper says"),
        (b'{"error": "no room"}\n', "the helper process says: no room"),
    ],
)
def test_a_helper_that_cannot_costs_nothing(journal, line, said) -> None:
    inputs = filled(journal)
    with pytest.raises(JournalError, match=said):
        seal(Sealer(journal, VirtualClock(T0), work=lambda _: [line]), T0 + 2 * WINDOW_NS)
    assert same(stored(journal), inputs)


class Rounds(VirtualClock):
    """Tells when the sealer has ended a round and sleeps."""

    def __init__(self, wall_ns: int) -> None:
        super().__init__(wall_ns)
        self._asleep = asyncio.Event()

    async def sleep_until(self, boottime_ns: int) -> None:
        self._asleep.set()
        await super().sleep_until(boottime_ns)

    async def ended(self) -> None:
        async with asyncio.timeout(60):
            await self._asleep.wait()
        self._asleep.clear()

    async def next(self) -> None:
        """A minute later: the next round, to its end."""
        await self.advance(60)
        await self.ended()


@contextlib.asynccontextmanager
async def running(sealer: Sealer) -> AsyncIterator[None]:
    task = asyncio.create_task(sealer.run())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def test_a_round_a_minute_seals_what_is_over_for_a_minute(journal) -> None:
    filled(journal)

    async def story() -> None:
        clock = Rounds(T0 + WINDOW_NS)
        sealer = Sealer(journal, clock, work=answers)
        async with running(sealer):
            await clock.ended()
            assert sealer.sealed == 0
            await clock.next()
            assert (sealer.sealed, sealer.trouble) == (1, "")

    asyncio.run(story())


def test_a_round_that_fails_is_told_until_one_goes_well(journal) -> None:
    filled(journal)
    rounds = iter([b'{"error": "no room"}\n', b'{"damaged": "one chunk"}\n'])

    async def story() -> None:
        clock = Rounds(T0 + DAY_NS)
        sealer = Sealer(journal, clock, work=lambda _: [next(rounds)])
        async with running(sealer):
            await clock.ended()
            assert sealer.trouble == "the helper process says: no room"
            await clock.next()
            assert (sealer.trouble, sealer.damaged) == ("", "one chunk")

    asyncio.run(story())


class Beyond(NamedTuple):
    """A quota, and by how much the folder is beyond it."""

    over: int
    told: Callable[[Noted], None]

    def beyond(self) -> int:
        return self.over


class Hours:
    """A journal whose readings go in steps of some bytes."""

    def __init__(self, *steps: int) -> None:
        self.asked: list[int] = []
        self._steps = [Thinned(n, n, T0 + n, T0 + n + 1, 10, size) for n, size in enumerate(steps, 1)]

    async def thin(self, wanted: int, now_ns: int, *, held: int | None) -> Thinned | None:
        assert (now_ns, held) == (T0, None)
        self.asked.append(wanted)
        return self._steps.pop(0) if self._steps else None


@pytest.mark.parametrize(
    ("over", "steps", "asked", "went"),
    [
        (100, (60, 40, 9), [100, 40], Thinned(1, 2, T0 + 1, T0 + 3, 20, 100)),
        (100, (60, 39, 9), [100, 40, 1], Thinned(1, 3, T0 + 1, T0 + 4, 30, 108)),
        (100, (60,), [100, 40], Thinned(1, 1, T0 + 1, T0 + 2, 10, 60)),
        (100, (), [100], None),
        (0, (60,), [], None),
    ],
)
def test_it_thins_step_by_step_until_what_is_beyond_the_quota_has_gone(over, steps, asked, went) -> None:
    told, journal = list[Noted](), Hours(*steps)
    quota = cast("Quota", Beyond(over, told.append))
    sealer = Sealer(cast("Journal", journal), VirtualClock(T0), quota=quota)
    assert asyncio.run(sealer.thin()) == went
    assert journal.asked == asked
    assert [each.kind for each in told] == ([] if not over else ["thinned"] if went else ["quota_stuck"])
    if went:
        assert (told[0].facts["readings"], told[0].facts["bytes"]) == (went.readings, went.bytes)


def test_the_helper_knows_one_work(tmp_path: Path) -> None:
    request = orjson.dumps({"do": "bake", "folder": str(tmp_path), "before": 1})
    assert [orjson.loads(line) for line in answers(request)] == [{"error": "no such work: 'bake'"}]
