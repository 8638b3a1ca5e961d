"""What is judged of good values, and what is left alone."""

from __future__ import annotations

import numpy as np
import pytest

from gateway.model import Quality, Reading
from tests.unit.fold.line import Run, S, point, reading, site, start

GOOD, RANGE, RATE, FROZEN = Quality.GOOD, Quality.OUT_OF_RANGE, Quality.RATE, Quality.FROZEN


@pytest.mark.parametrize(
    ("value", "judged"), [(-0.1, RANGE), (0.0, GOOD), (50.0, GOOD), (100.0, GOOD), (100.1, RANGE)]
)
def test_outside_of_the_plausible_range_is_uncertain_and_its_ends_are_inside(value, judged):
    run = Run(site([point("t", low=0.0, high=100.0)]))
    assert run.quality(reading(1, value)) == [judged]


def test_a_glitch_is_uncertain_and_the_way_back_is_good():
    run = Run(site([point("t", max_rate=1.0)]))
    judged = [run.quality(reading(t, value))[0] for t, value in [(1, 20.0), (2, 20.9), (3, 60.0), (4, 21.0)]]
    assert judged == [GOOD, GOOD, RATE, GOOD]


def test_a_true_step_is_believed_as_soon_as_the_point_could_have_made_it():
    run = Run(site([point("t", max_rate=1.0)]))
    run.quality(reading(0, 20.0))
    assert [run.quality(reading(t, 25.0))[0] for t in (1, 4.9, 5, 6)] == [RATE, RATE, GOOD, GOOD]


def test_an_implausible_value_is_no_base_for_the_next_rate():
    run = Run(site([point("t", high=100.0, max_rate=1.0)]))
    judged = [run.quality(reading(t, value))[0] for t, value in [(1, 99.9), (2, 100.5), (3, 99.0)]]
    assert judged == [GOOD, RANGE, GOOD]


def test_unchanged_for_longer_than_it_can_stand_still_is_frozen_until_it_moves():
    run = Run(site([point("t", frozen_after_ns=10 * S)]))
    judged = [run.quality(reading(t, 20.0))[0] for t in range(1, 14)]
    assert judged == [GOOD] * 11 + [FROZEN] * 2
    assert run.quality(reading(14, 20.1)) == [GOOD]


def test_a_short_hole_does_not_hide_a_frozen_value_a_long_one_begins_anew():
    run = Run(site([point("t", frozen_after_ns=10 * S)]))
    for t in range(1, 10):
        run.quality(reading(t, 20.0))
    assert run.quality(reading(10, 0.0, quality=[Quality.NO_ANSWER])) == [Quality.NO_ANSWER]
    assert run.quality(reading(12, 20.0)) == [FROZEN]
    assert run.quality(reading(30, 20.0)) == [GOOD]


@pytest.mark.parametrize("said", [Quality.NO_ANSWER, Quality.SENSOR_FAULT, Quality.UNSTABLE])
def test_what_driver_or_device_said_is_never_replaced(said):
    run = Run(site([point("t", low=0.0, high=1.0, max_rate=0.1, frozen_after_ns=1)]))
    assert run.quality(reading(1, 500.0, quality=[said])) == [said]


def test_a_run_that_begins_forgets_rates_and_stillness():
    run = Run(site([point("t", max_rate=1.0), point("u", frozen_after_ns=10 * S)]))
    run(reading(1, 20.0, 5.0), start(30), reading(31, 80.0, 5.0))
    record = run.records[-1]
    assert isinstance(record, Reading)
    assert record.quality.tolist() == [GOOD, GOOD]


def test_judging_a_record_again_gives_the_record():
    run = Run(site([point("t", low=0.0, high=10.0, max_rate=1.0, frozen_after_ns=3 * S)]))
    values = [1.0, 1.5, 9.0, 50.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0]
    first = [run.quality(reading(t, value)) for t, value in enumerate(values, 1)]
    again = Run(site([point("t", low=0.0, high=10.0, max_rate=1.0, frozen_after_ns=3 * S)]), started=False)
    for record in run.records:
        again.step(record)
    judged = [record.quality.tolist() for record in again.records if isinstance(record, Reading)]
    assert judged == first
    assert {RATE, RANGE, FROZEN} <= {quality for row in first for quality in row}


def test_the_number_and_the_words_are_never_touched():
    run = Run(site([point("t", high=10.0)]))
    given = reading(1, 500.0, raw=[1, 2])
    record = run.step(given).record
    assert isinstance(record, Reading)
    assert record.values is given.values
    assert record.raw is given.raw
    assert given.quality.tolist() == [GOOD]


def test_a_reading_that_is_good_throughout_is_its_own_record():
    run = Run(site([point("t", low=0.0, max_rate=5.0, frozen_after_ns=S)]))
    given = reading(1, 3.0)
    assert run.step(given).record is given


def test_extreme_bits_in_a_float64_register_do_no_harm():
    run = Run(site([point("t", "float64", max_rate=1.0, low=-10.0)]))
    for t, value in enumerate([1.7e308, -1.7e308, 5e-324, np.nan]):
        run.quality(reading(t, value))
