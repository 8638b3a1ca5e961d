"""Charts as the contract suite makes them: limits out of in-control samples of the kind that the chart takes."""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import Any

import numpy as np
from hypothesis import strategies as st

from gateway.spc import load_chart
from gateway.spc.chart import WIDE

SLOTS = 3
CENTER, SIGMA = np.array([10.0, 2.5, 3000.0]), np.array([1.0, 0.1, 300.0])
RATE = np.array([4.0, 9.0, 20.0])  # of counts, one a slot
WIDTH = {"value": 1, "count": 1, "subgroup": 5, "count_size": 2, "vector": 3}
_BASELINE = 60
_WORDS = np.arange(1 << 16)
_Z = np.select(  # of a word: on the limits, anywhere, or none
    [_WORDS % 3 == 0, _WORDS % 3 == 1],
    [np.array([0.0, 1.0, -1.0, 2.0, -2.0, 3.0, -3.0])[_WORDS // 3 % 7], np.float32(_WORDS / (6 * 910) - 6)],
    np.nan,
)
_COUNT = np.where(_WORDS % 2, np.nan, _WORDS // 2 % 61)
_SIZE = np.where(_WORDS % 221 <= 200, _WORDS % 221, 200.0 - _WORDS % 221)  # from 200 down to -20


def baseline(takes: str, slot: int, law: str = "poisson") -> np.ndarray:
    """In-control samples of one slot, always the same; `law` is that of counts."""
    rng = np.random.default_rng(20 + slot)
    if takes == "count" and law == "geometric":
        return (rng.geometric(1 / (1 + RATE[slot]), _BASELINE) - 1).astype(np.float64)
    if takes == "count":
        return rng.poisson(RATE[slot], _BASELINE).astype(np.float64)
    if takes == "count_size":
        sizes = rng.integers(50, 200, _BASELINE)
        return np.stack([rng.binomial(sizes, RATE[slot] / 200), sizes], axis=1).astype(np.float64)
    shape = (_BASELINE,) if takes == "value" else (_BASELINE, WIDTH[takes])
    made: np.ndarray = CENTER[slot] + SIGMA[slot] * rng.standard_normal(shape)
    return made


@cache
def learnt(kind: str) -> dict[str, np.ndarray]:
    """What phase I gives for every slot."""
    cls = load_chart(kind)
    known = {name: np.asarray(value) for name, value in example(kind).items()}
    parts = [cls.learn(baseline(cls.TAKES, slot, law(kind)), known) for slot in range(SLOTS)]
    if not parts[0]:  # a self-starting chart: a default says how many slots there are
        usual = {field.name: field.default for field in dataclasses.fields(cls)}
        name, value = next((name, value) for name, value in usual.items() if isinstance(value, float))
        return {name: np.full(SLOTS, value)}
    return {name: np.stack([np.asarray(part[name], dtype=np.float64) for part in parts]) for name in parts[0]}


def law(kind: str) -> str:
    """Of the counts that a chart expects; most expect Poisson's."""
    return str(getattr(load_chart(kind), "LAW", "poisson"))


def example(kind: str) -> dict[str, Any]:
    """What the chart itself gives for parameters that have no default and cannot be learnt."""
    return dict(getattr(load_chart(kind), "EXAMPLE", {}))


def made(kind: str, slots: np.ndarray | None = None) -> Any:
    """The chart with the limits of some of the slots; all, if not told."""
    index = np.arange(SLOTS) if slots is None else slots
    parts = {name: values[index] for name, values in learnt(kind).items()}
    return load_chart(kind)(**{**example(kind), **parts})


def one(kind: str) -> Any:
    """The chart of one slot, its numbers scalars where they can be."""
    cls = load_chart(kind)
    known = {name: np.asarray(value) for name, value in example(kind).items()}
    parts = {
        name: np.asarray(part, dtype=np.float64)
        for name, part in cls.learn(baseline(cls.TAKES, 0, law(kind)), known).items()
    }
    plain = {name: float(part) if part.ndim == 0 else part[None] for name, part in parts.items()}
    return cls(**{**example(kind), **plain})


@cache
def blocks(kind: str) -> st.SearchStrategy[np.ndarray]:
    """Blocks of samples, with ones on the limits, far out, and none."""
    takes = load_chart(kind).TAKES
    if takes == "value":
        return _of_rows(_Z).map(lambda z: CENTER + SIGMA * z)
    if takes == "count":
        return _of_rows(_COUNT)
    if takes == "count_size":
        return _of_rows(_SIZE).map(_with_sizes)
    return _of_rows(_Z, WIDTH[takes]).map(lambda z: CENTER[:, None] + SIGMA[:, None] * z)


def _of_rows(values: np.ndarray, *width: int) -> st.SearchStrategy[np.ndarray]:
    """Arrays of 1 to 14 rows of these values; all words of one are drawn at once, for drawing each takes long."""

    def array(words: bytes) -> np.ndarray:
        made: np.ndarray = values[np.frombuffer(words, np.uint16)]
        return made.reshape(-1, SLOTS, *width)

    size = 2 * SLOTS * int(np.prod(width))
    made = {rows: st.binary(min_size=rows * size, max_size=rows * size).map(array) for rows in range(1, 15)}
    return st.integers(1, 14).flatmap(made.__getitem__)


def _with_sizes(sizes: np.ndarray) -> np.ndarray:
    """Counts below their sizes; a size that is not above 0 makes it no sample."""
    held = np.where(sizes > 0, sizes, np.nan)
    return np.stack([np.floor(held * 0.17), held], axis=-1)


def none(kind: str, rows: int = 1) -> np.ndarray:
    """Rows without samples."""
    takes = load_chart(kind).TAKES
    shape = (rows, SLOTS, WIDTH[takes]) if takes in WIDE else (rows, SLOTS)
    return np.full(shape, np.nan)


def usual(kind: str, rows: int) -> np.ndarray:
    """In-control samples of all slots."""
    takes = load_chart(kind).TAKES
    return np.stack([baseline(takes, slot, law(kind))[:rows] for slot in range(SLOTS)], axis=1)


def arrays(value: Any) -> list[np.ndarray]:
    """Every array of a state or track, in order."""
    if isinstance(value, np.ndarray):
        return [value]
    if dataclasses.is_dataclass(value):
        return [array for field in dataclasses.fields(value) for array in arrays(getattr(value, field.name))]
    return []
