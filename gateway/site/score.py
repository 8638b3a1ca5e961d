"""What the site is scored by: stores that are balanced, rewards, drivers, machines, steps of the board."""

from __future__ import annotations

from dataclasses import dataclass

NUMBERS = (
    "rty", "fty", "ppm", "otd", "ratio_mae", "in_control", "ack_minutes", "late_checks", "residual_z",
    "oee", "energy_per_part", "scrap_share",
)  # fmt: skip
"""Numbers of the scorecard: `gateway.score.numbers` says what each is and which way is better."""


@dataclass(frozen=True, slots=True)
class Store:
    """Vessels that are balanced as one, for nothing weighs what goes between them."""

    name: str
    material: str
    line: str  # area/line
    vessels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Band:
    """What a place of the ranking is paid, if its precision is within `within_pct`."""

    place: int
    pay: float
    within_pct: float = 0.0  # mean absolute error at most; 0: any


@dataclass(frozen=True, slots=True)
class Reward:
    """The monthly ranking by ratio precision."""

    by: str = "line"  # "line" or "team"
    component: str = ""  # whose ratio; "": every one that has a setpoint
    least_cycles: int = 200  # good ones; with fewer nobody is ranked
    currency: str = "CNY"
    bands: tuple[Band, ...] = (Band(1, 800.0), Band(2, 500.0), Band(3, 300.0))


@dataclass(frozen=True, slots=True)
class Driver:
    """One of the few numbers that everybody looks at."""

    number: str  # of gateway/score/numbers.py
    goal: float
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine whose time is counted by what its state signal says; what it counts is its shots meter's."""

    name: str
    cell: str
    state: str  # tag
    run: tuple[str, ...]  # its values, as text: 2, not 2.0
    idle: tuple[str, ...] = ()  # not asked to run: in no loading time
    down: tuple[str, ...] = ()
    meter: str = ""  # of kind "shots": what it counts; "": no performance, no quality
    cycle_ns: int = 0  # planned, of one shot; 0: no performance
    energy: str = ""  # tag of a count of kWh that only grows


@dataclass(frozen=True, slots=True)
class BoardStep:
    """A step that lots go through, by the cells where they are scanned."""

    name: str
    cells: tuple[str, ...]
    most: int = 0  # lots at once; 0: any number


@dataclass(frozen=True, slots=True)
class Score:
    """All of it."""

    stores: tuple[Store, ...] = ()  # none: by what is kept filled from what
    calibration: float = (
        0.0005  # standard uncertainty of a scale's calibration, as a share: the same every week
    )
    keeps_within: float = 0.05  # a vessel that is kept filled may be off by this share, either way
    reward: Reward = Reward()
    drivers: tuple[Driver, ...] = ()
    machines: tuple[Machine, ...] = ()
    steps: tuple[BoardStep, ...] = ()
