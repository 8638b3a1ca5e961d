"""Which fault explains what several balances are off by: a scale that lies, or material that goes where no meter is.

For whoever balances several stores that share meters (`gateway.score` weekly, the dosing room by shift): describe the
plant once as a `Network`, keep the residuals and throughputs of the newest periods as rows, and ask `explain`. Pure.

Between stores go metered streams; what came in less what went out less what the stock grew by is each store's
residual, zero but for weighing. A scale that lies puts its error into every store that its streams touch, in
proportion to what it weighed; a diversion takes the same kilograms out of one store and puts them into another, or
nowhere. These are different directions in the space of residuals: the generalised likelihood ratio of each (S.
Narasimhan, R. S. H. Mah, AIChE Journal 33, 1987, 1514-1521) says how well it explains all periods since it began. A
scale drifts, so its error grows from period to period; a diversion is the same every period. Two faults with the same
direction and the same course are told as what they are: not to be told apart (`Verdict.also`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

OUTSIDE = ""
SURE = 0.9
"""Share of all that is likely, from which on one explanation is the verdict."""
_ALIKE = 1e-6


@dataclass(frozen=True, slots=True)
class Stream:
    """Metered material from one store to another; "" is outside."""

    name: str
    source: str
    target: str
    scale: str  # what it is weighed by; streams with one scale share its error
    sigma: float = 0.0  # of one period's sum, as a share of it, independent from period to period


@dataclass(frozen=True, slots=True)
class Network:
    """Stores, streams between them, and the calibration of each scale as a share of what it weighs."""

    stores: tuple[str, ...]
    streams: tuple[Stream, ...]
    calibration: dict[str, float]
    diversions: tuple[tuple[str, str], ...] = ()  # pairs that may be; none: every pair, outside included

    def incidence(self) -> Floats:
        """[stores, streams]: 1 where it goes in, -1 where it comes out."""
        made = np.zeros((len(self.stores), len(self.streams)))
        for j, stream in enumerate(self.streams):
            for name, sign in ((stream.source, -1.0), (stream.target, 1.0)):
                if name != OUTSIDE:
                    made[self.stores.index(name), j] = sign
        return made


@dataclass(frozen=True, slots=True)
class Verdict:
    """The best explanation. Sizes are in kg a period, of a scale in shares a period."""

    kind: str  # "scale", "diversion"; "": nothing is wrong enough to be explained
    about: tuple[str, ...]  # the scale; or where from and where to, "" for outside
    since: int  # row of the first period that it is in
    size: float  # of a scale: gain that it gains a period, as a share; of a diversion: kilograms a period
    sigma: float
    z: float  # size by sigma
    share: float  # of everything that may explain it, 0 to 1
    also: tuple[tuple[str, ...], ...] = ()  # what explains it as well, kind first

    @property
    def sure(self) -> bool:
        """Nothing else explains it as well; a fault of the newest period alone may have to wait for the next."""
        return bool(self.kind) and self.share >= SURE and not self.also


def adjusted(incidence: Floats, measured: Floats, sigma: Floats) -> Floats:
    """Measurements of the streams, moved least (by their sigma) so that every store balances: [streams]."""
    spread = (sigma**2)[:, None] * incidence.T
    moved: Floats = measured - spread @ np.linalg.solve(incidence @ spread, incidence @ measured)
    return moved


def explain(network: Network, residuals: Floats, moved: Floats, counted_sigma: Floats) -> Verdict:
    """The newest periods in order, oldest first.

    `residuals` [periods, stores]: what came in less what went out less what the stock grew by, in kg; `moved`
    [periods, streams]: what each stream weighed; `counted_sigma` [stores]: of one count. Raises ValueError on shapes.
    """
    periods, stores = residuals.shape
    if stores != len(network.stores) or moved.shape != (periods, len(network.streams)):
        raise ValueError("residuals are [periods, stores], moved [periods, streams]")
    whiten = np.linalg.cholesky(_covariance(network, moved, counted_sigma))
    r = np.linalg.solve(whiten, residuals.ravel())
    kinds, directions = _faults(network, moved)
    # [faults, periods from which on, stacked]
    shapes = np.stack([_courses(kind, each) for kind, each in zip(kinds, directions, strict=True)])
    w = np.linalg.solve(whiten, shapes.reshape(-1, r.size).T).T.reshape(shapes.shape)
    norm = np.einsum("fok,fok->fo", w, w)
    along = w @ r
    seen = norm > _ALIKE * np.maximum(norm.max(axis=1, keepdims=True), 1e-300)
    z = np.where(seen, along / np.sqrt(np.where(seen, norm, 1.0)), 0.0)
    size = np.where(seen, along / np.where(seen, norm, 1.0), 0.0)
    return _verdict(kinds, w, norm, z, size)


def _verdict(kinds: list[tuple[str, ...]], w: Floats, norm: Floats, z: Floats, size: Floats) -> Verdict:
    if not z.any():
        return Verdict("", (), 0, 0.0, 0.0, 0.0, 0.0)
    likely = np.exp(0.5 * (z**2 - (z**2).max()))
    best, since = divmod(int(np.argmax(likely)), likely.shape[1])
    a = w[best, since]
    alike = []
    for f in range(len(kinds)):
        b = w[f, since]
        cosine = abs(float(a @ b)) / math.sqrt(max(float(norm[best, since] * norm[f, since]), 1e-300))
        if f != best and cosine > 1.0 - _ALIKE:
            alike.append(f)
    share = float(likely[best].sum() / likely.sum())
    sigma = 1.0 / math.sqrt(float(norm[best, since]))
    kind, *about = _named(kinds[best], float(size[best, since]))
    amount = float(size[best, since])
    return Verdict(
        kind, tuple(about), since, abs(amount) if kind == "diversion" else amount, sigma, float(z[best, since]),
        share, tuple(_named(kinds[f], float(size[f, since])) for f in alike),
    )  # fmt: skip


def _named(kind: tuple[str, ...], size: float) -> tuple[str, ...]:
    """A diversion of less than nothing goes the other way."""
    return (kind[0], *kind[:0:-1]) if kind[0] == "diversion" and size < 0.0 else kind


def _covariance(network: Network, moved: Floats, counted_sigma: Floats) -> Floats:
    """Of the residuals, stacked period by period: doses, counts that two neighbours share, and calibration."""
    incidence, periods = network.incidence(), len(moved)
    stores = len(network.stores)
    size = periods * stores
    made = np.zeros((size, size))
    own = np.array([stream.sigma for stream in network.streams])
    count = np.diag(counted_sigma**2)
    for t in range(periods):
        here = slice(t * stores, (t + 1) * stores)
        made[here, here] += (incidence * (own * moved[t]) ** 2) @ incidence.T + 2.0 * count
        if t:
            before = slice((t - 1) * stores, t * stores)
            made[here, before] -= count
            made[before, here] -= count
    for scale, sigma in network.calibration.items():
        g = sigma * _weighed(network, incidence, moved, scale).ravel()
        made += np.outer(g, g)
    made[np.diag_indices(size)] += 1e-12 * max(float(np.trace(made)) / size, 1e-12)
    return made


def _weighed(network: Network, incidence: Floats, moved: Floats, scale: str) -> Floats:
    """[periods, stores]: what the scale weighed into each store, less what it weighed out."""
    mine = np.array([stream.scale == scale for stream in network.streams])
    made: Floats = (moved * mine) @ incidence.T
    return made


def _faults(network: Network, moved: Floats) -> tuple[list[tuple[str, ...]], list[Floats]]:
    """Every fault, and its direction [periods, stores] at size 1."""
    incidence, periods = network.incidence(), len(moved)
    kinds: list[tuple[str, ...]] = [("scale", name) for name in network.calibration]
    made = [_weighed(network, incidence, moved, name) for name in network.calibration]
    places = (OUTSIDE, *network.stores)
    for source, target in network.diversions or tuple(combinations(places, 2)):
        direction = np.zeros((periods, len(network.stores)))
        # a store that gains unmetered material holds more than came in: its residual is negative
        for name, sign in ((source, 1.0), (target, -1.0)):
            if name != OUTSIDE:
                direction[:, network.stores.index(name)] += sign
        kinds.append(("diversion", source, target))
        made.append(direction)
    return kinds, made


def _courses(kind: tuple[str, ...], direction: Floats) -> Floats:
    """[periods from which on, stacked]: a scale's error grows, a diversion stays."""
    periods = len(direction)
    t = np.arange(periods)
    since = t[:, None]
    course = (t - since + 0.5 if kind[0] == "scale" else np.ones((periods, periods))) * (t >= since)
    made: Floats = (course[:, :, None] * direction[None]).reshape(periods, -1)
    return made
