"""Half an hour of the whole daemon without a fault: what it holds does not grow beyond what fills in the first hours.

A slope of 1 MB a day cannot be read off half an hour: windows that fill in hours (stays of lots, Python's own caches)
look like growth in it. It is measured over 12 hours and more: `python -m benchmarks chaos --soak`.
"""

from __future__ import annotations

import pytest

from tests.system.chaos_runs import SOAK_S, Note, is_whole, runs

pytestmark = pytest.mark.system

FILLING_MB_A_DAY = (
    4.0  # of windows in their first hour; a block or a reading that is kept by mistake is 10 and more
)


def test_memory_of_half_an_hour(record_property: Note) -> None:
    with runs([1], "--soak", "--hours", "0.5") as following:
        outcome = following()
    is_whole(outcome, SOAK_S, record_property)
    assert outcome["slope_mb_a_day"] < FILLING_MB_A_DAY
    assert outcome["resident_mb"] < 200
