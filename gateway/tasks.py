"""Tasks that end when they are told to.

Rule 1: a task that is cancelled ends, or is cancelled again.  One cancellation can be lost: `asyncio.TaskGroup`
drops it when a task of the group has just failed ("other errors have priority"), and `asyncio.wait_for` before Python
3.12 when what it waits for has just come.  A publisher whose broker went at that very moment would then dial on for
ever, and the daemon would not stop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

AGAIN_S = 3.0  # a farewell to a broker may take 2 s, and is not to be cut short


async def ended(*tasks: asyncio.Task[Any]) -> None:
    """Cancel them, again and again, until all are done; what they raised stays theirs.

    Cancelled itself, it ends them all the same, and raises CancelledError then.
    """
    pending = {task for task in tasks if not task.done()}
    cancelled = False
    while pending:
        for task in pending:
            task.cancel()
        try:
            await asyncio.wait(pending, timeout=AGAIN_S)
        except asyncio.CancelledError:
            cancelled = True
        pending = {task for task in pending if not task.done()}
    if cancelled:
        raise asyncio.CancelledError


async def together(*works: Coroutine[Any, Any, None]) -> None:
    """Run them until one fails, all have returned, or this is cancelled; then none of them runs any more.

    Raises what failed first, by itself and not in a group; CancelledError comes before all.
    """
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        await ended(*tasks)
    for task in tasks:
        if not task.cancelled():
            task.result()
