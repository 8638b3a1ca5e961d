"""The clocks: waiting, deadlines, cancelling, and wall time that steps."""

from __future__ import annotations

import asyncio

import pytest

from gateway.box.timesync import kernel_synchronised
from gateway.clock import STEP_NS, SystemClock, VirtualClock
from gateway.model import ClockRow

S = 1_000_000_000


async def test_sleepers_wake_in_order_each_at_its_own_instant():
    clock = VirtualClock()
    woken: list[tuple[str, int]] = []
    start = clock.boottime_ns()

    async def sleep(name: str, seconds: float) -> None:
        await clock.sleep_until(start + round(seconds * S))
        woken.append((name, clock.boottime_ns() - start))

    tasks = [asyncio.ensure_future(sleep(name, at)) for name, at in (("c", 3), ("a", 1), ("b", 2), ("b2", 2))]
    await clock.advance(8 * 3600)
    await asyncio.gather(*tasks)
    assert woken == [("a", S), ("b", 2 * S), ("b2", 2 * S), ("c", 3 * S)]
    assert clock.boottime_ns() - start == 8 * 3600 * S


async def test_a_sleeper_that_sleeps_again_wakes_within_one_advance():
    clock = VirtualClock()
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        due = clock.boottime_ns()
        while True:
            due += S
            await clock.sleep_until(due)
            ticks += 1

    task = asyncio.ensure_future(tick())
    await clock.advance(3600)
    task.cancel()
    assert ticks == 3600


async def test_what_is_due_at_the_end_of_an_advance_has_run():
    clock = VirtualClock()
    task = asyncio.ensure_future(clock.sleep_until(clock.boottime_ns() + S))
    await clock.advance(1)
    assert task.done()


async def test_a_long_chain_of_tasks_comes_to_rest_before_time_moves():
    clock = VirtualClock()
    start, seen = clock.boottime_ns(), []

    async def link(depth: int) -> None:
        if depth:
            await asyncio.ensure_future(link(depth - 1))
        else:
            await clock.sleep_until(start + S)
        seen.append(clock.boottime_ns())

    await asyncio.gather(asyncio.ensure_future(link(50)), clock.advance(10))
    assert set(seen) == {start + S}


async def test_tasks_that_never_wait_are_told_not_waited_for():
    clock = VirtualClock()

    async def spin() -> None:
        while True:
            await clock.sleep_until(0)

    task = asyncio.ensure_future(spin())
    with pytest.raises(RuntimeError, match="without ever waiting"):
        await clock.advance(1)
    task.cancel()


@pytest.fixture(params=["virtual", "system"])
def moving(request):
    """A clock, and how to run something while its time passes."""
    if request.param == "system":
        clock = SystemClock()

        async def real(awaitable, _seconds):
            return await awaitable

        return clock, real
    made = VirtualClock()

    async def virtual(awaitable, seconds):
        task = asyncio.ensure_future(awaitable)
        await made.advance(seconds)
        return await task

    return made, virtual


