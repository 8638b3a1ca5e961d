"""Chunks are merged into larger ones and keep every bit; cut short anywhere, nothing is lost; readers see no seam."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gateway.journal import Journal, JournalReader, Replica
from gateway.journal.chunkfile import ChunkFiles, ChunkMoved, file_of
from gateway.journal.database import open_for_reading
from gateway.journal.errors import JournalCorrupt
from gateway.journal.merging import MOST_ROWS, Merged, due, merge
from gateway.journal.pack import WINDOW_NS
from gateway.journal.sealing import ChunkRow, seal
from gateway.journal.summary import mark_of
from gateway.journal.verifyrows import rows_wrong
from gateway.layout import Field
from gateway.model import ClockRow, Instant, NumberedInput, Setting
from gateway.plain import to_plain
from tests.unit.journal.plant import (
    HOUR_NS,
    T0,
    Plant,
    commit,
    config,
    make_group,
    make_site,
    open_journal,
    readings_in,
    same,
)

W0 = T0 // WINDOW_NS
LATE = W0 + 1_000
PLACES = "SELECT month, start, length FROM chunks"
TAG = "hall/line1/press1/level"


def fill(journal, hours: int = 3, step_s: int = 60) -> list[NumberedInput]:
    plant = Plant(1)
    count = hours * 3_600 // step_s
    everything = [NumberedInput(1, config(make_site(plant.group), "h1"))]
    everything += plant.readings(2, count, step_s=step_s)
    for start in range(0, len(everything), 100):
        put(journal, everything[start : start + 100])
    return everything


def put(journal, inputs) -> None:
    asyncio.run(commit(journal, inputs))


def inputs(journal, first: int = 1, last: int = 9_999) -> list[NumberedInput]:
    return asyncio.run(journal.inputs(first, last))


def sealed(journal, before: int = LATE) -> int:
    return sum(asyncio.run(journal.put_sealed(each)) for each in list(seal(journal.folder, before)))


def merged(journal, before: int = LATE) -> int:
    found = [each for each in merge(journal.folder, before) if each.gone]
    return sum(asyncio.run(journal.put_merged(each)) for each in found)


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> tuple[Path, list[NumberedInput]]:
    """A journal of three hours, sealed, and what was put in: made once, for packing takes as long as a whole test."""
    folder = tmp_path_factory.mktemp("merging") / "data"
    with open_journal(folder) as journal:
        everything = fill(journal)
        assert sealed(journal) == 18
    return folder, everything


@pytest.fixture
def three_hours(made, folder) -> Iterator[tuple[Journal, list[NumberedInput]]]:
    """The same, of the test's own."""
    shutil.copytree(made[0], folder)
    with open_journal(folder) as journal:
        yield journal, made[1]


def rows_at(*bins: int, count: int = 600, points: int = 20) -> list[ChunkRow]:
    return [ChunkRow(1, n, n * 9, n * 9 + 8, count, points, 0, 0, "2027-01-15-1", 0, 0) for n in bins]


def test_how_much_is_merged_goes_by_rows_and_values() -> None:
    day = rows_at(*range(144))
    assert [len(each) for each in due(day, 144)] == [6] * 24, "600 rows of 20 points: an hour"
    assert [len(each) for each in due(rows_at(*range(144), count=60), 144)] == [144], "60: a day"
    assert [len(each) for each in due(rows_at(*range(144), points=125), 144)] == [3] * 48, (
        "wide ones: half of one"
    )
    assert [len(each) for each in due(rows_at(0, 1, count=MOST_ROWS), 144)] == [1, 1], "only moved"
    assert due([], 144) == []


def test_what_is_not_over_waits() -> None:
    day = rows_at(*range(12))
    assert [len(each) for each in due(day, 11)] == [6]
    assert due(day, 5) == []
    assert [each[0].bin for each in due(day, 12, waiting={3})] == [6], "one that is not sealed yet"


def test_inputs_are_the_same_before_and_after(three_hours) -> None:
    journal, everything = three_hours
    assert merged(journal, W0 + 6) == 0, "a reading a minute: a day is one, and it is not over"
    assert merged(journal) == 1
    assert same(inputs(journal), everything)
    assert same(inputs(journal, 100, 177), everything[99:177])
    assert merged(journal) == 0
    assert not list(rows_wrong(journal.folder))


def test_the_file_of_a_day_goes_when_all_of_it_is_merged(three_hours) -> None:
    journal, everything = three_hours
    [day] = journal.folder.glob("readings-2027-01-15-*.chunks")
    merged(journal)
    assert day.exists(), "readers may be about to read it"
    merged(journal)
    [told] = [each for each in merge(journal.folder, LATE) if each.empty]
    asyncio.run(journal.put_merged(told))
    assert not day.exists()
    assert same(inputs(journal), everything)


