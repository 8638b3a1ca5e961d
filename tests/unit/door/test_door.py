"""The door itself: answered after the commit, bounded, private, and cleared when it is stale."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.clock import VirtualClock
from gateway.door import BadRequest, Door, DoorClosed, DoorSilent, ask, request
from gateway.door.guests import GUESTS_MOST
from gateway.door.place import NAME
from gateway.door.words import LINE_MOST
from gateway.model import Block, Entry, Noted, NumberedEvent, NumberedInput, Severity

LINE = request("unshelve", "17", {"alarm": "a"})


class House:
    """Takes entries, and commits them when the test says so."""

    def __init__(self, folder: Path) -> None:
        self.clock = VirtualClock()
        self.taken: list[Entry] = []
        self.came = asyncio.Event()
        self.door = Door(folder, self.clock, self._take)

    def _take(self, entry: Entry) -> None:
        self.taken.append(entry)
        self.came.set()

    def commit(self, first: int = 1) -> None:
        inputs = tuple(NumberedInput(first + i, entry) for i, entry in enumerate(self.taken))
        told = Noted(1, "shelve_refused", "a", Severity.INFO, {})
        events = tuple(NumberedEvent(first + i, first + i, told) for i in range(len(inputs)))
        self.door.committed(Block(inputs, events))


@contextlib.asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[House]:
    house = House(folder)
    await asyncio.to_thread(house.door.open)
    task = asyncio.create_task(house.door.run())
    yield house
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    await asyncio.to_thread(house.door.close)


async def asked(folder: Path, line: bytes = LINE):
    return await asyncio.to_thread(ask, folder, line, 120.0)


async def test_an_entry_is_answered_after_its_commit_with_what_it_caused(tmp_path: Path):
    async with opened(tmp_path) as house:
        answer = asyncio.create_task(asked(tmp_path))
        await house.came.wait()
        await asyncio.to_thread(lambda: None)
        assert not answer.done()
        assert house.taken[0].at == house.clock.now()
        house.commit(7)
        given = await answer
        assert given.seq == 7
        assert [event["kind"] for event in given.events] == ["shelve_refused"]


async def test_what_cannot_be_is_refused_and_not_taken(tmp_path: Path):
    async with opened(tmp_path) as house:
        with pytest.raises(BadRequest, match="operator is a number"):
            await asked(tmp_path, request("unshelve", "Anna", {"alarm": "a"}))
        assert not house.taken


async def test_nobody_but_the_owner_may_enter_and_nothing_stays_behind(tmp_path: Path):
    async with opened(tmp_path):
        mode = (tmp_path / NAME).lstat().st_mode
        assert stat.S_ISSOCK(mode)
        assert stat.S_IMODE(mode) == 0o600
    assert not (tmp_path / NAME).exists()
    with pytest.raises(DoorClosed):
        await asked(tmp_path)


async def test_a_stale_socket_is_replaced(tmp_path: Path):
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / NAME))
    with pytest.raises(DoorClosed):
        await asked(tmp_path)
    async with opened(tmp_path) as house:
        answer = asyncio.create_task(asked(tmp_path))
        await house.came.wait()
        house.commit()
        assert (await answer).seq == 1


async def test_a_file_in_its_place_is_left_alone_and_told(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    (tmp_path / NAME).write_text("mine")
    async with opened(tmp_path):
        pass
    assert "something else is here" in caplog.text
    assert (tmp_path / NAME).read_text() == "mine"


async def test_a_folder_with_a_long_name_has_a_door_too(tmp_path: Path):
    folder = tmp_path / ("long-" * 20) / ("longer-" * 10)
    folder.mkdir(parents=True)
    async with opened(folder) as house:
        answer = asyncio.create_task(asked(folder))
        await house.came.wait()
        house.commit()
        assert (await answer).seq == 1


async def test_a_disk_that_takes_nothing_is_told_in_time(tmp_path: Path):
    async with opened(tmp_path) as house:
        answer = asyncio.create_task(asked(tmp_path))
        await house.came.wait()
        await house.clock.advance(11)
        with pytest.raises(DoorSilent, match="look again"):
            await answer
        house.commit()  # later: nobody waits any more


async def test_several_requests_on_one_connection(tmp_path: Path):
    async with opened(tmp_path) as house:
        reader, writer = await asyncio.open_unix_connection(str(tmp_path / NAME))
        for number in (1, 2):
            writer.write(LINE)
            house.came.clear()
            await house.came.wait()
            house.commit(number)
            house.taken.clear()
            assert json.loads(await reader.readline())["seq"] == number
        writer.close()


async def test_a_line_that_never_ends_is_refused(tmp_path: Path):
    async with opened(tmp_path) as house:
        reader, writer = await asyncio.open_unix_connection(str(tmp_path / NAME))
        writer.write(b"x" * (LINE_MOST * 3))
        said = json.loads(await reader.readline())
        assert (said["ok"], said["code"]) == (False, 2)
        assert f"at most {LINE_MOST} bytes" in said["error"]
        writer.close()
        assert not house.taken
    with pytest.raises(BadRequest, match="at most"):
        await asked(tmp_path, b"x" * LINE_MOST)


async def test_who_says_nothing_is_let_go_and_too_many_are_sent_away(tmp_path: Path):
    async with opened(tmp_path) as house:
        silent = [await asyncio.open_unix_connection(str(tmp_path / NAME)) for _ in range(GUESTS_MOST)]
        with pytest.raises(DoorSilent, match="too many"):
            await asked(tmp_path)
        await house.clock.advance(6)
        assert [await reader.read() for reader, _ in silent] == [b""] * GUESTS_MOST
        for _, writer in silent:
            writer.close()


async def test_a_daemon_that_dies_before_it_answers_is_told(tmp_path: Path):
    def hang_up() -> None:
        end, _ = listener.accept()
        end.recv(10)
        end.close()

    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / NAME))
    listener.listen()
    dying = asyncio.create_task(asyncio.to_thread(hang_up))
    with pytest.raises(DoorSilent, match=r"hung up|ended before"):
        await asked(tmp_path)
    await dying
    listener.close()


async def test_a_folder_that_is_not_there_is_no_door(tmp_path: Path):
    with pytest.raises(DoorClosed):
        await asked(tmp_path / "nowhere")


async def test_a_door_that_was_never_served_closes_too(tmp_path: Path):
    door = House(tmp_path).door
    await asyncio.to_thread(door.open)
    await asyncio.to_thread(door.close)
    assert not (tmp_path / NAME).exists()
