"""Where pages, windows, blocks and groups end: nothing is asked for twice, left out or taken for its neighbour."""

from __future__ import annotations

import asyncio
import sqlite3

import pytest

from gateway.journal import JournalReader
from gateway.journal.ages import View
from gateway.journal.chunk import encode
from gateway.journal.chunkfile import file_of
from gateway.journal.history import PAGE
from gateway.journal.merging import merge
from gateway.journal.pack import WINDOW_NS, by_pack
from gateway.journal.sealing import seal
from gateway.journal.verify import verify
from gateway.journal.verifyrows import rows_wrong
from gateway.layout import Field
from gateway.model import Instant, NumberedInput, Reading, Tick
from gateway.rows import columns_of
from tests.unit.journal.plant import HOUR_NS, T0, Plant, commit, config, make_group, make_site, same

LATE = T0 // WINDOW_NS + 1_000


def three_windows(journal) -> list[NumberedInput]:
    """Half an hour of one group, a reading a minute."""
    plant = Plant(1)
    given = [NumberedInput(1, config(make_site(plant.group), "h1")), *plant.readings(2, 30, step_s=60)]
    asyncio.run(commit(journal, given))
    return given


def sealed(journal, before: int = LATE) -> int:
    return sum(asyncio.run(journal.put_sealed(each)) for each in list(seal(journal.folder, before)))


def merged(journal) -> int:
    found = [each for each in merge(journal.folder, LATE) if each.gone]
    return sum(asyncio.run(journal.put_merged(each)) for each in found)


def test_more_than_a_page_of_records_is_read_once_and_in_order(journal) -> None:
    given = [NumberedInput(seq, Tick(Instant(T0 + seq, seq, 1))) for seq in range(1, 2 * PAGE + 2)]
    asyncio.run(commit(journal, given))
    with JournalReader(journal.folder) as reader:
        assert list(reader.inputs(1, 9_999)) == given
        assert list(reader.inputs(PAGE, PAGE + 1)) == given[PAGE - 1 : PAGE + 1]


def test_readings_of_some_groups_come_alone_and_all_else_with_them(journal) -> None:
    two = make_group("dryer/slow")
    given = [NumberedInput(1, config(make_site(make_group(), two), "h1")), *Plant(1).readings(2, 3)]
    given += Plant(2, two).readings(5, 3)
    asyncio.run(commit(journal, given))
    with JournalReader(journal.folder) as reader:
        assert same(list(reader.inputs(1, 9, ["dryer/slow"])), [given[0], *given[4:]])
        assert same(list(reader.inputs(1, 9, [])), given[:1])
        assert same(list(reader.inputs(1, 9)), given)


