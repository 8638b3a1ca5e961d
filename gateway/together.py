"""Tasks that run together: when one breaks, the others end, and whoever runs them hears why. No cancellation is lost.

asyncio's TaskGroup forgets one that comes in the moment in which a task of the group breaks (cpython issue 116720; in
Python 3.11 and 3.12): who handles the error would go on for ever, and so would whoever waits for the end. `lotwatch
chaos --seed 1` found it: a link that broke in the moment in which the daemon was stopped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any


async def together(works: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Run them until all are done or one breaks. Raises an ExceptionGroup of what broke."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    errors = [error for task in tasks if not task.cancelled() and (error := task.exception()) is not None]
    if errors:
        raise BaseExceptionGroup("of tasks that run together", errors)