def test_what_comes_late_is_merged_apart(three_hours) -> None:
    journal, everything = three_hours
    merged(journal)
    late = Plant(4).readings(len(everything) + 1, 20, T0 + HOUR_NS)
    put(journal, late)
    assert sealed(journal) == 1
    assert merged(journal) == 1
    assert same(inputs(journal), everything + late)
    with JournalReader(journal.folder) as reader:
        times = reader.readings(TAG, 0, 2**62).time_ns
    expected = [given.at.time_ns for given in readings_in(everything + late, 0, 2**62)]
    assert times.tolist() == sorted(expected)


def test_a_reader_between_two_pages_sees_each_reading_once(journal) -> None:
    """It has read some windows when all are merged: the merged chunk begins before the next one."""
    everything = fill(journal)
    sealed(journal, W0 + 16)
    with JournalReader(journal.folder) as reader:
        pages = reader.rows("press1/fast", T0, T0 + 3 * HOUR_NS)
        found = [next(pages)[0]]
        sealed(journal)
        assert merged(journal) == 1
        for empty in [each for each in merge(journal.folder, LATE) if each.empty]:
            asyncio.run(journal.put_merged(empty))
        found += [rows for rows, _ in pages]
    seqs = np.concatenate([rows.seq for rows in found]).tolist()
    assert seqs == [seq for seq, _ in everything[1:]]


def test_a_reader_looks_again_when_its_file_has_gone(three_hours) -> None:
    journal, everything = three_hours
    db = open_for_reading(journal.folder)
    files, [old] = ChunkFiles(journal.folder, db), list(journal.folder.glob("*.chunks"))
    before = db.execute(PLACES).fetchall()
    merged(journal)
    old.unlink()
    looks = [before, db.execute(PLACES).fetchall()]
    found = files.looked_up(lambda: [files.rows(*place) for place in looks.pop(0)])
    assert sum(map(len, found)) == len(everything) - 1
    with pytest.raises(ChunkMoved, match="again and again"):
        files.looked_up(lambda: files.rows("2027-01-14-1", 0, 9))
    db.close()


def test_a_copy_taken_between_any_two_steps_opens(three_hours, tmp_path) -> None:
    """What a crash leaves: sealed, appended and not named, named, the old file still there or gone."""
    journal, everything = three_hours
    steps: list[Merged | None] = [None, *list(merge(journal.folder, LATE))]
    again = list(merge(journal.folder, LATE))  # by a helper nobody listened to
    for number, step in enumerate([*steps, *again]):
        if step:
            asyncio.run(journal.put_merged(step))
        copy = tmp_path / f"copy{number}"
        shutil.copytree(journal.folder, copy)
        other = open_journal(copy)
        assert same(inputs(other), everything)
        other.close()


def test_a_merged_chunk_that_is_not_on_the_disk_is_not_believed(three_hours) -> None:
    journal, everything = three_hours
    found = [each for each in merge(journal.folder, LATE) if each.gone]
    lie = Merged([replace(row, start=row.start + 10**6) for row in found[0].chunks], found[0].gone, [])
    with pytest.raises(JournalCorrupt):
        asyncio.run(journal.put_merged(lie))
    nowhere = Merged([replace(row, month="2031-01") for row in found[0].chunks], found[0].gone, [])
    assert not asyncio.run(journal.put_merged(nowhere))
    fewer = Merged(found[0].chunks, found[0].gone[1:], [])
    assert not asyncio.run(journal.put_merged(fewer)), "what goes and what comes are not as many"
    assert same(inputs(journal), everything)


def test_months_are_shown_without_reading_values(three_hours, monkeypatch) -> None:
    """What lies in one bucket comes from the summary, and is what the values say."""
    journal, everything = three_hours
    merged(journal)
    with JournalReader(journal.folder) as reader:
        values = reader.readings(TAG, T0, T0 + 24 * HOUR_NS).numbers()
        cut = reader.readings(TAG, T0 + HOUR_NS, T0 + 24 * HOUR_NS, 1)
        monkeypatch.setattr("gateway.journal.times.ByTime._columns_of", None)
        found = reader.readings(TAG, T0, T0 + 48 * HOUR_NS, 2)
        with pytest.raises(TypeError):
            reader.readings(TAG, T0 + HOUR_NS, T0 + 24 * HOUR_NS, 1)
    good = values[~np.isnan(values)]
    assert (found.count.tolist(), found.bad.tolist()) == ([len(good), 0], [len(values) - len(good), 0])
    assert (found.min[0], found.max[0]) == (good.min(), good.max())
    assert found.mean[0] == pytest.approx(good.mean(), rel=1e-12)
    assert cut.count[0] + cut.bad[0] == len(readings_in(everything, T0 + HOUR_NS, 2**62))


