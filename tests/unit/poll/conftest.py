from __future__ import annotations

import asyncio

import pytest

from tests.unit.poll.kit import Rig


@pytest.fixture
async def rig():
    """Makes rigs; their pollers are cancelled afterwards."""
    made: list[Rig] = []

    def make(*devices, took_ms=5) -> Rig:
        made.append(Rig(*devices, took_ms=took_ms))
        return made[-1]

    yield make
    for each in made:
        if each.task is not None:
            each.task.cancel()
            await asyncio.wait({each.task})
