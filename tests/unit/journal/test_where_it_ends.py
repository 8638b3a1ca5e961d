"""Where a journal ends and when that was, whatever its newest record is: a reading, a tick, or nothing at all."""

from __future__ import annotations

import asyncio

import pytest

from gateway.journal import JournalReader
from gateway.journal.pack import SPAN_BITS
from gateway.journal.sealing import seal
from gateway.model import Instant, NumberedEvent, NumberedInput, Tick
from gateway.ports import Watermark
from tests.unit.journal.plant import T0, Plant, commit, open_journal
from tests.unit.journal.test_ledger import EVENTS


def tick(seq: int) -> NumberedInput:
    return NumberedInput(seq, Tick(Instant(T0 + seq, seq, 3)))


READINGS = Plant().readings(1, 6)
SPAN = 1 << SPAN_BITS
CASES = {
    "nothing": [],
    "readings": READINGS,
    "a tick after readings": [*READINGS, tick(7)],
    "readings after a tick": [tick(1), *Plant().readings(2, 6)],
    "readings across the edge of a span": Plant().readings(SPAN - 3, 6),
    "a tick at the edge of a span": [*Plant().readings(SPAN - 3, 3), tick(SPAN)],
}


@pytest.mark.parametrize("given", CASES.values(), ids=CASES.keys())
def test_it_ends_with_its_newest_record_and_at_the_time_of_it(given, folder) -> None:
    with open_journal(folder) as journal:
        if given and given[0].seq > 1:  # numbers are dense: as if so many had gone before
            journal._last = Watermark(given[0].seq - 1, 0)  # noqa: SLF001
        asyncio.run(commit(journal, given))
    with open_journal(folder) as journal:
        newest = given[-1] if given else None
        assert journal.last() == Watermark(newest.seq if newest else 0, 0)
        assert journal.recover().last_instant == (newest.input.at if newest else None)


def test_sealing_moves_no_end(folder) -> None:
    with open_journal(folder) as journal:
        asyncio.run(commit(journal, READINGS, [NumberedEvent(1, 0, EVENTS[0])]))
        for sealed in list(seal(folder, 1 << 40)):
            asyncio.run(journal.put_sealed(sealed))
        asyncio.run(commit(journal, [tick(7)]))
    with open_journal(folder) as journal, JournalReader(folder) as reader:
        assert journal.last() == reader.last() == Watermark(7, 1)
        assert journal.recover().last_instant == tick(7).input.at
