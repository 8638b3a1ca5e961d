"""What one panel of a chart shows of a series. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gateway.spc.track import Floats, Track, violated


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel of a chart. A limit that does not vary is one number, else it has one element a point."""

    name: str
    center: float | Floats
    ucl: float | Floats
    lcl: float | Floats
    at: NDArray[np.int64]  # of each point: which sample
    values: Floats
    rules: tuple[tuple[str, ...], ...]

    @property
    def violations(self) -> int:
        return sum(1 for names in self.rules if names)


def joined(tracks: Sequence[Track]) -> Panel:
    """The panel of tracks that follow each other; samples that were none have no point."""
    value, bits, center, ucl, lcl = (
        np.concatenate([getattr(track, name) for track in tracks])
        for name in ("value", "rules", "center", "ucl", "lcl")
    )
    there = np.flatnonzero(~np.isnan(value))
    names = tracks[0].names
    said = {int(mask): violated(int(mask), names) for mask in np.unique(bits)}
    rules = tuple(said[mask] for mask in bits[there].tolist())
    return Panel(
        tracks[0].name, _line(center[there]), _line(ucl[there]), _line(lcl[there]), there, value[there], rules
    )


def _line(line: Floats) -> float | Floats:
    return float(line[0]) if line.size and (line == line[0]).all() else line
