"""What is written beside the records: which numbers are held, the helper's own session, bytes given back."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest

from gateway.clock import VirtualClock
from gateway.journal import Replica
from gateway.journal.chunkfile import file_of
from gateway.journal.pack import WINDOW_NS
from gateway.journal.seal import Sealer
from gateway.model import Identity, Instant, NumberedInput, Tick
from tests.unit.journal.plant import T0
from tests.unit.journal.test_sealer import filled as sealable
from tests.unit.journal.test_thinning import filled, thin

WHO = Identity("plant", "gw1", "abc123")


def ticks(*seqs: int) -> list[NumberedInput]:
    return [NumberedInput(seq, Tick(Instant(T0 + seq, seq, 1))) for seq in seqs]


def test_which_numbers_are_held_is_on_the_disk_with_them(tmp_path: Path) -> None:
    """Alone, between two others, beside one, several runs at once, and what closes all gaps: each as it is held."""
    story = [
        ((5,), [(5, 5)]),
        ((9,), [(5, 5), (9, 9)]),
        ((7,), [(5, 5), (7, 7), (9, 9)]),
        ((1, 3, 11), [(1, 1), (3, 3), (5, 5), (7, 7), (9, 9), (11, 11)]),
        ((6,), [(1, 1), (3, 3), (5, 7), (9, 9), (11, 11)]),
        ((8, 13), [(1, 1), (3, 3), (5, 9), (11, 11), (13, 13)]),
        ((2, 4, 10, 12), [(1, 13)]),
    ]
    with Replica.open(tmp_path, WHO) as replica, sqlite3.connect(replica.path) as db:
        for seqs, runs in story:
            replica.store(ticks(*seqs), [])
            stored = db.execute("SELECT first, last FROM stored WHERE stream = 'input' ORDER BY first")
            assert stored.fetchall() == runs
    with Replica.open(tmp_path, WHO) as replica:
        assert replica.store(ticks(*range(1, 15)), []).inputs == [(14, 14)]


def test_the_helper_is_not_stopped_by_what_is_typed_at_the_daemon(journal, tmp_path) -> None:
    """A Ctrl-C goes to a whole session's foreground: the helper leads one of its own (setsid(2), proc(5) field 6)."""
    sealable(journal)
    heard = tmp_path / "heard"
    script = f"cat > /dev/null; echo $$ $(cut -d' ' -f6 /proc/$$/stat) > {heard}; echo '{{\"done\": true}}'"
    sealer = Sealer(journal, VirtualClock(T0), helper=("/bin/sh", "-c", script))
    assert asyncio.run(sealer.seal(T0 + 2 * WINDOW_NS)) == 0
    number, session = heard.read_text().split()
    assert session == number


def makes_holes(folder: Path) -> bool:
    """Whether the file system gives bytes back, as util-linux finds it."""
    tried, tool = folder / "tried", shutil.which("fallocate")
    tried.write_bytes(b"x" * 8192)
    asked = [tool or "", "--punch-hole", "--offset", "0", "--length", "4096", str(tried)]
    return tool is not None and subprocess.run(asked, check=False, capture_output=True).returncode == 0


def test_bytes_of_what_was_thinned_are_given_back_and_no_others(tmp_path: Path) -> None:
    if not makes_holes(tmp_path):
        pytest.skip("this file system makes no holes in files")
    journal = filled(tmp_path / "data")
    with sqlite3.connect(journal.path) as db:
        asked = db.execute("SELECT month, start, length FROM chunks ORDER BY first_seq").fetchall()
    [(month, start, length), *others] = asked
    assert {each[0] for each in others} == {month}
    file = file_of(journal.folder, month)
    before = file.read_bytes()
    assert any(before[start : start + length])
    thin(journal)
    with sqlite3.connect(journal.path) as db:
        left = {row[0] for row in db.execute("SELECT start FROM chunks")}
    went = [(begin, size) for _, begin, size in asked if begin not in left]
    expected = bytearray(before)
    for begin, size in went:
        expected[begin : begin + size] = bytes(size)
    assert went
    assert file.read_bytes() == bytes(expected)
    journal.close()
