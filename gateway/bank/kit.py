"""What a bank makes charts with: its rows' parameters, rules and limits, compiled once. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gateway.bank.memory import Arrays, recall
from gateway.bank.phase1 import Learner
from gateway.bank.rows import baseline_of, chart_params, known_of, rule_mask, width_of
from gateway.bank.slots import BankState, arrays_of, state_of, with_slot
from gateway.bank.tightening import Tightening
from gateway.bank.verdict import Limits, bits_of, rule_names
from gateway.bank.versions import Versions
from gateway.changetime.estimate import estimate
from gateway.design.tables import interpolate
from gateway.model import Change
from gateway.site import Characteristic, LimitsVersion
from gateway.spc import load_chart
from gateway.spc.chart import WIDE
from gateway.spc.track import Floats


class Kit:
    """One chart method over the rows of a bank, the columns."""

    def __init__(self, rows: tuple[Characteristic, ...]) -> None:
        self._rows, self.kind = rows, load_chart(rows[0].method)
        self.width = width_of(self.kind, rows[0])
        self._shapes = dict(self.kind.learnt(self.width))
        designed = {row.design.parameter for row in rows if row.design is not None}
        if any(row.design is not None and not row.design.known > 0 for row in rows):
            raise ValueError(f"{rows[0].id}: its limit was not computed (gateway.config.limits.solved)")
        own = set(self._shapes) | designed
        self._numbers, words = chart_params(self.kind, rows, own)
        self._words: dict[str, Any] = dict(words)
        known = tuple(known_of(self._shapes, row) for row in rows)
        means = self.kind.TAKES == "value"  # a subgroup is charted as its mean
        self._root = np.array([np.sqrt(max(row.sampling.size, 1)) if means else 1.0 for row in rows])
        for root, each in zip(self._root, known, strict=True):
            if "sigma" in each:
                each["sigma"] = each["sigma"] / root
        _check_versions(rows, self._shapes)
        self._designed = tuple(sorted(designed))
        self._neutral = _neutral(self.kind, self.width, known[0])
        self._given = self._givens(rows, known)
        wanted = np.array([baseline_of(row) for row in rows], dtype=np.int64)
        self.longest = int(wanted.max())
        self.learner = Learner(self.kind, wanted, known)
        self.versions = Versions(rows)
        self.tightening = Tightening(rows, set(self._shapes), self.kind.TAKES)
        self._hear(rows)

    def _givens(
        self, rows: tuple[Characteristic, ...], known: tuple[dict[str, Floats], ...]
    ) -> dict[str, Floats]:
        """What the plan gives of the parameters that slots have for themselves, [columns, ...]; else nan."""
        given = {
            name: np.stack([np.broadcast_to(each.get(name, np.nan), shape) for each in known]).astype(
                np.float64
            )
            for name, shape in self._shapes.items()
        }
        for name in self._designed:
            plain, _ = chart_params(self.kind, rows, set(self._shapes))
            default = plain.get(name, np.full(len(rows), self.kind.__dataclass_fields__[name].default))
            given[name] = np.array(
                [
                    row.design.known if row.design is not None else float(default[i])
                    for i, row in enumerate(rows)
                ]
            )
        return given

    def _hear(self, rows: tuple[Characteristic, ...]) -> None:
        columns = np.zeros(1, dtype=np.int64)
        fields = self.kind.__dataclass_fields__
        spoken = tuple(fields["rules"].default if "rules" in fields else self.kind.RULES)
        self.names = rule_names(self.make(columns, self.neutral(1)), self.width)
        self.heard = np.array([rule_mask(row, self.names, spoken) for row in rows], dtype=np.uint32)
        if "rules" in fields:
            heard = int(np.bitwise_or.reduce(self.heard))
            main = set(self.kind.RULES)
            self._words["rules"] = tuple(
                name for bit, name in enumerate(self.names) if heard >> bit & 1 and name in main
            )

    def row(self, column: int) -> Characteristic:
        """The plan's row of a column."""
        return self._rows[column]

    # --- charts ---

    def neutral(self, slots: int) -> dict[str, Floats]:
        """Limits of no meaning: those of a chart before there are any."""
        limits = {name: np.repeat(part[None], slots, axis=0) for name, part in self._neutral.items()}
        return limits | {name: np.ones(slots) for name in self._designed}

    def given(self, columns: NDArray[np.int64]) -> dict[str, Floats]:
        """What the plan gives; nan is for phase I to find."""
        return {name: array[columns] for name, array in self._given.items()}

    def unknown(self, limits: Arrays, slots: int) -> NDArray[np.bool_]:
        """Which slots are in phase I."""
        unknown = np.zeros(slots, dtype=np.bool_)
        for name, shape in self._shapes.items():
            unknown |= np.isnan(limits[name]).any(axis=tuple(range(1, 1 + len(shape))))
        return unknown

    def make(self, columns: NDArray[np.int64], limits: Arrays) -> Any:
        """The chart of these columns' slots; those in phase I get limits of no meaning, and no samples."""
        unknown = self.unknown(limits, len(columns))
        if unknown.any():
            limits = {
                name: np.where(unknown.reshape(-1, *[1] * (array.ndim - 1)), neutral, array)
                for (name, array), neutral in zip(
                    sorted(limits.items()), (part for _, part in sorted(self.neutral(1).items())), strict=True
                )
            }
        numbers = {name: values[columns] for name, values in self._numbers.items()}
        return self.kind(**limits, **numbers, **self._words)

    def begin(self, columns: NDArray[np.int64], limits: Arrays) -> dict[str, NDArray[Any]]:
        """The chart's arrays before the first sample."""
        return arrays_of(self.make(columns, limits).start())

    def alone(self, state: BankState, slot: int) -> Any:
        """The chart of one slot."""
        limits = {name: array[slot : slot + 1] for name, array in state.limits.items()}
        return self.make(state.column[slot : slot + 1], limits)

    # --- limits ---

    def designed(self, state: BankState, slots: tuple[int, ...]) -> BankState:
        """The designed limit of each slot, for as many samples as its parameters come from."""
        for slot in slots:
            design, learnt = self._rows[int(state.column[slot])].design, int(state.learnt_from[slot])
            if design is not None:
                limits = {name: array[slot] for name, array in state.limits.items()}
                if "freedom" in limits:  # T2: a covariance of differences knows less than its samples would
                    learnt = min(learnt, int(limits["freedom"]) + 1)
                limit = interpolate(design.table, learnt) if learnt and design.table else design.known
                state = with_slot(state, slot, limits=limits | {design.parameter: limit})
        return state

    def approved(self, column: int, version: LimitsVersion) -> dict[str, Floats]:
        """The parameters of a version of the plan's limits, in the shapes of a slot's; what it leaves out is the plan's
        row's, or for phase I to find. Its sigma is that of single values, as the row's is.
        """
        limits = {name: array[column] for name, array in self._given.items()}
        for name, value in version.params.items():
            part = np.asarray(value, dtype=np.float64)
            limits[name] = part / self._root[column] if name == "sigma" else part
        return limits

    def limits_of(self, state: BankState, slot: int) -> Limits:
        """Which limits the slot's chart goes by."""
        design = self._rows[int(state.column[slot])].design
        return Limits(
            int(state.version[slot]), int(state.learnt_from[slot]), state.source[slot],
            None if design is None else design.arl0,
        )  # fmt: skip

    # --- the samples a slot remembers ---

    def change(self, state: BankState, slot: int) -> Change | None:
        """When the slot's process changed, by what it remembers. None: it cannot be told."""
        known = recall(state.memory, slot)
        chart = self.alone(state, slot)
        z, unit = chart.standardise(state_of(chart.start(), known.before), self.block(known.samples))
        there = ~np.isnan(z[:, 0])
        if not there.any():
            return None
        directed = getattr(chart, "DIRECTED", True)
        found = estimate(z[there, 0], direction="both" if directed else "up")
        times, uom = known.times[there], float(unit[there][-1, 0])
        size = found.size * uom
        return Change(
            int(times[found.at]), int(times[found.low]), int(times[found.high]), int(len(times) - found.at),
            _rounded(found.size), None if np.isnan(size) else _rounded(size),
            ("up" if found.size > 0 else "down") if directed else "",
        )  # fmt: skip

    def contributions(self, state: BankState, slot: int) -> tuple[float, ...]:
        """What each number of the slot's newest sample adds to its chart's statistic, where the chart can say."""
        chart = self.alone(state, slot)
        if not hasattr(chart, "contributions"):
            return ()
        known = recall(state.memory, slot)
        parts = chart.contributions(state_of(chart.start(), known.before), self.block(known.samples))
        return tuple(_rounded(part) for part in parts[-1].ravel().tolist())

    def judged(self, state: BankState, slot: int, before: Arrays, samples: Floats) -> NDArray[np.uint32]:
        """Heard rules that each of the samples ``[n, width]`` violates, charted from the state `before`."""
        chart = self.alone(state, slot)
        _, track = chart.run(state_of(chart.start(), before), self.block(samples))
        heard = int(self.heard[int(state.column[slot])])
        return np.array([int(bits_of(track, row)[0]) & heard for row in range(len(samples))], dtype=np.uint32)

    def block(self, samples: Floats) -> Floats:
        """Samples of one slot as a block of its kind of chart."""
        return samples[:, None] if self.kind.TAKES in WIDE else samples


