from __future__ import annotations

import asyncio

import pytest

from tests.unit.reloading.plant import Plant


@pytest.fixture
async def make(monkeypatch: pytest.MonkeyPatch):
    """Makes plants; their buses end with the test."""
    made: list[Plant] = []

    def of(**more) -> Plant:
        plant = Plant(**more)
        monkeypatch.setattr("gateway.app_buses.load_driver", lambda _: made[-1].module())
        made.append(plant)
        return plant

    yield of
    for plant in made:
        plant.task.cancel()
        await asyncio.gather(plant.task, return_exceptions=True)