def test_a_day_with_readings_that_are_not_sealed_is_not_merged(journal) -> None:
    three_windows(journal)
    assert sealed(journal, T0 // WINDOW_NS + 2) == 2
    assert merged(journal) == 0
    assert sealed(journal) == 1
    assert merged(journal) == 1


@pytest.mark.parametrize("change", ["bins = bins - 1", "bin = bin - 1", "bin = bin + 1", "count = count - 1"])
def test_a_row_that_says_another_span_than_its_chunk_is_found(journal, change) -> None:
    three_windows(journal)
    sealed(journal)
    merged(journal)
    assert list(rows_wrong(journal.folder)) == []
    with sqlite3.connect(journal.path) as db:
        db.execute(f"UPDATE chunks SET {change}")
    [words] = rows_wrong(journal.folder)
    assert "the row of this chunk does not say what is in it" in words


def test_of_a_damaged_chunk_that_is_thinned_no_overview_stays(journal) -> None:
    """Readers get the others, and no error."""
    given = three_windows(journal)
    sealed(journal)
    asyncio.run(commit(journal, [], snapshot=b"state"))
    with sqlite3.connect(journal.path) as db:
        month, start = db.execute("SELECT month, start FROM chunks ORDER BY first_seq").fetchone()
    file = file_of(journal.folder, month)
    data = bytearray(file.read_bytes())
    data[start + 9] ^= 0xFF  # in its header
    file.write_bytes(data)
    went = asyncio.run(journal.thin(1, T0))
    assert went is not None
    assert (went.first, went.readings) == (2, 10)
    with JournalReader(journal.folder) as reader:
        found = reader.readings("hall/line1/press1/level", T0, T0 + HOUR_NS, 6)
    usable = [0, 0, 0]
    for each in given[1:]:
        assert isinstance(each.input, Reading)
        usable[(each.input.at.time_ns - T0) // WINDOW_NS] += int(each.input.quality[2] < 0x80)
    assert found.count.tolist() == [0, *usable[1:], 0, 0, 0]


def test_a_chunk_of_another_width_is_not_made() -> None:
    [(group, rows)] = columns_of(Plant().readings(1, 3))
    with pytest.raises(ValueError, match=r"widths add up to 1 words, rows have 9"):
        encode(group, rows, (1,), (0,))


def test_a_block_of_readings_alone_is_sealed_from_its_first_to_its_last(journal) -> None:
    given = Plant().readings(1, 3)
    asyncio.run(commit(journal, given))
    assert sealed(journal) == 1
    with JournalReader(journal.folder) as reader:
        [block] = reader.ledger.blocks(0, 99)
        assert (block.wrong(), block.held()) == ([], (3, 0))


def test_a_pack_ends_only_where_a_window_or_a_span_does() -> None:
    """Windows of ten minutes by the wall clock, spans of 4,096 numbers: docs/decisions/0013."""
    [(_, rows)] = columns_of(Plant().readings(4_090, 40, step_s=60))
    parts = [(window, part.seq.tolist()) for window, part in by_pack(rows)]
    assert [seq for _, seqs in parts for seq in seqs] == rows.seq.tolist()
    assert [window - T0 // WINDOW_NS for window, _ in parts] == [0, 0, 1, 2, 3]
    assert [len(seqs) for _, seqs in parts] == [6, 4, 10, 10, 10]


@pytest.mark.parametrize(
    ("fields", "fits"),
    [({"a": "uint32"}, True), ({"a": "int16", "b": "int16"}, False), ({"a": "uint16"}, False)],
)
def test_a_config_is_not_read_into_rows_of_another_shape(fields, fits) -> None:
    [(_, rows)] = columns_of(Plant(1, make_group(fields={"a": Field("uint32")})).readings(1, 2))
    view = View(make_group(fields={name: Field(kind) for name, kind in fields.items()}))
    assert view.fits(rows) == fits


def test_a_pack_that_cannot_be_read_costs_no_other_and_is_named_once(journal) -> None:
    given = three_windows(journal)
    with sqlite3.connect(journal.path) as db:
        db.execute("UPDATE hot SET pack = x'00' WHERE first_seq = (SELECT min(first_seq) FROM hot)")
    with JournalReader(journal.folder) as reader:
        [block] = reader.ledger.blocks(1, 9)
        assert block.held() == (len(given) - 10, 0)
        assert (block.wrong(), len(block.trouble)) == (["readings"], 1)
        assert block.trouble[0].startswith("readings of press1/fast: ")
        findings = verify(reader, None).findings
    assert findings.count(block.trouble[0]) == 1


@pytest.mark.parametrize("bad", [None, 2])
def test_the_quality_of_a_point_is_its_own_also_where_all_are_good(journal, bad) -> None:
    plant = Plant(1)
    given = [NumberedInput(seq, plant.reading(T0 + seq * 1_000_000_000, bad)) for seq in range(2, 9)]
    asyncio.run(commit(journal, [NumberedInput(1, config(make_site(plant.group), "h1")), *given]))
    sealed(journal)
    with JournalReader(journal.folder) as reader:
        found = reader.window(T0, T0 + HOUR_NS)
        for index, name in enumerate(plant.group.points):
            quality = found[name.tag].quality.tolist()
            assert quality == [0x81 if index == bad else 0] * 7, name.tag


@pytest.mark.parametrize("before", [0, LATE])
def test_a_span_that_begins_or_ends_with_a_reading(journal, before) -> None:
    """The first of it belongs to it and the last does not, also where it is a chunk's last or first."""
    given = three_windows(journal)
    sealed(journal, before)
    times = [each.input.at.time_ns for each in given if isinstance(each.input, Reading)]
    with JournalReader(journal.folder) as reader:
        for low in (0, 9, 10, 19, 29):
            for high in (low + 1, 10, 20, 30):
                until = times[high] if high < 30 else times[29] + 1
                found = reader.readings("hall/line1/press1/level", times[low], until)
                assert found.time_ns.tolist() == times[low:high]
