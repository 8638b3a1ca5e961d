"""The daemon's own duties: what ends it, what does not, and what it says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.app import Daemon
from gateway.clock import VirtualClock
from gateway.journal import Journal, JournalReader
from gateway.journal.errors import JournalBusy, JournalFailed, JournalFull
from gateway.model import Block, ClockRow, Noted
from gateway.site import Site
from gateway.supervising import supervised

SITE = Site("plant", "gw1", (), (), cells=("a/l/c",))


class Publisher:
    """Breaks at whatever it is asked."""

    def offer(self, block: Block) -> None:  # noqa: ARG002 # the port
        raise RuntimeError("offer")

    async def run(self) -> None:
        raise RuntimeError("run")

    async def drained(self) -> None:
        """At once."""


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[tuple[Daemon, VirtualClock, asyncio.Task[None]]]:
    clock = VirtualClock()
    daemon = Daemon(SITE, folder, clock=clock)
    up = asyncio.Event()
    task = asyncio.create_task(daemon.run(up.set))
    await up.wait()
    yield daemon, clock, task
    daemon.stop()
    for _ in range(2400):
        if task.done():
            break
        await asyncio.wait({task}, timeout=0.05)  # the journal's threads are real, and so is a busy machine
        await settled(clock, 1)
    assert task.done()


async def settled(clock: VirtualClock, seconds: float) -> None:
    """Move time, and let threads answer."""
    await clock.advance(seconds)
    await asyncio.to_thread(lambda: None)
    await clock.advance(0)


@pytest.fixture(autouse=True)
def no_helper(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.app.Sealer", _Sealer)


class _Sealer:
    def __init__(self, *_: object, **__: object) -> None:
        """Needs nothing."""

    async def run(self) -> None:
        """Nothing to seal."""


def commits(monkeypatch: pytest.MonkeyPatch, *errors: Exception) -> None:
    """The journal's next commits fail like this, then it is well."""
    whole, left = Journal.commit, list(errors)

    async def commit(self: Journal, block: Block) -> None:
        if left:
            raise left.pop(0)
        await whole(self, block)

    monkeypatch.setattr(Journal, "commit", commit)


def events(folder: Path) -> list[Noted]:
    with JournalReader(folder) as reader:
        found = [each.event for each in reader.events(1, reader.last().event)]
    return [event for event in found if isinstance(event, Noted)]


async def test_a_disk_that_failed_ends_the_run_with_the_journals_own_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits(monkeypatch, JournalFailed("disk I/O error"))
    async with running(tmp_path) as (_, clock, task):
        await settled(clock, 2)
    with pytest.raises(JournalFailed, match="disk I/O error"):
        await task
    async with running(tmp_path) as (_, clock, task):  # and the next one begins
        await settled(clock, 2)
    await task


async def test_a_journal_that_is_full_or_busy_for_a_while_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits(monkeypatch, JournalFull("full"), JournalBusy("a backup"))
    async with running(tmp_path) as (_, clock, task):
        for _ in range(6):
            await settled(clock, 1)
        assert not task.done()
    await task
    assert [event.kind for event in await asyncio.to_thread(events, tmp_path)] == ["clock"]


async def test_a_publisher_that_breaks_slows_nobody_and_is_told_ever_more_rarely(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Daemon, "_publishers", lambda *_: [Publisher()])
    async with running(tmp_path) as (_, clock, task):
        for _ in range(60):
            await settled(clock, 1)
        minute_ns = clock.now().time_ns  # the end may take any virtual time, as its threads are real
    await task
    told = [event for event in await asyncio.to_thread(events, tmp_path) if event.kind == "task_restarted"]
    assert 3 <= sum(event.time_ns < minute_ns for event in told) <= 5  # after 0, 2, 6, 14 and 30 s


async def test_a_task_that_does_not_let_go_does_not_hold_up_the_last_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_go = asyncio.Event()

    async def run(_: object) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await let_go.wait()

    monkeypatch.setattr(_Sealer, "run", run)
    async with running(tmp_path) as (daemon, clock, task):
        await settled(clock, 0.1)
        daemon.stop()
        told = []
        for _ in range(200):  # of virtual seconds; the journal's thread takes what it takes
            await settled(clock, 1)
            told = [event.kind for event in await asyncio.to_thread(events, tmp_path)]
            if told:
                break
        assert not task.done()
        assert told == ["clock"]
        let_go.set()
    await task


@pytest.mark.long
async def test_a_task_that_breaks_again_and_again_is_started_ever_more_rarely() -> None:
    made: list[Any] = []

    async def breaking() -> None:
        made.append(1)
        raise RuntimeError("bus")

    class Notes:
        def note(self, event: Noted) -> None:
            made.append(event)

    clock = VirtualClock()
    task = asyncio.create_task(supervised("bus", breaking, clock, Notes()))
    await clock.advance(24 * 3600)
    assert len(made) < 2 * 24 * 3600 / 60
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


class Unkept(VirtualClock):
    """A clock that nobody keeps right."""

    def row(self) -> ClockRow:
        return replace(super().row(), synchronised=False)


@pytest.mark.parametrize(("kind", "told"), [(VirtualClock, 0), (Unkept, 1)])
async def test_unconfirmed_time_is_told_at_the_start_with_what_to_do(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    kind: type[VirtualClock],
    told: int,
) -> None:
    monkeypatch.setattr(f"{__name__}.VirtualClock", kind)
    async with running(tmp_path):
        pass
    assert len([each for each in caplog.messages if "--accept-clock" in each]) == told
