"""What an upgrade on probation is judged by: inputs by their number, whatever the clock said when they came."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gateway.clock import SystemClock
from gateway.keeping.heard import heard_after, lately
from gateway.model import Input, Quality
from tests.unit.fold.line import point, reading, site
from tests.unit.views.plant import kept

RAW = np.asarray([1.0], ">f8").view(">u2").astype(np.uint16)


def read(seconds: float, *, well: bool = True) -> Input:
    return reading(seconds, 1.0, quality=() if well else (Quality.NO_ANSWER,), raw=RAW)


@pytest.mark.parametrize(
    ("inputs", "found"),
    [
        ([read(3000.0), read(-500.0)], ["press1"]),  # the clock was set back, and then something was read
        ([read(3000.0), read(-500.0, well=False)], []),
        ([read(3000.0)], []),  # the version before read it, at a time that is still to come
    ],
)
def test_what_was_read_before_counts_for_nobody_else(
    inputs: list[Input], found: list[str], tmp_path: Path
) -> None:
    _, reader, _ = kept(tmp_path, site([point("x", "float64")]), inputs)
    with reader:
        before = 3  # config, start, and what the version before read
        assert heard_after(reader, before) == found
        assert heard_after(reader, before - 1) == ["press1"]
        assert lately(reader, SystemClock().now().time_ns) == []  # these were read in the past
