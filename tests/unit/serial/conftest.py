from __future__ import annotations

import pytest

from tests.unit.serial.kit import Desk


@pytest.fixture
async def desk():
    """Makes desks; their listeners are stopped afterwards."""
    made: list[Desk] = []

    def make(kind, **given) -> Desk:
        made.append(Desk(kind, **given))
        return made[-1]

    yield make
    for each in made:
        await each.stop()
