"""A config that came within a chunk: readings before it keep their meaning, those after it have the new one."""

from __future__ import annotations

import numpy as np
import pytest

from gateway.journal import JournalReader, Replica
from gateway.layout import Field
from gateway.model import Identity, NumberedInput
from tests.unit.journal.plant import T0, Plant, config, make_group, make_site

LEVEL = "hall/line1/press1/level"
END = T0 + 60_000_000_000


@pytest.fixture(params=["hot", "sealed"])
def reader(request, folder):
    """Ten readings of a level in tenths, then ten in fifths; all in one window."""
    old = make_group(fields={"level": Field("int16", scale="0.1")})
    new = make_group(fields={"level": Field("int16", scale="0.2")})
    records = [NumberedInput(1, config(make_site(old), "h1")), *Plant(1, old).readings(2, 10)]
    records += [NumberedInput(12, config(make_site(new), "h2")), *Plant(2, new).readings(13, 10, T0 + 10**10)]
    with Replica.open(folder, Identity("plant", "gw1", "abc123")) as replica:
        replica.store(records, [])
        if request.param == "sealed":
            assert replica.seal(T0 + 3_600 * 10**9)
    with JournalReader(folder) as made:
        yield made


def test_each_reading_has_the_meaning_of_its_time(reader) -> None:
    given = [each.input for each in reader.inputs(1, 99) if each.seq not in {1, 12}]
    words = np.array([int(each.raw[0]) for each in given])
    scales = np.repeat([0.1, 0.2], 10)
    good = np.array([each.quality[0] < 0x80 for each in given])
    expected = np.where(good, words * scales, np.nan)
    found = reader.readings(LEVEL, T0, END)
    assert len(found) == 20
    np.testing.assert_allclose(found.numbers(), expected)
    np.testing.assert_allclose(reader.window(T0, END)[LEVEL].numbers(), expected)
    [whole] = [reader.readings(LEVEL, T0, END, 1)]
    assert (whole.count[0], whole.bad[0]) == (good.sum(), 20 - good.sum())
    assert (whole.min[0], whole.max[0]) == pytest.approx((np.nanmin(expected), np.nanmax(expected)))