def test_a_summary_is_of_one_way_to_read_the_words() -> None:
    made = Field("int16", scale="0.1")
    others = [
        replace(made, scale="0.01"),
        replace(made, type="uint16"),
        replace(made, order="BA"),
        replace(made, mask=7),
    ]
    assert len({mark_of(each) for each in [made, replace(made), *others]}) == 5


def test_a_file_that_chunks_are_in_is_never_taken_for_empty(three_hours) -> None:
    journal, everything = three_hours
    [day] = journal.folder.glob("*.chunks")
    asyncio.run(journal.put_merged(Merged([], [], [day.name[9:-7]])))
    assert same(inputs(journal), everything)


def test_a_damaged_chunk_is_not_merged(three_hours) -> None:
    journal, _ = three_hours
    [day] = journal.folder.glob("*.chunks")
    data = bytearray(day.read_bytes())
    data[len(data) // 2] ^= 0x40
    day.write_bytes(data)
    with pytest.raises(JournalCorrupt):
        list(merge(journal.folder, LATE))


def test_a_damaged_chunk_keeps_nothing_else_from_being_merged_and_sealed(folder) -> None:
    plants = [Plant(1, make_group("a/x")), Plant(2, make_group("b/x"))]
    with open_journal(folder / "other") as journal:
        identity = journal.identity
    head = NumberedInput(1, config(make_site(*(plant.group for plant in plants)), "h1"))
    with Replica.open(folder / "replica", identity) as replica:
        replica.store([head, *plants[0].readings(2, 30), *plants[1].readings(32, 30)], [])
        replica.seal(LATE * WINDOW_NS)
        [day] = (folder / "replica").glob("*.chunks")
        data = bytearray(day.read_bytes())
        data[len(data) // 4] ^= 0x40  # in the first of two chunks
        day.write_bytes(data)
        replica.store(plants[0].readings(62, 30, T0 + 24 * HOUR_NS), [])
        with pytest.raises(JournalCorrupt, match="damaged"):
            replica.seal((LATE + 1) * WINDOW_NS)
        labels = [path.name for path in sorted((folder / "replica").glob("*.chunks"))]
    assert labels == [day.name, "readings-2027-01-16-62.chunks", "readings-2027-01.chunks"]


def test_retention_takes_the_days_of_a_month_too(journal) -> None:
    """A month file and the file of a day: both go, and one gap record says so."""
    row = ClockRow(1, "boot", 0, T0, synchronised=True)
    clock = NumberedInput(1, Setting("clock", Instant(T0, 0, 1), to_plain(row)))
    readings = Plant(1).readings(2, 100, step_s=60)
    put(journal, [clock, *readings])
    sealed(journal)
    merged(journal)
    late = Plant(4).readings(102, 20, T0 + HOUR_NS)
    put(journal, late)
    sealed(journal)
    assert len(list(journal.folder.glob("*.chunks"))) == 2
    assert asyncio.run(journal.expire(T0 + 40 * 24 * HOUR_NS, T0, "retention")) == "2027-01"
    assert not list(journal.folder.glob("*.chunks"))
    assert same(inputs(journal), [clock])
    with JournalReader(journal.folder) as reader:
        [gap] = reader.gaps()
    assert (gap["month"], gap["first_seq"], gap["last_seq"], gap["readings"]) == ("2027-01", 2, 121, 120)


def test_a_replica_merges_too(folder) -> None:
    plant = Plant(1, make_group())
    with open_journal(folder / "other") as journal:
        identity = journal.identity
    records = [NumberedInput(1, config(make_site(plant.group), "h1")), *plant.readings(2, 360, step_s=10)]
    with Replica.open(folder / "replica", identity) as replica:
        replica.store(records, [])
        assert replica.seal(LATE * WINDOW_NS) == 6
        assert replica.seal(LATE * WINDOW_NS) == 0
        assert not file_of(folder / "replica", "2027-01").exists(), "looked for once a window"
        assert replica.seal((LATE + 1) * WINDOW_NS) == 0
        assert file_of(folder / "replica", "2027-01").exists()
        replica.seal((LATE + 2) * WINDOW_NS)
        assert [path.name for path in (folder / "replica").glob("*.chunks")] == ["readings-2027-01.chunks"]
    with JournalReader(folder / "replica") as reader:
        assert same(list(reader.inputs(1, 9_999)), records)
