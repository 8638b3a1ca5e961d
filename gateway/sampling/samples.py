"""One row of samples, as the charts get it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Samples:
    """`values` is nan where a column has no sample; columns whose sample is several numbers have them in `wide`."""

    time_ns: int
    values: NDArray[np.float64]
    wide: Mapping[int, NDArray[np.float64]] = field(default_factory=dict)  # by column, [width]
