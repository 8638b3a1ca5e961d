"""Tasks that end when they are told to, and tasks that run together: when one breaks, the others end. None runs on.

Rule 1: a task that is cancelled ends, or is cancelled again.  One cancellation can be lost: `asyncio.TaskGroup`
drops it when a task of the group has just failed (cpython issue 116720; in Python 3.11 and 3.12), and
`asyncio.wait_for` before Python 3.12 when what it waits for has just come.  A publisher whose broker went at that very
moment would then dial on for ever, and the daemon would not stop; `lotwatch chaos --seed 1` found it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

AGAIN_S = 3.0  # a farewell to a broker may take 2 s, and is not to be cut short


async def ended(*tasks: asyncio.Future[Any]) -> None:
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


async def together(*works: Coroutine[Any, Any, None], but: tuple[type[Exception], ...] = ()) -> None:
    """Run them until one fails, all have returned, or this is cancelled; then none of them runs any more.

    Raises what failed, by itself and not in a group: of several what stands first, and what is of `but`, in its order,
    only where nothing else failed. CancelledError comes before all.
    """
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        await ended(*tasks)
    errors = [error for task in tasks if not task.cancelled() and (error := task.exception()) is not None]
    if errors:
        raise min(errors, key=lambda error: _rank(error, but))


def _rank(error: BaseException, but: tuple[type[Exception], ...]) -> int:
    """0: not expected."""
    return next((place for place, kind in enumerate(but, 1) if isinstance(error, kind)), 0)
