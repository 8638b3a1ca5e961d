"""Virtual time: the loop of chaos jumps to the next timer, in the order in which timers were asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from simulators.chaos.loop import Stuck, VirtualLoop, pause, run


def played(make: Coroutine[Any, Any, None]) -> int:
    """Virtual nanoseconds at the end."""
    loop = VirtualLoop()
    run(loop, make)
    return loop.now_ns


def test_timers_of_one_instant_run_in_the_order_in_which_they_were_asked_for() -> None:
    ran: list[int] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        at = loop.time() + 3.0
        for number in range(20):
            loop.call_at(at, ran.append, number)
        await pause(4.0)

    assert played(main()) == 4_000_000_000
    assert ran == list(range(20))


def test_what_was_cancelled_never_runs_and_moves_no_time() -> None:
    ran: list[str] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        early, late = loop.call_later(1.0, ran.append, "early"), loop.call_later(50.0, ran.append, "late")
        early.cancel()
        late.cancel()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(2.0):
                await asyncio.Event().wait()

    assert played(main()) == 2_000_000_000
    assert ran == []


def test_instants_that_a_float_cannot_tell_apart_do_not_stop_it() -> None:
    """After months of nanoseconds a float of seconds is coarser than they are."""

    async def main() -> None:
        for step in (1e-9, 0.1, 0.3, 1e-7, 1 / 3):
            for _ in range(200):
                await pause(step)

    loop = VirtualLoop(10_000_000 * 10**9 + 1)
    run(loop, main())
    assert 0 <= loop.now_ns - (10_000_000 * 10**9 + 1) - 200 * 733_333_434 < 1_000_000


def test_everybody_waits_for_what_never_comes() -> None:
    async def main() -> None:
        await asyncio.Event().wait()

    loop = VirtualLoop()
    with pytest.raises(Stuck, match="what never comes"):
        loop.run_until_complete(main())
    loop.close()
