"""Where material lies, where it is weighed, and what lots may be made of."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.field import GroupId


@dataclass(frozen=True, slots=True)
class Flow:
    """Material goes by itself, without a scan, from one cell to another. Flows have no cycle."""

    source: str  # area/line/cell
    target: str


KILOGRAMS = {"kg": 1.0, "g": 1e-3, "mg": 1e-6, "t": 1e3, "[lb_av]": 0.45359237}
"""Kilograms of a unit of mass (UCUM). [lb_av]: the international pound, of 1959."""


@dataclass(frozen=True, slots=True)
class Vessel:
    """What holds material between two meters: a silo, dryer, hopper or bin."""

    name: str
    cell: str
    kind: str  # "silo", "dryer", "hopper", "bin"
    mixing: str  # "fifo": what came first goes first; "mixed": perfectly; "unknown": solved both ways
    opening_kg: float = 0.0  # in it when it was first seen
    opening_lot: str = ""  # "": a lot of its own
    opening_regrind: float = 0.0  # share of that which was through a screw once
    keeps_kg: float = 0.0  # it is kept filled to so much; 0: it is not
    source: str = ""  # vessel that it is kept filled from; "": by a meter that names it as its target
    level: str = ""  # tag of what it holds, in a mass unit
    level_sigma_kg: float = 0.0


@dataclass(frozen=True, slots=True)
class Dose:
    """What a blender weighed out of a vessel for one batch."""

    tag: str
    vessel: str
    sigma_kg: float = 0.0


@dataclass(frozen=True, slots=True)
class CountUnit:
    """What a device counts in, by the number that its unit tag shows."""

    value: float
    kg: float  # of one count


@dataclass(frozen=True, slots=True)
class Meter:
    """Where mass is weighed or counted. All its tags are of one poll group."""

    name: str
    cell: str
    kind: str  # "totalizer", "batch", "totals", "feeder", "shots", "scale"
    group: GroupId
    tag: str  # totalizer's total, count of batches or shots, scale's mass
    source: str = ""  # vessel; "": from outside (totalizer alone)
    targets: tuple[str, ...] = ()  # vessels; a batch is shared by what each lacks of what it is kept at
    sigma_kg: float = 0.0  # standard uncertainty of one difference, shot or weighing
    loss: float = 0.0  # share that does not arrive, as dust
    ground: bool = False  # it goes through a granulator
    slice_kg: float = 0.0  # one lot of regrind is so much; 0: no lots of their own
    doses: tuple[Dose, ...] = ()
    mass: str = ""  # tag of one shot's mass, parts and runner; "": mass_kg
    mass_kg: float = 0.0
    part: str = ""  # tag of one part's mass; "": part_kg
    part_kg: float = 0.0
    parts: int = 1  # in a shot
    good: str = ""  # tag of the count of good parts; "": all are good
    rest: str = ""  # vessel that runners and rejects go to
    tare_kg: float = 0.0  # of the empty box on a scale
    unit: str = ""  # tag that says what totals are counted in; "": their tags' uom
    units: tuple[CountUnit, ...] = ()
    serial: str = ""  # tag of what names the device: another number is another device
    most_kg_h: float = 0.0  # it can move at most; 0: not known
    largest_kg: float = 0.0  # batch, all components; of totals
    fastest_ns: int = 0  # from the end of one batch to the next; of totals
    window_ns: int = 0  # of a feeder's balance
    empty_kg: float = 0.0  # a feeder's hopper below is starved; 0: not looked at
    refill_kg: float = 0.0  # a feeder's smallest refill; 0: by its sigma
    refilled_from: str = ""  # vessel that a feeder's hopper is refilled from; "": not followed


@dataclass(frozen=True, slots=True)
class Material:
    """A material by the lots that are of it."""

    name: str
    lots: tuple[str, ...]  # patterns of lots from outside, such as "09506000134352:*"


@dataclass(frozen=True, slots=True)
class LotRule:
    """What a lot may be made of; judged when it is closed. Shares are of its mass, 0 to 1."""

    name: str
    kinds: tuple[str, ...] = ("box",)  # of lots that are judged
    cells: tuple[str, ...] = ()  # made there; none: everywhere
    parts: tuple[str, ...] = ()  # whose fact "part" is one of these; none: all
    materials: tuple[str, ...] = ()  # that have one of these in them; none: all
    max_regrind: float = 0.25
    max_passes: int | None = None  # through a screw; None: any number of times
    passes_share: float = 0.01  # so much may have been through more often than that
    apart: tuple[tuple[str, str], ...] = ()  # pairs of materials that do not go together
    trace: float = 0.001  # a material or lot is in it from this share on
    expired: bool = True  # whether a lot is broken that was made of material past its expiry date
    possible: str = "tell"  # what becomes of a lot that may break it and may not: "tell" or "hold"
    second_person: bool = False  # two operators have to release what it holds
    reaction: str = ""
    reaction_zh: str = ""  # in Chinese; "": the site has it in one language


@dataclass(frozen=True, slots=True)
class ResultLimit:
    """What a result that a person enters for a lot may be; a lot outside is held."""

    result: str
    materials: tuple[str, ...] = ()  # none: all
    kinds: tuple[str, ...] = ()  # of lots; none: all
    low: float | None = None
    high: float | None = None
    reaction: str = ""
    reaction_zh: str = ""  # in Chinese; "": the site has it in one language
    hold: bool = True  # a lot outside; else it is told only
    second_person: bool = False  # two operators have to release it then


@dataclass(frozen=True, slots=True)
class Epcis:
    """How lots and places are named in EPCIS documents."""

    base: str = ""  # what private names begin with; "": a domain that nobody can own
    gln: str = ""  # of the site
