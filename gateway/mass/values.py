"""What the mass balance remembers between two inputs. Frozen, and bounded: a lot that nothing holds leaves it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from gateway.genealogy import Vector
from gateway.mass.contents import Content
from gateway.mass.heaps import Heap, joined
from gateway.metering.feeder import FeederState
from gateway.metering.totalizer import Track

GUESSED = 0.25
"""Standard uncertainty of a cycle that was not seen, as a share of its mass."""


class Cycles(NamedTuple):
    """Cycles between two instants of wire time, and one cycle's figures in kg."""

    number: int
    from_ns: int
    to_ns: int
    amounts: tuple[float, ...]
    guessed: int  # of them
    good: float = 0.0

    def kg(self, i: int) -> float:
        return self.number * self.amounts[i]

    def var(self, i: int, sigma_kg: float) -> float:
        """Variance of `kg(i)`, each cycle weighed with that standard uncertainty."""
        return self.number * sigma_kg**2 + (self.guessed * GUESSED * self.amounts[i]) ** 2


class Pressed(NamedTuple):
    """Shots of a press that wait for its blender to be read."""

    meter: str
    cycles: Cycles


@dataclass(frozen=True, slots=True)
class Pending:
    """A lot that is not whole yet: a truck being emptied into a silo, the granulate of the last minute."""

    lot: str
    heap: Heap = ()  # what went in; of a source: none
    kg: float = 0.0
    var: float = 0.0
    from_ns: int = 0
    grown_ns: int = 0


@dataclass(frozen=True, slots=True)
class MeterState:
    """What a meter showed last."""

    seen_ns: int = -1  # wire time of the newest good reading; -1: none yet
    count: float = 0.0
    amounts: tuple[float, ...] = ()  # of the newest cycle, in kg
    good: float = 0.0
    owed_kg: float = 0.0  # metered, and not there yet to be taken
    owed_ns: int = 0  # since
    pending: Pending | None = None
    lot: str = ""  # of a scale: what stands on it
    track: Track | None = None  # of a totalizer or blender that is followed by `gateway.metering`
    feeder: FeederState | None = None
    odd: str = ""  # what is wrong with it and was told: a unit that nobody knows, "starved"

    def until(self, time_ns: int) -> MeterState:
        """The same, read again. Written out: this is done at every poll."""
        return MeterState(
            time_ns, self.count, self.amounts, self.good, self.owed_kg, self.owed_ns, self.pending, self.lot,
            self.track, self.feeder, self.odd,
        )  # fmt: skip


class Portion(NamedTuple):
    """What went into a product lot between two instants of wire time."""

    from_ns: int
    to_ns: int
    heap: Heap
    var: float = 0.0  # of its mass
    sure: bool = True  # that it is of this lot


@dataclass(frozen=True, slots=True)
class Open:
    """A product lot that parts go into."""

    kind: str
    from_ns: int
    heap: Heap = ()
    var: float = 0.0  # of its mass, that of its portions not counted
    portions: tuple[Portion, ...] = ()  # of it, by time: where a late scan may cut it

    def every(self) -> Heap:
        """All that is in it."""
        return joined(self.heap, *(portion.heap for portion in self.portions))

    def timeless(self) -> Open:
        """The same, without the times of its portions."""
        return Open(self.kind, self.from_ns, self.every(), self.var + sum(each.var for each in self.portions))


@dataclass(frozen=True, slots=True)
class Whole:
    """A lot that is made and has not gone into another yet."""

    kind: str
    cell: str
    kg: float
    var: float
    made_ns: int
    version: int = 1


@dataclass(frozen=True, slots=True)
class Waiting:
    """A bag that was scanned and comes into its vessel when the meter that draws from there has been read."""

    vessel: str
    heap: Heap
    time_ns: int


@dataclass(frozen=True, slots=True)
class Bought:
    """How much of a source lot has come in so far, and how often that was told."""

    kg: float
    version: int
    told_ns: int
    declared: bool = False  # by hand, with all its kilograms
    recycled: tuple[float, float] = (0.0, 0.0)  # recycled content, and its standard uncertainty


@dataclass(frozen=True, slots=True, eq=False)
class MassState:
    """Everything the mass balance knows."""

    vessels: Mapping[str, Content] = field(default_factory=dict)
    meters: Mapping[str, MeterState] = field(default_factory=dict)
    products: Mapping[str, Mapping[str, Open]] = field(default_factory=dict)  # by cell and lot
    packs: Mapping[str, tuple[str, Open]] = field(
        default_factory=dict
    )  # open pallet or shipment, by scan point
    whole: Mapping[str, Whole] = field(default_factory=dict)
    vectors: Mapping[str, Vector] = field(default_factory=dict)  # of every lot that something holds
    bought: Mapping[str, Bought] = field(default_factory=dict)
    swept: int = 0  # lots held after the last sweep
    stamp_ms: int = 0  # of the newest lot that was named by its time
    level_off: Mapping[str, bool] = field(default_factory=dict)  # vessels whose level says something else
    waiting: tuple[Waiting, ...] = ()
    pressed: tuple[Pressed, ...] = ()

    def with_meters(self, meters: Mapping[str, MeterState]) -> MassState:
        """The same, its meters read again."""
        return MassState(
            self.vessels, meters, self.products, self.packs, self.whole, self.vectors, self.bought, self.swept,
            self.stamp_ms, self.level_off, self.waiting, self.pressed,
        )  # fmt: skip
