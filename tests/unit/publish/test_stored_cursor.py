"""What the ingest worker says to hold outlasts the run, for retention goes by it; also when that became less."""

from __future__ import annotations

from gateway.journal.retention import STORED
from gateway.ports import Watermark
from gateway.publish.books import Books
from gateway.wire import Stored
from tests.unit.publish.history import FakeHistory
from tests.unit.wire import samples


async def books(history: FakeHistory) -> Books:
    made = Books(history, samples.site())
    await made.load()
    return made


async def test_the_watermark_is_kept() -> None:
    history = FakeHistory()
    history.readings(1, 100)
    made = await books(history)
    made.stored(Stored(samples.IDENTITY, Watermark(40), Watermark(100), {}))
    await made.save()
    assert history.cursors[STORED] == Watermark(40)


async def test_a_run_that_heard_nothing_leaves_it_alone() -> None:
    history = FakeHistory()
    history.cursors[STORED] = Watermark(40)
    await (await books(history)).save()
    assert history.cursors[STORED] == Watermark(40)


async def test_a_worker_that_lost_its_replica_takes_it_back() -> None:
    history = FakeHistory()
    history.readings(1, 100)
    history.cursors[STORED] = Watermark(40)
    made = await books(history)
    made.stored(Stored(samples.IDENTITY, Watermark(), Watermark(), {}))
    await made.save()
    assert history.cursors[STORED] == Watermark()
