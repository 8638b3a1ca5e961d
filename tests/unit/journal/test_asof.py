"""What was known at a time: by the journal's order, however readings lie in packs and chunks, and scans come late."""

from __future__ import annotations

import asyncio

import pytest

from gateway.journal import JournalReader
from gateway.journal.sealing import seal
from gateway.model import Instant, LotMade, NumberedEvent, NumberedInput, Reading, Scan, Tick
from tests.unit.journal.genealogy import shop
from tests.unit.journal.plant import T0, Plant, commit, config, make_site

S = 1_000_000_000
BATCH = next(each.event for each in shop().events if isinstance(each.event, LotMade))


def at(seconds: int) -> Instant:
    return Instant(T0 + seconds * S, seconds * S, 1)


def reading(plant: Plant, seq: int, seconds: int) -> NumberedInput:
    made: Reading = plant.reading(T0 + seconds * S)
    return NumberedInput(seq, made)


def made(seq: int, cause: int, seconds: int) -> NumberedEvent:
    event = LotMade(T0 + seconds * S, f"B{seq}", "batch", BATCH.cell, 1.0, 0.0, (), BATCH.composition)
    return NumberedEvent(seq, cause, event)


@pytest.fixture(params=["hot", "sealed"])
def reader(request, journal, folder):
    """Inputs 2 to 41 are readings at 10 to 400 s but for ticks 12 (110 s), 22 (210 s) and a scan; each closed a lot.

    Input 32 is a scan of 50 s that came behind the reading of 300 s; input 42 a tick at 700 s.
    """
    plant = Plant()
    inputs = [NumberedInput(1, config(make_site(), "h1"))]
    for seq in range(2, 42):
        seconds = (seq - 1) * 10
        inputs.append(
            NumberedInput(seq, Tick(at(seconds)))
            if seq in {12, 22}
            else NumberedInput(seq, Scan("gate", at(50), "L1"))
            if seq == 32
            else reading(plant, seq, seconds)
        )
    inputs.append(NumberedInput(42, Tick(at(700))))
    events = [made(seq - 1, seq, (seq - 1) * 10) for seq in range(2, 43)]
    asyncio.run(commit(journal, inputs, events))
    if request.param == "sealed":
        for sealed in list(seal(folder, T0 // 600_000_000_000 + 1)):
            asyncio.run(journal.put_sealed(sealed))
    with JournalReader(folder) as opened:
        yield opened


def test_the_last_input_up_to_a_time_and_all_before_it(reader) -> None:
    for seconds, cause in (
        (-1, 1),  # nothing but the config was there
        (9, 1),
        (10, 2),
        (19, 2),
        (105, 11),  # between two readings of one pack
        (110, 12),
        (219, 22),
        (299, 30),
        (300, 32),  # the reading of 300 s, and the scan behind it, which is of before
        (400, 41),
        (699, 41),
        (700, 42),
        (10_000, 42),
    ):
        assert reader.made_upto(T0 + seconds * S) == cause - 1, seconds


def test_lots_that_were_imported_count_from_their_own_time(journal, folder) -> None:
    """No input caused them; one that came behind a lot of a later input counts with that one."""
    ticks = [NumberedInput(1, Tick(at(10))), NumberedInput(2, Tick(at(20)))]
    events = [made(1, 0, 5), made(2, 1, 10), made(3, 0, 15), made(4, 2, 20), made(5, 0, 1)]
    asyncio.run(commit(journal, ticks, events))
    with JournalReader(folder) as reader:
        found = [reader.made_upto(T0 + seconds * S) for seconds in (4, 5, 9, 10, 14, 15, 19, 20)]
    assert found == [0, 1, 1, 2, 2, 3, 3, 5]
