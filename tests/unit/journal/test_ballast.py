"""The ballast: real blocks, let go of on a full disk, taken again when there is room twice over."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.clock import VirtualClock
from gateway.journal import Journal
from gateway.journal.ballast import LEAST_BYTES, NO_ROOM, Ballast, disk_room
from gateway.journal.errors import JournalFull
from gateway.model import Block
from tests.unit.journal.plant import Dice, Plant

SIZE = 4 << 20
WHOLE = 1 << 40
MB = 1 << 20


class Room:
    """A disk that has as much as is said; what the ballast holds is not free."""

    def __init__(self, free: int, whole: int = WHOLE) -> None:
        self.free, self.whole = free, whole

    def __call__(self, _: Path) -> tuple[int, int]:
        return self.whole, self.free


def begun(folder: Path, room: Room, size: int = SIZE) -> Ballast:
    ballast = Ballast(folder, size, room)
    ballast.begin()
    return ballast


def test_it_holds_blocks_not_a_hole(tmp_path: Path) -> None:
    ballast = begun(tmp_path, Room(100 * MB))
    found = ballast.path.stat()
    assert (ballast.held, found.st_size) == (True, SIZE)
    assert found.st_blocks * 512 >= SIZE
    assert found.st_mode & 0o777 == 0o600


def test_it_is_a_hundredth_of_a_small_disk_and_none_of_a_tiny_one(tmp_path: Path) -> None:
    begun(tmp_path, Room(90 * MB, 100 * MB))
    assert (tmp_path / "ballast").stat().st_size == MB
    (tmp_path / "ballast").unlink()
    assert not begun(tmp_path, Room(LEAST_BYTES * 90, LEAST_BYTES * 99)).held
    assert not begun(tmp_path, Room(90 * MB), 0).held
    assert not (tmp_path / "ballast").exists()


def test_it_gives_way_once_and_readings_stop_at_half(tmp_path: Path) -> None:
    room = Room(100 * MB)
    ballast = begun(tmp_path, room)
    assert (ballast.release(), ballast.release()) == (True, False)
    assert not ballast.path.exists()
    for free, short in ((SIZE, False), (SIZE // 2, False), (SIZE // 2 - 1, True), (2 * SIZE - 1, True)):
        room.free = free
        ballast.look()
        assert (ballast.held, ballast.short) == (False, short), free
    room.free = 2 * SIZE
    ballast.look()
    assert (ballast.held, ballast.short, ballast.path.stat().st_size) == (True, False, SIZE)


def test_a_run_that_begins_on_a_full_disk_lets_go_of_it_at_once(tmp_path: Path) -> None:
    begun(tmp_path, Room(100 * MB))
    ballast = begun(tmp_path, Room(NO_ROOM - 1))
    assert (ballast.held, ballast.path.exists()) == (False, False)


def test_one_that_the_config_no_longer_wants_goes(tmp_path: Path) -> None:
    begun(tmp_path, Room(100 * MB))
    ballast = begun(tmp_path, Room(100 * MB), 0)
    assert (ballast.held, ballast.given, ballast.path.exists()) == (False, False, False)


def test_a_disk_that_does_not_say_has_none(tmp_path: Path) -> None:
    def gone(_: Path) -> tuple[int, int]:
        raise OSError(5, "Input/output error")

    ballast = Ballast(tmp_path, SIZE, gone)
    ballast.begin()
    assert (ballast.held, ballast.short) == (False, False)
    assert disk_room(tmp_path)[0] >= disk_room(tmp_path)[1] > 0


@pytest.fixture
def full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Journal, list[int]]]:
    """A journal whose commits fail while its ballast is there."""
    ballast, tries = Ballast(tmp_path, SIZE, Room(100 * MB)), list[int]()
    journal = Journal.open(
        tmp_path, site="s", gateway="g", clock=VirtualClock(), entropy=Dice(), ballast=ballast
    )
    whole = Journal._commit  # noqa: SLF001 # the disk behind it is made full

    def commit(self: Journal, block: Block) -> None:
        tries.append(len(block.inputs))
        if ballast.held:
            raise JournalFull("full")
        whole(self, block)

    monkeypatch.setattr(Journal, "_commit", commit)
    yield journal, tries
    journal.close()


def test_a_full_disk_costs_the_ballast_and_not_the_block(full: tuple[Journal, list[int]]) -> None:
    journal, tries = full
    given = tuple(Plant().readings(1, 5))
    asyncio.run(journal.commit(Block(given, ())))
    assert (tries, journal.last().input) == ([5, 5], 5)  # twice tried, once there
    assert len(asyncio.run(journal.inputs(1, 9))) == 5


def test_who_waits_for_room_hears_whether_there_is_some(tmp_path: Path) -> None:
    room = Room(100 * MB)
    for size, story in ((SIZE, [(SIZE, False), (2 * SIZE, True)]), (0, [(0, True)])):
        ballast = Ballast(tmp_path, size, room)
        room.free = 100 * MB
        with Journal.open(
            tmp_path, site="s", gateway="g", clock=VirtualClock(), entropy=Dice(), ballast=ballast
        ) as journal:
            assert asyncio.run(journal.look_at_room())
            ballast.release()
            for free, enough in story:
                room.free = free
                assert asyncio.run(journal.look_at_room()) is enough
