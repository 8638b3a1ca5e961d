"""The recording is what was done, byte for byte, and the disk forgets only what was not synced."""

from __future__ import annotations

import random
import sqlite3

import pytest

from benchmarks.reliability.power.disk import Disk, damaged, torn_at_every_sector
from benchmarks.reliability.power.recording import Recorder
from benchmarks.reliability.power.states import disordered, ordered
from benchmarks.reliability.power.trace import Create, Remove, Sync, SyncFolder, Trace, Truncate, Write
from benchmarks.reliability.power.workload import recorded
from gateway.journal.chunkfile import append


@pytest.mark.long
def test_a_recorded_life_played_again_gives_the_very_files(tmp_path):
    trace, life = recorded(tmp_path / "data", random.Random(3), 12)
    disk = Disk()
    for step in trace.steps:
        disk.do(step)
    there = {
        path.name: path.read_bytes() for path in (tmp_path / "data").iterdir() if path.name != "writer.lock"
    }
    assert disk.all_of_it() == there
    assert trace.promised(len(trace.steps)) == len(life.ends) - 1
    kinds = {type(step) for step in trace.steps}
    assert kinds >= {Create, Write, Sync, SyncFolder, Remove}
    assert any(isinstance(step, Write) and step.name.endswith(".chunks") for step in trace.steps)


def test_a_commit_writes_its_frames_and_syncs_the_log(tmp_path):
    recorder = Recorder(tmp_path)
    with recorder.on() as trace:
        db = sqlite3.connect(tmp_path / "x.sqlite", isolation_level=None)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("CREATE TABLE t (a)")
        before = len(trace.steps)
        db.execute("INSERT INTO t VALUES (1)")
        added = trace.steps[before:]
        db.close()
    assert {step.name for step in added if isinstance(step, Write)} == {"x.sqlite-wal"}
    assert added[-1] == Sync("x.sqlite-wal")
    outside = len(trace.steps)
    sqlite3.connect(tmp_path / "y.sqlite").close()  # after it: nobody records
    assert len(trace.steps) == outside


def test_chunk_files_are_seen_with_their_syncs(tmp_path):
    recorder = Recorder(tmp_path)
    with recorder.on() as trace:
        append(tmp_path, "2027-01", [b"abc", b"de"])
        append(tmp_path, "2027-01", [b"f"])
        (tmp_path / "readings-2027-01.chunks").unlink()
    name = "readings-2027-01.chunks"
    assert trace.steps == [
        Create(name), Write(name, 0, b"abcde"), Sync(name), SyncFolder(), Write(name, 5, b"f"), Sync(name),
        Remove(name),
    ]  # fmt: skip


def told(steps) -> set[tuple[tuple[str, bytes], ...]]:
    """Every state that drawing many times gives after these steps."""
    disk, chance = Disk(), random.Random(1)
    for step in steps:
        disk.do(step)
    return {tuple(sorted(disk.some_of_it(chance).items())) for _ in range(3_000)}


def test_what_was_synced_is_there_and_the_rest_is_any_part():
    begun = [Create("a"), Write("a", 0, b"11"), Sync("a"), SyncFolder()]
    assert told(begun) == {(("a", b"11"),)}
    found = told([*begun, Write("a", 2, b"22"), Write("a", 4, b"33")])
    contents = {dict(files)["a"] for files in found}
    assert {
        b"11",
        b"1122",
        b"112233",
        b"11\0\x0033",
    } <= contents  # none, one, both, the later without the earlier
    assert all(content.startswith(b"11") for content in contents)


def test_a_new_file_may_be_missing_until_the_folder_is_synced():
    made = [Create("a"), Write("a", 0, b"1"), Sync("a")]
    assert told(made) == {(), (("a", b"1"),)}
    removed = [*made, SyncFolder(), Remove("a")]
    assert told(removed) == {(), (("a", b"1"),)}
    assert told([*removed, SyncFolder()]) == {()}


def test_cutting_may_not_have_happened():
    steps = [Create("a"), Write("a", 0, b"123"), Sync("a"), SyncFolder(), Truncate("a", 1)]
    assert {dict(files)["a"] for files in told(steps)} == {b"123", b"1"}


def test_a_write_is_torn_at_each_sector_of_the_file_and_beside():
    cuts = [len(each.data) for each in torn_at_every_sector(Write("a", 500, bytes(1100)))]
    assert cuts == [1, 12, 524, 1036, 1099]
    assert torn_at_every_sector(Write("a", 0, b"1")) == []


def test_damage_keeps_to_its_write():
    chance = random.Random(2)
    whole = Write("a", 700, bytes([7]) * 5_000)
    kinds = set()
    for _ in range(200):
        part = damaged(whole, chance)
        assert part.offset == 700
        assert len(part.data) <= 5_000
        kinds.add(
            (len(part.data) < 5_000, 0 in part.data[:512], any(byte not in (0, 7) for byte in part.data))
        )
    assert len(kinds) >= 4  # cut, zeros, scribble


def test_states_are_all_beginnings_and_then_what_was_open():
    trace = Trace([Create("a"), Write("a", 0, bytes(600)), Sync("a"), SyncFolder()], [(4, 1)])
    states = list(ordered(trace))
    assert [(state.how, state.step) for state in states] == [
        ("prefix", 0), ("prefix", 1), ("torn", 1), ("torn", 1), ("torn", 1), ("prefix", 2), ("prefix", 3),
        ("prefix", 4),
    ]  # fmt: skip
    assert {state.step for state in disordered(trace, random.Random(1), 50)} == {1, 2, 3}
    assert [trace.promised(done) for done in (3, 4)] == [0, 1]
