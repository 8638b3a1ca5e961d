"""Sealing keeps every bit, and may be cut short anywhere."""

from __future__ import annotations

import asyncio
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.journal import JournalReader, Replica
from gateway.journal.chunkfile import append, day_of, file_of
from gateway.journal.errors import JournalCorrupt
from gateway.journal.pack import WINDOW_NS
from gateway.journal.sealing import Sealed, seal
from gateway.layout import Field
from gateway.model import NumberedInput
from tests.unit.journal.plant import T0, Plant, commit, config, make_group, make_site, open_journal, same

LATE = T0 // WINDOW_NS + 1_000
DAY = day_of(T0 // WINDOW_NS)


@pytest.fixture
def plants():
    return Plant(1), Plant(2, make_group("scale/slow", {"mass": Field("float64", order="GHEFCDAB")}))


async def fill(journal, plants, count=300) -> list[NumberedInput]:
    """25 minutes of two groups every 5 s, mixed, in blocks."""
    press, scale = plants
    first = [NumberedInput(1, config(make_site(press.group, scale.group), "h1"))]
    one, other = press.readings(2, count, step_s=5), scale.readings(2, count, step_s=5)
    mixed = [each for pair in zip(one, other, strict=True) for each in pair]
    rest = [NumberedInput(seq, given) for seq, (_, given) in enumerate(mixed, 2)]
    everything = first + rest
    for start in range(0, len(everything), 20):
        await commit(journal, everything[start : start + 20])
    return everything


def the_file(folder: Path) -> Path:
    """Of chunks; there is one."""
    [path] = folder.glob("*.chunks")
    return path


async def seal_all(journal, before=LATE) -> int:
    made = 0
    for sealed in await asyncio.to_thread(lambda: list(seal(journal.folder, before))):
        if await journal.put_sealed(sealed):
            made += len(sealed.chunks)
    return made


async def test_inputs_are_the_same_before_and_after(journal, plants) -> None:
    everything = await fill(journal, plants)
    assert await seal_all(journal) == 6
    assert not await journal.has_hot(LATE)
    assert same(await journal.inputs(1, 9_999), everything)
    assert same(await journal.inputs(277, 391), everything[276:391])


async def test_only_closed_windows_are_sealed(journal, plants) -> None:
    everything = await fill(journal, plants)
    assert await seal_all(journal, T0 // WINDOW_NS + 2) == 4
    assert await journal.has_hot(LATE)
    assert same(await journal.inputs(1, 9_999), everything)


async def test_sealing_again_does_nothing(journal, plants) -> None:
    everything = await fill(journal, plants)
    twice = await asyncio.to_thread(lambda: [list(seal(journal.folder, LATE)) for _ in range(2)])
    assert [await journal.put_sealed(sealed) for sealed in twice[0]] == [True] * 3
    assert [await journal.put_sealed(sealed) for sealed in twice[1]] == [False] * 3
    assert await seal_all(journal) == 0
    assert same(await journal.inputs(1, 9_999), everything)


@pytest.mark.long
async def test_a_sealing_that_nobody_heard_of_is_harmless(folder, plants) -> None:
    """The helper wrote its chunks, and half of another, and then the power went."""
    journal = await asyncio.to_thread(open_journal, folder)
    everything = await fill(journal, plants)
    list(await asyncio.to_thread(lambda: list(seal(folder, LATE))))
    await asyncio.to_thread(journal.close)
    with the_file(folder).open("ab") as file:
        file.write(b"LWC1 torn")
    journal = await asyncio.to_thread(open_journal, folder)
    assert same(await journal.inputs(1, 9_999), everything)
    assert await seal_all(journal) == 6
    assert same(await journal.inputs(1, 9_999), everything)
    await asyncio.to_thread(journal.close)


async def test_a_chunk_that_is_not_on_the_disk_is_not_believed(journal, plants) -> None:
    await fill(journal, plants, 60)
    [sealed] = await asyncio.to_thread(lambda: list(seal(journal.folder, LATE)))
    lie = Sealed([replace(row, start=row.start + 1_000_000) for row in sealed.chunks], sealed.packs)
    with pytest.raises(JournalCorrupt):
        await journal.put_sealed(lie)
    assert await journal.has_hot(LATE)


async def test_chunks_whose_file_has_gone_are_sealed_again(journal, plants) -> None:
    everything = await fill(journal, plants, 60)
    [sealed] = await asyncio.to_thread(lambda: list(seal(journal.folder, LATE)))
    the_file(journal.folder).unlink()
    assert not await journal.put_sealed(sealed)
    assert await seal_all(journal) == 2
    assert same(await journal.inputs(1, 9_999), everything)


def test_two_helpers_at_once_do_not_write_into_each_other(tmp_path) -> None:
    """The helper of a daemon that was killed may still be at work when the next daemon's begins."""
    pieces = [bytes([number]) * (1_000 + number) for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        places = list(pool.map(lambda piece: append(tmp_path, "2027-01", [piece, piece]), pieces))
    data = file_of(tmp_path, "2027-01").read_bytes()
    for piece, found in zip(pieces, places, strict=True):
        assert [data[start : start + length] for start, length in found] == [piece, piece]
    assert len(data) == 2 * sum(map(len, pieces))


async def test_a_damaged_chunk_is_named(journal, plants) -> None:
    await fill(journal, plants, 60)
    await seal_all(journal)
    path = the_file(journal.folder)
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 0x10
    path.write_bytes(data)
    with pytest.raises(JournalCorrupt, match="damaged"):
        await journal.inputs(1, 9_999)


async def test_a_month_file_that_was_lost_is_named_and_not_taken_for_retention(journal, plants) -> None:
    await fill(journal, plants)
    await seal_all(journal)
    the_file(journal.folder).unlink()
    with pytest.raises(JournalCorrupt, match=rf"{DAY}-2.chunks: the file is not there: restore"):
        await journal.inputs(1, 9_999)
    with pytest.raises(JournalCorrupt, match="the file is not there"):
        await asyncio.to_thread(one_tag, journal.folder)


def one_tag(folder) -> None:
    with JournalReader(folder) as reader:
        reader.readings(reader.tags()[0], 0, 2**62)


async def test_rows_of_any_config_and_none_can_be_sealed(journal, plants) -> None:
    """The replica may have readings whose config has not come yet; a config may change within a window."""
    press, _ = plants
    early = press.readings(1, 50)
    await commit(journal, early)
    await commit(journal, [NumberedInput(51, config(make_site(press.group), "h1"))])
    fields = {"temp": Field("float64"), **{f"p{n}": Field("int16") for n in range(4)}}
    other = Plant(3, make_group("press1/fast", fields))
    await commit(journal, press.readings(52, 50, T0 + 60 * 10**9))
    await commit(journal, [NumberedInput(102, config(make_site(other.group), "h2"))])
    await commit(journal, other.readings(103, 50, T0 + 120 * 10**9))
    before = await journal.inputs(1, 999)
    assert await seal_all(journal) == 2, "one of each shape"
    assert same(await journal.inputs(1, 999), before)


async def test_a_copy_taken_between_any_two_steps_opens(folder, plants, tmp_path) -> None:
    """What a crash leaves: the files as they were at some point, the WAL included."""
    journal = await asyncio.to_thread(open_journal, folder)
    everything = await fill(journal, plants, 140)
    steps = await asyncio.to_thread(lambda: list(seal(folder, LATE)))
    for number, sealed in enumerate([None, *steps]):
        if sealed:
            await journal.put_sealed(sealed)
        copy = tmp_path / f"copy{number}"
        await asyncio.to_thread(shutil.copytree, folder, copy)
        again = await asyncio.to_thread(open_journal, copy)
        assert same(await again.inputs(1, 9_999), everything)
        await asyncio.to_thread(again.close)
    await asyncio.to_thread(journal.close)


def test_a_replica_seals_too(folder, plants) -> None:
    press, _ = plants
    with open_journal(folder / "other") as journal:
        identity = journal.identity
    records = [NumberedInput(1, config(make_site(press.group), "h1")), *press.readings(2, 260, step_s=5)]
    with Replica.open(folder / "replica", identity) as replica:
        replica.store(records[1::2], [])
        assert replica.seal(T0 + 2 * WINDOW_NS) == 2
        replica.store(records, [])
        assert replica.seal(T0 + 2 * WINDOW_NS) == 2, "late rows get chunks of their own"
        assert replica.watermark().input == 261
    with JournalReader(folder / "replica") as reader:
        assert same(list(reader.inputs(1, 9_999)), records)
