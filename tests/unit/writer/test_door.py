"""The writer's door: a local socket that bears any bytes, and a writer that ends when its audit takes no row."""

from __future__ import annotations

import asyncio
import contextlib
import os
import stat
from pathlib import Path
from typing import Any, cast

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.door.guests import ASK_NS
from lotwatch_writer.client import Denied, NoAnswer, NobodyThere, ask
from lotwatch_writer.server import NoPlace, Server, listening
from lotwatch_writer.words_at_door import LINE_MOST, BadLine, asked, note_in
from tests.unit.writer.kit import TAG, Site


@given(line=st.binary(max_size=200))
def test_any_bytes_are_a_question_or_refused(line) -> None:
    with contextlib.suppress(BadLine):
        note_in(line)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{}",
        b"[]",
        b'{"v":2,"ask":"hello"}',
        b'{"v":1,"ask":"take"}',
        b'{"v":1,"ask":"hello","note":"x"}',
    ],
)
def test_what_is_no_question(line) -> None:
    with pytest.raises(BadLine):
        note_in(line)
    assert note_in(asked()) == ""
    assert note_in(asked("x\n")) == "x\n"


@contextlib.asynccontextmanager
async def serving(site: Site, folder: Path):
    server = Server(site.desk, site.clock)
    task = asyncio.ensure_future(server.run(listening(folder / "s")))
    try:
        yield server, task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, OSError):
            await task


async def talk(folder: Path, *lines: bytes) -> list[dict]:
    reader, writer = await asyncio.open_unix_connection(str(folder / "s"))
    said = []
    for line in lines:
        writer.write(line)
        if answer := await reader.readline():
            said.append(orjson.loads(answer))
    writer.close()
    return said


async def test_guests_are_answered_one_line_after_another(tmp_path) -> None:
    site = Site(tmp_path)
    async with serving(site, tmp_path):
        hello, bad, again = await talk(tmp_path, asked(), b"rubbish\n", asked())
        assert (hello["ok"], bad["ok"], again["ok"]) == (True, False, True)
        assert hello["challenge"] != again["challenge"]
        [long] = await talk(tmp_path, b"x" * 2 * LINE_MOST + b"\n")
        assert "at most" in long["error"]
        [refused] = await talk(tmp_path, asked("not a note"))
        assert "not a note" in refused["error"]
        _, hangs_up = await asyncio.open_unix_connection(str(tmp_path / "s"))
        hangs_up.write(b"half a li")
        hangs_up.close()
        assert (await talk(tmp_path, asked()))[0]["ok"]


async def test_an_audit_that_takes_no_row_ends_the_writer(tmp_path, monkeypatch) -> None:
    site = Site(tmp_path)
    note = await site.note("propose", "17", tag=TAG, value=12.5, uom="%", reason="x")

    def full(kind, **facts):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(site.audit, "append", full)
    async with serving(site, tmp_path) as (_, task):
        [said] = await talk(tmp_path, asked(note))
        assert "the audit takes no row, so the writer ends" in said["error"]
        with pytest.raises(OSError, match="No space"):
            await task
    assert site.device.writes == []


class Deaf:
    """A guest's end that takes nothing."""

    closed = False

    def write(self, data: bytes) -> None: ...

    async def drain(self) -> None:
        await asyncio.get_running_loop().create_future()

    def close(self) -> None:
        self.closed = True


async def test_a_guest_who_does_not_read_is_let_go_of(tmp_path) -> None:
    """Sixteen of them would keep everybody else from the door."""
    site, guest, reader = Site(tmp_path), Deaf(), asyncio.StreamReader()
    reader.feed_data(asked())
    task = asyncio.ensure_future(Server(site.desk, site.clock)._guests.come(reader, cast("Any", guest)))  # noqa: SLF001
    await site.clock.advance(ASK_NS / 2e9)
    assert not task.done()
    await site.clock.advance(ASK_NS / 1e9)
    assert guest.closed
    await task


def test_the_socket_is_for_owner_and_group(tmp_path) -> None:
    listening(tmp_path / "s").close()
    assert stat.S_IMODE((tmp_path / "s").stat().st_mode) == 0o660
    listening(tmp_path / "s").close()  # a stale one is taken away
    (tmp_path / "file").touch()
    with pytest.raises(NoPlace, match="something else is here"):
        listening(tmp_path / "file")
    with pytest.raises(NoPlace, match="No such file"):
        listening(tmp_path / "none" / "s")


def answering(folder: Path, answer: bytes) -> asyncio.Future:
    """A server of one answer, in a thread."""
    made = listening(folder / "s")
    made.setblocking(True)

    def once() -> None:
        end, _ = made.accept()
        with made, end:
            end.recv(1000)
            end.sendall(answer)

    return asyncio.get_running_loop().run_in_executor(None, once)


@pytest.mark.parametrize(
    ("answer", "error", "says"),
    [
        (b'{"v":1,"ok":false,"error":"no"}\n', Denied, "no"),
        (b"", NoAnswer, "ended before it answered"),
        (b'{"v":1,"ok":tr', NoAnswer, "ended before"),
        (b"[]\n", NoAnswer, "ended before"),
    ],
)
async def test_what_a_command_makes_of_an_answer(tmp_path, answer, error, says) -> None:
    task = answering(tmp_path, answer)
    with pytest.raises(error, match=says):
        await asyncio.to_thread(ask, tmp_path / "s")
    await task


def test_where_nobody_listens_a_command_says_what_to_do(tmp_path) -> None:
    with pytest.raises(NobodyThere, match="systemctl start lotwatch-writer"):
        ask(tmp_path / "s")
    if os.geteuid() != 0:
        listening(tmp_path / "s").close()
        (tmp_path / "s").chmod(0)
        with pytest.raises(NobodyThere, match="adduser NAME lotwatch-writer"):
            ask(tmp_path / "s")
