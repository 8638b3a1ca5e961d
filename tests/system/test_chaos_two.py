"""The other five of ten seeds, two hours under faults each: a file, so that two processes share the ten."""

from __future__ import annotations

import pytest

from tests.system.chaos_runs import Next, Note, seed_is_whole, seeds

pytestmark = pytest.mark.system

SEEDS = range(6, 11)
following = seeds(SEEDS)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_seed_is_whole(seed: int, following: Next, record_property: Note) -> None:
    seed_is_whole(seed, following, record_property)
