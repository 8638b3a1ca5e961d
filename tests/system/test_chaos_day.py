"""A scripted day of the whole daemon in which everything goes wrong that can, at 0.1 Hz."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.system.chaos_runs import DAY_S, Note, is_whole, runs

pytestmark = pytest.mark.system

DAY = Path(__file__).parent / "chaos_day.txt"


def test_a_day_in_which_everything_goes_wrong_is_whole(record_property: Note) -> None:
    with runs([100], "--hours", "24", "--period", "10", "--script", str(DAY)) as following:
        outcome = following()
    is_whole(outcome, DAY_S, record_property)
    assert outcome["deaths"] + outcome["crashes"] > 30
    assert outcome["unconfirmed"] > 0  # the box booted into 1970
    assert outcome["resumed"] > 3  # starts that went on from a snapshot