def _check_versions(rows: tuple[Characteristic, ...], shapes: Mapping[str, tuple[int, ...]]) -> None:
    """Versions of limits have what phase I estimates, in its shape. Raises ValueError saying what would be right."""
    for row in rows:
        for version in row.limits:
            for name, value in version.params.items():
                where = f"{row.id}: limits, version {version.version}"
                if name not in shapes:
                    known = ", ".join(shapes) or "nothing: it starts itself"
                    raise ValueError(f"{where}: phase I of {row.method} estimates {known}; take {name} out")
                try:
                    shape = np.shape(np.asarray(value, dtype=np.float64))
                except (TypeError, ValueError):
                    shape = (-1,)
                if shape != shapes[name]:
                    wants = " x ".join(map(str, shapes[name]))
                    raise ValueError(
                        f"{where}: {name} must be {f'{wants} numbers' if wants else 'one number'}"
                    )


def _rounded(size: float) -> float:
    """To six digits: an estimate has no more, and a replay on another processor may differ in the last bits of exp."""
    return float(f"{size:.6g}")


def _neutral(kind: Any, width: int, known: dict[str, Floats]) -> dict[str, Floats]:
    """What phase I would learn from samples that vary evenly: parameters that any chart of the kind can be made of."""
    i, j = np.arange(1.0, 101.0)[:, None], np.arange(1.0, width + 1.0)
    even = 1.0 + np.mod(i * np.sqrt(j * j + 1.0), 1.0)  # between 1 and 2, and no two columns alike
    if kind.TAKES == "count":
        even = np.floor(5.0 * even)
    if kind.TAKES == "count_size":
        even = np.floor(np.stack([5.0 * even[:, 0], 50.0 * even[:, 1]], axis=1))
    shapes = kind.learnt(width)
    words = {name: part for name, part in known.items() if name not in shapes}
    found = kind.learn(even if kind.TAKES in WIDE else even[:, 0], words)
    return {name: np.asarray(found[name], dtype=np.float64) for name in shapes}
