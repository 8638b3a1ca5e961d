"""The local door's wish for another config, granted or refused: the line that says so."""

from __future__ import annotations

from gateway.door.words import Reload, answer, refusal
from gateway.reloading.reloader import Reloader


async def answered(reloader: Reloader, wish: Reload) -> bytes:
    """What is said at the door; after the commit where the config changed."""
    outcome = await reloader.reload(wish.operator or "command", wish.config)
    if outcome.code:
        return refusal(outcome.code, outcome.words)
    return answer(outcome.seq, outcome.events)
