"""Merging, thinning and retention at their edges: how much at once, and what changed meanwhile."""

from __future__ import annotations

import asyncio
import sqlite3

import pytest

from gateway.journal import JournalReader
from gateway.journal.errors import JournalCorrupt
from gateway.journal.merging import Merged, due, merge
from gateway.journal.pack import WINDOW_NS
from gateway.journal.sealing import ChunkRow, Sealed, seal
from gateway.journal.thinning import joined
from gateway.model import (
    NumberedInput,
)
from tests.unit.journal.plant import (
    T0,
    Plant,
    commit,
    config,
    make_site,
    same,
)

LATE = T0 // WINDOW_NS + 1_000


def sealed(journal, before: int = LATE) -> list[Sealed]:
    found = list(seal(journal.folder, before))
    for each in found:
        assert asyncio.run(journal.put_sealed(each))
    return found


def half_an_hour(journal) -> list[NumberedInput]:
    given = [NumberedInput(1, config(make_site(), "h1")), *Plant(1).readings(2, 30, step_s=60)]
    asyncio.run(commit(journal, given))
    return given


def rows_at(*bins: int, count: int = 600, points: int = 20) -> list[ChunkRow]:
    return [ChunkRow(1, n, n * 9, n * 9 + 8, count, points, 0, 0, "2027-01-15-1", 0, 0) for n in bins]


@pytest.mark.parametrize(
    ("count", "points", "unit"),
    [(83, 1, 144), (84, 1, 24), (500, 1, 24), (501, 1, 6), (2_000, 1, 6), (2_001, 1, 3), (4_000, 1, 3), (4_001, 1, 1),
     (13_000, 1, 1), (80, 22, 144), (80, 23, 24), (1, 1 << 19, 1)],
)  # fmt: skip
def test_so_many_windows_are_merged_as_have_twelve_thousand_rows_and_a_quarter_of_a_million_values(
    count: int, points: int, unit: int
) -> None:
    rows = rows_at(*range(288), count=count, points=points)
    some = due(rows, 288)
    assert [len(each) for each in some] == [unit] * (288 // unit)
    assert [row.bin for each in some for row in each] == list(range(288))


def test_a_block_is_due_when_it_is_over_and_nothing_in_it_waits() -> None:
    rows = rows_at(*range(24, 72), count=400)
    assert [each[0].bin for each in due(rows, 71)] == [24]
    assert [each[0].bin for each in due(rows, 72)] == [24, 48]
    assert [each[0].bin for each in due(rows, 72, [50])] == [24]
    assert [each[0].bin for each in due(rows, 72, [47])] == [48]
    assert due([], 72) == []


def test_a_chunk_with_another_count_than_its_row_is_not_merged(journal) -> None:
    half_an_hour(journal)
    sealed(journal)
    with sqlite3.connect(journal.path) as db:
        db.execute("UPDATE chunks SET count = count + 1 WHERE first_seq = 2")
    with pytest.raises(JournalCorrupt, match=r"-2\.chunks: a chunk has not the readings its row says"):
        list(merge(journal.folder, LATE))


@pytest.mark.parametrize(
    "change", ["UPDATE chunks SET count = count - 1", "DELETE FROM chunks WHERE first_seq = 2"]
)
def test_what_changed_while_it_was_merged_is_left_as_it_is(journal, change) -> None:
    half_an_hour(journal)
    sealed(journal)
    [made] = [each for each in merge(journal.folder, LATE) if each.gone]
    again = Merged.of_plain(made.to_plain())
    assert again == made
    with sqlite3.connect(journal.path) as db:
        db.execute(change)
        db.commit()
        before = db.execute("SELECT * FROM chunks").fetchall()
        assert asyncio.run(journal.put_merged(made)) is False
        assert db.execute("SELECT * FROM chunks").fetchall() == before


def test_what_was_sealed_twice_is_taken_once(journal) -> None:
    given = half_an_hour(journal)
    first, second = list(seal(journal.folder, LATE)), list(seal(journal.folder, LATE))
    assert [asyncio.run(journal.put_sealed(each)) for each in (*first, *second)] == [True] * 3 + [False] * 3
    assert same(asyncio.run(journal.inputs(1, 99)), given)
    with sqlite3.connect(journal.path) as db:
        assert db.execute("SELECT sum(count) FROM chunks").fetchone() == (30,)


def test_stretches_side_by_side_are_one_hole() -> None:
    assert joined([(10, 5), (0, 10), (20, 1)]) == [(0, 15), (20, 1)]
    assert joined([(0, 1), (1, 1), (2, 1), (4, 1)]) == [(0, 3), (4, 1)]
    assert joined([]) == []


def test_an_overview_is_read_of_a_header_of_any_length(journal, monkeypatch) -> None:
    monkeypatch.setattr("gateway.journal.thinning._FRONT", 9)
    half_an_hour(journal)
    sealed(journal)
    asyncio.run(commit(journal, [], snapshot=b"state"))
    assert asyncio.run(journal.thin(10**9, T0)) is not None
    with JournalReader(journal.folder) as reader:
        found = reader.readings("hall/line1/press1/level", T0, T0 + 3 * WINDOW_NS, 3)
    assert (found.count + found.bad).tolist() == [10, 10, 10]
    assert int(found.count.sum()) >= 28


def test_freed_pages_are_given_back_bit_by_bit(journal, monkeypatch) -> None:
    """A quarter of what is kept, at each sealing that leaves more than that."""
    asyncio.run(commit(journal, Plant(1).readings(1, 3_000)))
    sealed(journal)

    def free_after(kept: int, seq: int) -> int:
        monkeypatch.setattr("gateway.journal.sealing.FREE_PAGES_KEPT", kept)
        asyncio.run(commit(journal, Plant(2).readings(seq, 1, T0 + (seq - 2_990) * WINDOW_NS)))
        sealed(journal)
        with sqlite3.connect(journal.path) as db:
            return int(db.execute("PRAGMA freelist_count").fetchone()[0])

    free = free_after(10**6, 3_001)
    assert free > 16
    assert [free_after(kept, 3_002 + n) for n, kept in enumerate((free, 16, 16, 8))] == [
        free,
        free - 4,
        free - 8,
        free - 10,
    ]
