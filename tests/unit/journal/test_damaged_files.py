"""What is read of files that are cut, exchanged, thinned or in the way: it is said what, and nothing is left open."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import orjson
import pytest
import zstandard

from gateway.journal import Journal, JournalReader, chunk1
from gateway.journal.chunk import MAGIC, Chunk, encode, header_of, header_size
from gateway.journal.chunkfile import ChunkFiles, ChunkMoved, file_of
from gateway.journal.database import NAME, migrations, open_for_reading
from gateway.journal.errors import JournalCorrupt, JournalFailed, JournalForeign, JournalReadOnly
from gateway.journal.pack import WINDOW_NS
from gateway.journal.sealing import seal
from gateway.journal.times import _inside
from gateway.model import NumberedInput
from gateway.rows import Rows, columns_of
from tests.unit.journal.plant import HOUR_NS, T0, Plant, commit, config, make_group, make_site, open_journal

LATE = T0 // WINDOW_NS + 1_000


def some_rows(count: int = 3) -> Rows:
    [(_, rows)] = columns_of(Plant().readings(1, count))
    return rows


@pytest.fixture(scope="module")
def half_an_hour(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of two groups, sealed."""
    folder, two = tmp_path_factory.mktemp("half") / "data", make_group("dryer/slow")
    given = [
        NumberedInput(1, config(make_site(make_group(), two), "h1")),
        *Plant(1).readings(2, 30, step_s=60),
        *Plant(2, two).readings(32, 30, step_s=60),
    ]
    with open_journal(folder) as journal:
        asyncio.run(commit(journal, given))
        for each in list(seal(folder, LATE)):
            asyncio.run(journal.put_sealed(each))
    return folder


@pytest.fixture
def journal(half_an_hour, folder) -> Iterator[Journal]:
    shutil.copytree(half_an_hour, folder)
    with open_journal(folder) as made:
        yield made


@pytest.fixture
def chunks(journal) -> list[tuple[str, int, int]]:
    """Where each chunk is, by group and time."""
    with sqlite3.connect(journal.path) as db:
        return db.execute("SELECT month, start, length FROM chunks ORDER BY group_id, bin").fetchall()


@pytest.fixture
def files(journal, chunks):
    del chunks
    db = open_for_reading(journal.folder)
    yield ChunkFiles(journal.folder, db)
    db.close()


def sized(rows: Rows) -> int:
    return sum(getattr(rows, name).nbytes for name in Rows.__slots__)


def open_files(folder: Path) -> list[Path]:
    """In a folder, those that this process has open, but for the database: SQLite closes its own when it likes."""
    found = (Path("/proc/self/fd", name) for name in os.listdir("/proc/self/fd"))  # noqa: PTH208 # names only
    targets = [each.readlink() for each in found if each.is_symlink()]
    return sorted(each for each in targets if each.is_relative_to(folder) and not each.name.startswith(NAME))


def test_a_chunk_that_says_more_rows_than_its_columns_have() -> None:
    data = encode("press1/fast", some_rows(30), (2, 2, 1, 1, 3), (0,) * 5)
    plain = orjson.loads(zstandard.ZstdDecompressor().decompress(data[8 : header_size(data) - 4]))
    header = zstandard.ZstdCompressor().compress(orjson.dumps({**plain, "rows": 99}))
    front = MAGIC + len(header).to_bytes(4, "little") + header
    lying = Chunk(front + _crc(header) + data[header_size(data) :])
    with pytest.raises(JournalCorrupt, match=r"readings of press1/fast is damaged: column 1: "):
        lying.rows()


def _crc(data: bytes) -> bytes:
    return zlib.crc32(data).to_bytes(4, "little")


def test_a_column_of_the_first_format_that_is_short() -> None:
    stored = memoryview(zstandard.ZstdCompressor().compress(b"ab"))
    assert chunk1.plain_words(stored, 1).tolist() == [0x6261]
    for read in (lambda: chunk1.plain_words(stored, 2), lambda: chunk1.column(stored, 0, 1, 4)):
        with pytest.raises((ValueError, zstandard.ZstdError)):
            read()