async def test_within_gives_what_came_in_time(moving):
    clock, run = moving

    async def soon() -> str:
        await clock.sleep_until(clock.boottime_ns() + S // 1000)
        return "here"

    assert await run(clock.within(soon(), clock.boottime_ns() + 600 * S), 1) == "here"


async def test_within_raises_at_the_deadline_and_cancels_what_it_waited_for(moving):
    clock, run = moving
    ended = []

    async def late() -> None:
        try:
            await clock.sleep_until(clock.boottime_ns() + 3600 * S)
        finally:
            ended.append(True)

    begin = clock.boottime_ns()
    with pytest.raises(TimeoutError):
        await run(clock.within(late(), begin + S // 500), 1)
    assert ended == [True]
    assert clock.boottime_ns() - begin >= S // 500


async def test_a_deadline_that_is_past_still_takes_what_is_ready(moving):
    clock, run = moving

    async def ready() -> str:
        return "ready"

    assert await run(clock.within(ready(), clock.boottime_ns() - S), 0) == "ready"
    with pytest.raises(TimeoutError):
        await run(clock.within(asyncio.Event().wait(), clock.boottime_ns() - S), 0)


async def test_a_timeout_of_the_awaited_is_not_mistaken_for_ours(moving):
    clock, run = moving

    async def fails() -> None:
        raise TimeoutError("its own")

    with pytest.raises(TimeoutError, match="its own"):
        await run(clock.within(fails(), clock.boottime_ns() + S), 0)


async def test_cancelling_within_cancels_what_it_waits_for_before_it_returns():
    clock = VirtualClock()
    ended = []

    async def held() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await clock.sleep_until(0)  # giving back takes a turn of the loop
            ended.append(True)

    task = asyncio.ensure_future(clock.within(held(), clock.boottime_ns() + S))
    await clock.advance(0.5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended == [True]
    await clock.advance(10)  # its deadline passes and harms nobody


async def test_cancelled_at_the_instant_of_the_deadline_is_cancelled():
    clock = VirtualClock()
    task = asyncio.ensure_future(clock.within(asyncio.Event().wait(), clock.boottime_ns() + S))
    await clock.advance(0.5)
    asyncio.get_running_loop().call_soon(task.cancel)  # runs between the deadline and the task's waking up
    clock._sleepers[0][2].set_result(None)  # noqa: SLF001 # the deadline, with no turn of the loop in between
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_nested_deadlines_go_off_one_by_one():
    clock = VirtualClock()
    start = clock.boottime_ns()
    told = []

    async def outer() -> None:
        try:
            await clock.within(asyncio.Event().wait(), start + S)
        except TimeoutError:
            told.append(clock.boottime_ns() - start)
        await asyncio.Event().wait()

    task = asyncio.ensure_future(clock.within(outer(), start + 2 * S))
    await clock.advance(5)
    with pytest.raises(TimeoutError):
        await task
    assert told == [S]


def test_wall_time_may_step_boottime_does_not():
    clock = VirtualClock(wall_ns=1_800_000_000 * S)
    before, row = clock.now(), clock.row()
    clock.step_wall(-3600)
    after = clock.now()
    assert after.boottime_ns == before.boottime_ns
    assert after.time_ns - before.time_ns == -3600 * S
    assert (clock.row().clock_id, clock.row().boot_id) == (row.clock_id + 1, row.boot_id)


def test_the_system_clock_keeps_its_row_until_wall_time_steps(monkeypatch):
    clock = SystemClock(ClockRow(6, "another boot", 1, 1, synchronised=True))
    row = clock.row()
    assert row.clock_id == 7
    now = clock.now()
    assert now.time_ns - now.boottime_ns == row.offset_ns
    real = __import__("time").time_ns
    monkeypatch.setattr("gateway.clock.time.time_ns", lambda: real() + STEP_NS // 2)
    assert clock.row() is row
    monkeypatch.setattr("gateway.clock.time.time_ns", lambda: real() + 10 * STEP_NS)
    stepped = clock.row()
    assert stepped.clock_id == 8
    assert stepped.boot_id == row.boot_id
    assert stepped.offset_ns - row.offset_ns == pytest.approx(10 * STEP_NS, abs=STEP_NS)
    assert clock.now().clock_id == 8
    assert clock.row() is stepped


def test_a_machine_that_stalls_while_both_clocks_are_read_has_not_stepped(monkeypatch):
    clock = SystemClock()
    row = clock.row()
    real, boot = __import__("time").time_ns, __import__("time").clock_gettime_ns
    stalled = [0]

    def late_once() -> int:
        stalled[0] = 10 * S  # from now on both clocks are on
        return int(real()) + stalled[0]

    monkeypatch.setattr("gateway.clock.time.clock_gettime_ns", lambda which: boot(which) + stalled[0])
    monkeypatch.setattr("gateway.clock.time.time_ns", late_once)
    assert clock.row() is row


def test_a_clock_that_was_never_set_says_so(monkeypatch):
    monkeypatch.setattr(
        "gateway.clock.time.time_ns", lambda: 86_400 * S
    )  # a box without a battery wakes in 1970
    clock = SystemClock(synchronised=lambda: True)
    assert not clock.row().synchronised
    monkeypatch.undo()
    row = clock.row()
    assert row.synchronised
    assert row.clock_id == 2


def test_a_restart_in_the_same_boot_goes_on_with_the_row_that_holds(monkeypatch):
    row = SystemClock(synchronised=lambda: True).row()
    clock = SystemClock(row, synchronised=lambda: False)
    assert clock.row() is row  # it was confirmed in this boot, and nobody stepped the clock since
    assert clock.now().clock_id == row.clock_id
    real = __import__("time").time_ns
    monkeypatch.setattr("gateway.clock.time.time_ns", lambda: real() + 10 * STEP_NS)
    stepped = SystemClock(row, synchronised=lambda: False).row()
    assert (stepped.clock_id, stepped.boot_id) == (row.clock_id + 1, row.boot_id)
    assert not stepped.synchronised  # by whom?


def test_time_is_confirmed_by_the_kernel_or_by_a_person_not_by_a_likely_year():
    word: list[bool | None] = [False]
    clock = SystemClock(synchronised=lambda: word[0])
    assert not clock.row().synchronised
    assert SystemClock(accepted=True, synchronised=lambda: False).row().synchronised
    assert SystemClock(synchronised=lambda: None).row().synchronised  # the kernel may not be asked
    first = clock.row()
    word[0] = True
    confirmed = clock.row()
    assert (confirmed.clock_id, confirmed.synchronised) == (first.clock_id + 1, True)
    word[0] = False  # the network went: the offset is still the one that was confirmed
    assert clock.row() is confirmed


def test_the_kernel_is_asked_and_a_sandbox_may_forbid_it():
    def forbidden() -> tuple[int, int]:
        raise PermissionError(1, "adjtimex")

    assert kernel_synchronised() in (True, False, None)
    assert kernel_synchronised(forbidden) is None
    assert kernel_synchronised(lambda: (0, 0x40)) is False
    assert kernel_synchronised(lambda: (5, 0)) is False
    assert kernel_synchronised(lambda: (1, 0x11)) is True  # a leap second is due
