"""A store of lots by hand: each is made of others by the kilogram, and judged as the fold would."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.alarms import Alarms, answered
from gateway.folding.holding import Holding, Kept
from gateway.genealogy import Vector, mix, source, to_composition
from gateway.holds import Holds
from gateway.lots import Lots
from gateway.model import AlarmChanged, Entry, Event, Ingredient, Input, LotMade, Noted, Tick
from gateway.plain import from_plain, to_plain
from gateway.site import Bus, Flow, LotRule, Material, ResultLimit, ScanPoint, Site
from tests.unit.fold.line import at

BLENDER, PRESS, PACKING = "hall/line1/blending", "hall/line1/press1", "hall/line1/packing"
POINTS = (
    ScanPoint("resin", BLENDER, "open", "material", late_after_ns=600 * 10**9),
    ScanPoint("resin_out", BLENDER, "close", "material"),
    ScanPoint("box", PRESS, "open"),
    ScanPoint("gate", PACKING, "close", ships=True),
)
PP, PA = Material("pp", ("PP-*",)), Material("pa", ("PA-*",))


def site(*rules: LotRule, results: tuple[ResultLimit, ...] = (), **options) -> Site:
    options = {"materials": (PP, PA), "scan_points": POINTS, "flows": (Flow(BLENDER, PRESS),), **options}
    return Site(
        "plant-1", "gw1", (Bus("bus1", "modbus.tcp", "h:1"),), (), lot_rules=rules, result_limits=results, **options
    )  # fmt: skip


class Plant:
    """Holds, alarms and lots; what each call told is returned, and kept in `events`."""

    def __init__(self, *rules: LotRule, results: tuple[ResultLimit, ...] = (), **options) -> None:
        self.holding = Holding(site(*rules, results=results, **options))
        self.kept = Kept(Holds(), Alarms(), Lots())
        self.vectors: dict[str, Vector] = {}
        self.events: list[Event] = []
        self.versions: dict[str, int] = {}

    @property
    def holds(self) -> Holds:
        return self.kept.holds

    def _took(self, kept: Kept, events: tuple[Event, ...]) -> list[Event]:
        again: Kept = from_plain(Kept, to_plain(kept))
        assert to_plain(again) == to_plain(kept), "a snapshot holds all of it"
        self.kept = again
        self.events += events
        return list(events)

    def lot(
        self,
        lot: str,
        inputs: Mapping[str, float] | None = None,
        kind: str = "box",
        *,
        seconds: float = 10.0,
        given: Input | None = None,
        **options,
    ) -> list[Event]:
        """A lot is whole: made of `inputs`, by kilograms; of none: it came from outside."""
        event = self.made(lot, inputs, kind, seconds=seconds, **options)
        return self._took(*self.holding.after(self.kept, given or Tick(at(seconds)), [event]))

    def made(
        self,
        lot: str,
        inputs: Mapping[str, float] | None = None,
        kind: str = "box",
        *,
        seconds: float = 10.0,
        ground: bool = False,
        sigma: float = 0.0,
        facts: dict | None = None,
        cell: str = PRESS,
        **options,
    ) -> LotMade:
        parts = [(self.vector(name), kg, sigma, "") for name, kg in (inputs or {}).items()]
        vector = mix(parts, ground=ground) if parts else source(lot)
        self.vectors[lot] = vector
        self.versions[lot] = self.versions.get(lot, 0) + 1
        edges = tuple(Ingredient(name, kg, sigma) for name, kg in (inputs or {}).items())
        kg = sum((inputs or {"": 100.0}).values())
        return LotMade(
            at(seconds).time_ns, lot, kind, cell, kg, 0.0, edges, to_composition(vector), ground=ground,
            version=self.versions[lot], facts=facts or {}, **options,
        )  # fmt: skip

    def vector(self, lot: str) -> Vector:
        return self.vectors.setdefault(lot, source(lot))

    def told(
        self, given: Input, *events: Event, before: Lots | None = None, newest_ns: int = 0
    ) -> list[Event]:
        """What follows of other rooms' events."""
        return self._took(*self.holding.after(self.kept, given, events, before, newest_ns))

    def says(self, kind: str, seconds: float = 20.0, operator: str = "17", **body) -> list[Event]:
        """A person enters something, or an order is answered."""
        entry = Entry(kind, at(seconds), operator, body)
        if kind == "correct_scan":
            return self._took(*self.holding.rescanned(self.kept, entry))
        done = self.holding.entered(self.kept, entry)
        assert done is not None
        return self._took(*done)

    def acknowledge(self, alarm: str, seconds: float = 30.0) -> list[Event]:
        entry = Entry("acknowledge", at(seconds), "17", {"alarm": alarm})
        done = answered(self.kept.alarms, entry)
        assert done is not None
        alarms, told = done
        held = next(each for each in alarms.values() if each.id == alarm)
        kept, over = self.holding.answered(Kept(self.holds, alarms, self.kept.lots), held, entry.at)
        return self._took(kept, (*told, *over))

    def answer(
        self, *rows: dict, source: bool = True, done: bool = True, seconds: float = 25.0
    ) -> list[Event]:
        """The oldest order is answered with what was found in the past."""
        order = self.holds.orders[0]
        return self.says("exposed", seconds, order=order.id, done=done, source=source, lots=list(rows))


def words(events: list[Event]) -> list[str]:
    """Each event in a word or two."""
    out = []
    for event in events:
        if isinstance(event, AlarmChanged):
            out.append(f"alarm {event.kind} {event.state}")
        elif isinstance(event, Noted):
            out.append(f"{event.kind} {event.subject}")
        else:
            out.append(type(event).__name__)
    return out


def alarm(events: list[Event], kind: str) -> AlarmChanged:
    return [each for each in events if isinstance(each, AlarmChanged) and each.kind == kind][-1]


def note(events: list[Event], kind: str) -> Noted:
    return [each for each in events if isinstance(each, Noted) and each.kind == kind][-1]