def test_a_header_needs_its_first_eight_bytes() -> None:
    data = encode("press1/fast", some_rows(), (9,), (0,))
    size = header_size(data[:8])
    assert (header_size(data[:7]), size) == (0, header_of(data).size)
    assert header_of(data[:size]).starts[0] == 0
    with pytest.raises(JournalCorrupt):
        header_of(data[: size - 1])


def test_what_was_read_is_kept_until_there_is_too_much(files, chunks, monkeypatch) -> None:
    one, two, three = chunks[:3]
    size = sum(sized(files.rows(*each)) for each in (one, two))

    def kept(most: int) -> bool:
        """Whether the first is still there when the second was read."""
        monkeypatch.setattr("gateway.journal.chunkfile.CACHE_BYTES", most)
        fresh = ChunkFiles(files._folder, files._db)  # noqa: SLF001 # a cache of its own
        first = fresh.looked_up(partial(fresh.rows, *one))
        fresh.looked_up(partial(fresh.rows, *two))
        return fresh.rows(*one) is first

    assert [kept(most) for most in (size, size - 1)] == [True, False]
    monkeypatch.setattr("gateway.journal.chunkfile.CACHE_BYTES", size)
    fresh = ChunkFiles(files._folder, files._db)  # noqa: SLF001
    first, second = fresh.rows(*one), fresh.rows(*two)
    fresh.looked_up(partial(fresh.rows, *one))  # asked for again: now the other one is the oldest
    third = fresh.looked_up(partial(fresh.rows, *three))
    assert fresh.rows(*one) is first
    assert fresh.rows(*three) is third
    assert fresh.rows(*two) is not second


def test_what_one_look_needs_stays_as_long_as_there_is_memory(files, chunks, monkeypatch) -> None:
    """Every group has a chunk in a page: were they to push each other out, each page would decode all again."""
    monkeypatch.setattr("gateway.journal.chunkfile.CACHE_BYTES", 1)

    def look() -> list[Rows]:
        return [files.rows(*each) for each in chunks]

    first = files.looked_up(look)
    assert all(one is other for one, other in zip(files.looked_up(look), first, strict=True))
    last = files.looked_up(lambda: files.rows(*chunks[-1]))
    assert last is first[-1]
    newer = files.looked_up(lambda: [files.rows(*chunks[0]), files.rows(*chunks[1])])
    assert newer[0] is first[0]
    monkeypatch.setattr("gateway.journal.chunkfile.CACHE_MOST", 2)
    alone = ChunkFiles(files._folder, files._db)  # noqa: SLF001
    kept = alone.looked_up(lambda: [alone.rows(*each) for each in chunks])
    assert alone.rows(*chunks[-1]) is kept[-1]
    assert alone.rows(*chunks[0]) is not kept[0]


def test_a_chunk_cut_off_at_the_end_of_its_file(files, chunks, journal) -> None:
    month, start, length = chunks[-1]
    path = file_of(journal.folder, month)
    os.truncate(path, start + length - 1)
    with pytest.raises(JournalCorrupt, match=rf"it ends before byte {start + length}: restore"):
        files.chunk(month, start, length)


def test_bytes_that_are_zero_are_damage_unless_nothing_names_them(files, chunks, journal) -> None:
    month, start, length = chunks[0]
    with file_of(journal.folder, month).open("r+b") as file:
        file.seek(start)
        file.write(bytes(length))
    with pytest.raises(JournalCorrupt, match="header"):
        files.chunk(month, start, length)
    with sqlite3.connect(journal.path) as db:
        db.execute("DELETE FROM chunks WHERE month = ? AND start = ?", (month, start))
    with pytest.raises(ChunkMoved, match="thinned"):
        files.chunk(month, start, length)


