"""Tasks that end when they are told to, whatever they lose on the way."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from gateway import tasks
from gateway.tasks import ended, together


async def deaf(times: int) -> None:
    """Loses as many cancellations."""
    for _ in range(times):
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
    await asyncio.Event().wait()


async def broken() -> None:
    raise OSError("cut")


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "AGAIN_S", 0.001)


async def test_a_task_that_lost_its_cancellation_is_cancelled_again() -> None:
    task = asyncio.create_task(deaf(3))
    await asyncio.sleep(0)  # noqa: TID251 # a turn of the loop
    await ended(task)
    assert task.cancelled()


async def test_whoever_ends_others_and_is_cancelled_ends_them_first() -> None:
    task = asyncio.create_task(deaf(5))
    await asyncio.sleep(0)  # noqa: TID251 # a turn of the loop
    ending = asyncio.create_task(ended(task))
    await asyncio.sleep(0)  # noqa: TID251 # a turn of the loop
    ending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await ending
    assert task.cancelled()


async def test_what_fails_ends_the_others_and_is_raised_by_itself() -> None:
    with pytest.raises(OSError, match="cut"):
        await together(deaf(2), broken())


async def test_cancelled_none_of_them_runs_on() -> None:
    task = asyncio.create_task(together(deaf(2), deaf(0)))
    await asyncio.sleep(0)  # noqa: TID251 # a turn of the loop
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def late() -> None:
    """Breaks while it ends."""
    try:
        await asyncio.Event().wait()
    finally:
        raise ValueError("a defect")


async def test_what_is_expected_does_not_hide_a_defect_of_the_same_moment() -> None:
    with pytest.raises(ValueError, match="a defect"):
        await together(broken(), late(), but=(OSError,))


async def test_a_cancellation_in_the_moment_of_a_failure_is_not_lost() -> None:
    """asyncio's TaskGroup loses it: a publisher that was told to end as its link broke went on (chaos, seed 1)."""
    event = asyncio.Event()

    async def breaks() -> None:
        await event.wait()
        raise OSError("cut")

    async def runs() -> None:
        with contextlib.suppress(OSError):
            await together(breaks(), deaf(0))
        await asyncio.Event().wait()

    task = asyncio.create_task(runs())
    await asyncio.sleep(0)  # noqa: TID251 # a turn of the loop
    event.set()
    await asyncio.sleep(0)  # noqa: TID251 # it breaks
    task.cancel()
    await ended(task)
    assert task.cancelled()
