"""The other five of ten seeds, two hours under faults each: a file, so that two processes share the ten."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.system.chaos_runs import SEED_S, Next, Note, is_whole, seeds

pytestmark = pytest.mark.system

SEEDS = range(6, 11)


@pytest.fixture(scope="module")
def following() -> Iterator[Next]:
    with seeds(SEEDS) as begun:
        yield begun


@pytest.mark.parametrize("seed", SEEDS)
def test_a_seed_is_whole(seed: int, following: Next, record_property: Note) -> None:
    outcome = following()
    assert outcome["seed"] == seed
    is_whole(outcome, SEED_S, record_property)