def test_a_folder_in_the_place_of_a_file_is_told(files, chunks, journal) -> None:
    path = file_of(journal.folder, chunks[0][0])
    path.unlink()
    path.mkdir()
    with pytest.raises(JournalFailed, match="directory"):
        files.chunk(*chunks[0])


def test_a_look_is_tried_five_times(files) -> None:
    tries = []

    def look(fails: int) -> str:
        tries.append(fails)
        if len(tries) <= fails:
            raise ChunkMoved("moved")
        return "found"

    assert (files.looked_up(lambda: look(4)), len(tries)) == ("found", 5)
    tries.clear()
    with pytest.raises(ChunkMoved):
        files.looked_up(lambda: look(5))
    assert len(tries) == 5


def test_reading_and_sealing_leave_no_file_open(journal, chunks) -> None:
    del chunks
    before = open_files(journal.folder)
    with JournalReader(journal.folder) as reader:
        assert len(reader.readings("hall/line1/press1/level", T0, T0 + HOUR_NS)) == 30
        assert len(list(reader.inputs(1, 99))) == 61
    asyncio.run(commit(journal, Plant(3).readings(62, 5, T0 + 2 * HOUR_NS)))
    for each in list(seal(journal.folder, LATE)):
        asyncio.run(journal.put_sealed(each))
    asyncio.run(commit(journal, [], snapshot=b"state"))
    assert asyncio.run(journal.thin(1, T0)) is not None
    assert open_files(journal.folder) == before


def test_times_that_go_back_are_in_a_span_one_by_one() -> None:
    """After a step of the clock the times of a chunk are in no order."""
    times = some_rows(4).time_ns - T0
    times[:] = [10, 30, 20, 40]

    def inside(t0: int, t1: int) -> list[int]:
        which = _inside(times, t0, t1)
        found: list[int] = (times if which is None else times[which]).tolist()
        return found

    spans = (10, 41), (20, 40), (11, 30), (10, 40), (40, 41), (50, 60)
    assert [inside(*span) for span in spans] == [[10, 30, 20, 40], [30, 20], [20], [10, 30, 20], [40], []]
    assert _inside(times, 10, 41) is None
    times.sort()
    assert [inside(*span) for span in spans] == [[10, 20, 30, 40], [20, 30], [20], [10, 20, 30], [40], []]
    assert _inside(times, 10, 41) is None


# --- the database itself --------------------------------------------------------------------------------------------


def test_schemas_are_numbered_without_a_hole() -> None:
    migrations.cache_clear()
    found = migrations()
    assert sorted(found) == list(range(1, len(found) + 1))
    assert all("CREATE" in text or "ALTER" in text or "INSERT" in text for text in found.values())
    assert all(";" in text for text in found.values())


def test_one_of_an_older_schema_is_named_with_what_to_do(journal) -> None:
    newest = max(migrations())
    journal.close()
    with sqlite3.connect(journal.path) as db:
        db.execute("PRAGMA user_version = 3")
    with pytest.raises(
        JournalForeign, match=rf"schema 3 is older than {newest}: open it once with `lotwatch run`"
    ):
        JournalReader(journal.folder)


def test_one_whose_log_cannot_be_opened_is_not_read_without_it(journal) -> None:
    """What was committed last may be in it."""
    journal.close()
    (journal.folder / f"{NAME}-wal").mkdir()
    with pytest.raises(JournalReadOnly, match="it cannot be opened: mend the permissions"):
        JournalReader(journal.folder)


def test_one_that_does_not_say_whose_it_is(journal) -> None:
    journal.close()
    with sqlite3.connect(journal.path) as db:
        db.execute("DELETE FROM meta WHERE key = 'epoch'")
    with pytest.raises(
        JournalCorrupt, match=r"does not say whose it is \('epoch'\): restore it from the replica"
    ):
        JournalReader(journal.folder)
