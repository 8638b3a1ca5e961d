"""Buckets are what they say: of usable values how many, the extremes, the mean; nan where there is none."""

from __future__ import annotations

import numpy as np

from gateway.journal.series import Decimator, Series, batched


def series(*times: int) -> Series:
    return Series("t", np.array(times, np.int64), np.zeros(len(times)), np.zeros(len(times), np.uint8))


def test_one_value_is_its_own_extremes_and_mean() -> None:
    into = Decimator("t", 100, 110, 3)  # 4 wide, for 3 would not reach the end
    into.take(np.array([103, 104, 109]), np.array([7.0, np.nan, -1.0]))
    found = into.done()
    assert (found.width_ns, found.time_ns.tolist()) == (4, [100, 104, 108])
    assert (found.count.tolist(), found.bad.tolist()) == ([1, 0, 1], [0, 1, 0])
    for column in (found.min, found.max, found.mean):
        np.testing.assert_array_equal(column, [7.0, np.nan, -1.0])


def test_summaries_and_values_of_a_bucket_add_up_in_any_order() -> None:
    into = Decimator("t", 0, 20, 2)
    into.take(np.array([12, 13]), np.array([4.0, 6.0]))
    into.add(into.bucket(19), rows=5, count=2, least=1.0, most=5.0, total=6.0)
    into.add(into.bucket(9), rows=3, count=0, least=0.0, most=0.0, total=0.0)
    into.take(np.array([11, 19]), np.array([-2.0, 10.0]))
    found = into.done()
    assert (found.count.tolist(), found.bad.tolist()) == ([0, 6], [3, 3])
    np.testing.assert_array_equal(found.min, [np.nan, -2.0])
    np.testing.assert_array_equal(found.max, [np.nan, 10.0])
    np.testing.assert_array_equal(found.mean, [np.nan, (4.0 + 6.0 + 6.0 - 2.0 + 10.0) / 6])


def test_a_time_of_no_length_is_one_bucket_that_is_empty() -> None:
    found = Decimator("t", 5, 5, 1).done()
    assert (found.width_ns, found.count.tolist(), found.bad.tolist()) == (1, [0], [0])


def test_parts_are_joined_in_the_order_of_time_and_equal_times_as_they_came() -> None:
    one, other = series(1, 5), series(3, 5, 9)
    one.quality[:] = 1
    found = Series.joined("t", [one, other])
    assert (found.time_ns.tolist(), found.quality.tolist()) == ([1, 3, 5, 5, 9], [1, 0, 1, 0, 0])
    assert len(Series.joined("t", [])) == 0


def test_batches_are_of_about_so_many_rows() -> None:
    parts = [series(1), series(2, 3), series(4), series(5)]
    assert [[len(part) for part in some] for some in batched(parts, 3)] == [[1, 2], [1, 1]]
    assert list(batched([], 3)) == []
