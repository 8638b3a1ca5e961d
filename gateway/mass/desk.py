"""One input's changes of the mass balance while they are made; `state()` gives the result. Pure.

Rule 1: every kilogram that is drawn comes from a lot that has a name; what nobody accounts for comes from a source lot
of its own, and an event says how much.  Rule 2: a lot is told when it is whole, with what went into it and what it is
made of.  Rule 3: shares that do not sum to 1 are never passed on in silence: `broken` names the lot.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypedDict, Unpack

from gateway.genealogy import EXACT, Vector, check, mix, source, to_composition
from gateway.mass.contents import Content, put, put_by_hand, rectangle, take
from gateway.mass.heaps import Heap, Parcel, joined, marked, mass, spread
from gateway.mass.rows import Rows
from gateway.mass.values import Bought, MassState, MeterState, Open, Waiting, Whole
from gateway.model import Event, Ingredient, LotMade, Noted, Plain, Severity
from gateway.site import Vessel

MOST_PARCELS = 12
"""A mixed vessel with parcels of more lots than this becomes one lot of its own: a slice of its time."""

MOST_BOUGHT, MOST_WHOLE = 1_024, 512
FEW_WHOLE = 32
"""Where no scan says that a lot goes on, only the scale wants to know the newest ones."""
_LEAST_KG = 1e-9


class How(TypedDict, total=False):
    """How a lot was made, where it is not simply the heap."""

    kg: float  # of what arrived of the heap
    var: float
    time_ns: int
    ground: bool
    aggregated: bool
    facts: Mapping[str, Plain]


class Desk:
    """A state being changed by one input, at that wire time."""

    def __init__(self, rows: Rows, state: MassState, time_ns: int) -> None:
        self.rows, self.time_ns = rows, time_ns
        self._before = state
        self.vessels: dict[str, Content] = dict(state.vessels)
        self.meters: dict[str, MeterState] = dict(state.meters)
        self.products = {cell: dict(lots) for cell, lots in state.products.items()}
        self.packs: dict[str, tuple[str, Open]] = dict(state.packs)
        self.whole: dict[str, Whole] = dict(state.whole)
        self.vectors: dict[str, Vector] = dict(state.vectors)
        self.bought: dict[str, Bought] = dict(state.bought)
        self.level_off: dict[str, bool] = dict(state.level_off)
        self.waiting, self.pressed = state.waiting, state.pressed
        self.events: list[Event] = []
        self.broken: list[tuple[str, float]] = []  # lots whose shares do not sum to 1, and what they miss
        self._stamp_ms = state.stamp_ms

    def state(self) -> MassState:
        """What is remembered after this input."""
        swept = self._before.swept
        if len(self.vectors) > 2 * swept + 32:
            self._sweep()
            swept = len(self.vectors)
        return MassState(
            self.vessels, self.meters, self.products, self.packs, self.whole, self.vectors, self.bought, swept,
            self._stamp_ms, self.level_off, self.waiting, self.pressed,
        )  # fmt: skip

    # --- telling ---

    def noted(self, kind: str, subject: str, severity: Severity, **facts: Plain) -> None:
        self.events.append(Noted(self.time_ns, kind, subject, severity, facts))

    def name(self, what: str) -> str:
        """A lot's name by what made it and when, in milliseconds; no two are the same."""
        self._stamp_ms = max(self._stamp_ms + 1, self.time_ns // 1_000_000)
        seconds, millis = divmod(self._stamp_ms, 1000)
        at = datetime.fromtimestamp(seconds, UTC)
        return f"{self.rows.site}:{what}:{at:%Y%m%dT%H%M%S}.{millis:03d}"

    # --- lots ---

    def make(self, lot: str, kind: str, cell: str, heap: Heap, **how: Unpack[How]) -> Parcel:
        """A lot of that heap is whole."""
        used = [each for each in heap if each.kg or each.var]
        ground = how.get("ground", False)
        edges = tuple([Ingredient(lot, kg, math.sqrt(var), mixing) for lot, kg, var, mixing in used])
        vector = mix(
            [(self.vectors[each.lot], each.kg, each.sigma_kg, each.mixing) for each in edges], ground=ground
        )
        kg, var = how.get("kg", mass(heap)), how.get("var", spread(heap))
        made = LotMade(
            how.get("time_ns", self.time_ns), lot, kind, cell, kg, math.sqrt(var), edges, to_composition(vector),
            how.get("aggregated", False), ground, facts=how.get("facts", {}),
        )  # fmt: skip
        self._tell(made, vector)
        return Parcel(lot, kg, var)

    def bring(
        self,
        lot: str,
        kg: float,
        var: float,
        cell: str,
        facts: Mapping[str, Plain] | None = None,
        *,
        declared: bool = False,
        recycled: tuple[float, float] = (0.0, 0.0),
    ) -> Parcel:
        """Kilograms of a lot from outside come in; the lot is told with all that has come of it so far."""
        old = self.bought.pop(lot, None)
        if old is not None and not declared:
            recycled = old.recycled
        if lot not in self.vectors or declared:
            self.vectors[lot] = source(lot, *recycled)
        if lot in self.whole or (old is not None and old.declared and not declared):
            if old is not None:
                self.bought[lot] = old
            return Parcel(lot, kg, var)
        total = kg if old is None or declared else old.kg + kg
        version = 1 if old is None else old.version + 1
        self.bought[lot] = Bought(total, version, self.time_ns, declared, recycled)
        if len(self.bought) > MOST_BOUGHT:
            del self.bought[next(iter(self.bought))]
        vector = self.vectors[lot]
        self._tell(
            LotMade(
                self.time_ns, lot, "material", cell, total, math.sqrt(var), (), to_composition(vector),
                version=version, reason="more_came" if version > 1 else "", facts=facts or {},
            ),
            vector,
        )  # fmt: skip
        return Parcel(lot, kg, var)

    def _tell(self, made: LotMade, vector: Vector) -> None:
        off = check(vector)
        if not off <= EXACT:
            self.broken.append((made.lot, off))
        self.vectors[made.lot] = vector
        self.events.append(made)

    def finish(self, lot: str, kind: str, cell: str, parcel: Parcel) -> None:
        """A lot that may go on into a pallet, a shipment, or another lot made by hand."""
        self.whole[lot] = Whole(kind, cell, parcel.kg, parcel.var, self.time_ns)
        if len(self.whole) > (MOST_WHOLE if self.rows.packs else FEW_WHOLE):
            oldest = next(iter(self.whole))
            del self.whole[oldest]
            if not self.rows.packs:
                return
            self.noted("lot_forgotten", oldest, Severity.WARNING, reason="too many lots that went nowhere")

    # --- vessels ---

    def empty_into(self, vessel: str, heap: Heap) -> None:
        """Somebody empties a heap into a vessel. It waits for the next reading of the meters that draw from there:

        what they drew until then, they drew before.
        """
        if any(meter in self.meters for meter in self.rows.draws.get(vessel, ())):
            self.waiting = (*self.waiting, Waiting(vessel, heap, self.time_ns))
        else:
            self.fill(vessel, heap, by_hand=True)

    def settle(self, meter: str) -> None:
        """A meter was read: what waited for that comes in."""
        mine = [each for each in self.waiting if meter in self.rows.draws.get(each.vessel, ())]
        if mine:
            self.waiting = tuple(each for each in self.waiting if each not in mine)
            for each in mine:
                if each.vessel in self.rows.vessels:
                    self.fill(each.vessel, each.heap, by_hand=True)

    def fill(self, vessel: str, heap: Heap, *, by_hand: bool = False) -> None:
        """A heap comes into a vessel. `by_hand`: a scan said so, which may be a draw early or late."""
        row, content = self.rows.vessels[vessel], self.vessels.get(vessel, Content())
        if not heap:
            return
        if by_hand:
            missing = max(row.keeps_kg - content.kg, 0.0) if row.source else 0.0
            content = put_by_hand(content, row.mixing, heap, missing)
        else:
            content = put(content, row.mixing, heap)
        if len(content.heap) > MOST_PARCELS:
            content = self._sliced(row, content)
        self.vessels[vessel] = content

    def draw(self, vessel: str, kg: float, var: float) -> Heap:
        """Kilograms out of a vessel, which is filled up before; what it does not have is from an unknown source."""
        if kg <= 0.0:
            return ()
        self.top_up(vessel)
        row = self.rows.vessels[vessel]
        self._flush(row, kg)
        content = self.vessels.get(vessel, Content())
        there = content.kg
        heap = self._taken(row, content, kg, var)
        short = kg - there
        if short > _LEAST_KG:
            lot = self.name(f"unknown:{vessel}")
            self.noted(
                "vessel_short", vessel, Severity.WARNING, kg=short, asked_kg=kg, held_kg=there, lot=lot
            )
            heap = joined(
                heap, (self.bring(lot, short, var, row.cell, {"unknown": "short", "vessel": vessel}),)
            )
        self._after(row)
        return heap

    def _after(self, row: Vessel) -> None:
        """A hopper is filled when its blender draws; all else some time between two draws: half now is the mean."""
        if row.kind != "hopper":
            self.top_up(row.name, 0.5)

    def top_up(self, vessel: str, share: float = 1.0) -> None:
        """Fill a vessel that is kept full from another: that share of what it lacks, or as much as there is."""
        row = self.rows.vessels[vessel]
        if not row.keeps_kg or not row.source:
            return
        missing = share * (row.keeps_kg - self.vessels.get(vessel, Content()).kg)
        if missing <= _LEAST_KG:
            return
        self.top_up(row.source)
        feeding = self.rows.vessels[row.source]
        self._flush(feeding, missing)
        content = self.vessels.get(row.source, Content())
        self.fill(vessel, self._taken(feeding, content, min(missing, content.kg), 0.0))
        self._after(feeding)

    def _taken(self, row: Vessel, content: Content, kg: float, var: float) -> Heap:
        """Out of a vessel. Of which layers it is may be less sure than how much it is: then it is a lot of its own."""
        drawn = take(content, row.mixing, kg, var)
        self.vessels[row.name] = drawn.left
        if drawn.unsure and row.mixing == "fifo":
            return (self.charge(row.name, row.cell, drawn.heap, var),)
        return drawn.heap

    def charge(self, what: str, cell: str, heap: Heap, var: float) -> Parcel:
        """A heap that goes on as one lot, so that whatever is unsure inside it changes nothing outside."""
        return self.make(self.name(what), "charge", cell, heap, var=var)

    def _sliced(self, row: Vessel, content: Content) -> Content:
        """All that is mixed in a vessel, as one lot."""
        plain = tuple(each._replace(mixing="") for each in content.heap)
        heap = plain if row.mixing == "unknown" else content.heap
        var = spread(heap)
        if row.keeps_kg:  # its fills make good for each other: it never holds more than one draw too little
            var = min(var, rectangle(content.drawn_kg))
        parcel = self.make(self.name(row.name), "content", row.cell, heap, var=var)
        out: Heap = (parcel,)
        return replace(content, heap=marked(out, "mixed") if row.mixing == "unknown" else out)

    def _flush(self, row: Vessel, kg: float) -> None:
        """What is on its way into a vessel comes in before something is drawn; on top of other layers it can wait."""
        feeds = self.rows.feeds.get(row.name, ())
        if not feeds or (row.mixing == "fifo" and self.vessels.get(row.name, Content()).kg >= kg):
            return
        for meter in feeds:
            self.arrive(meter)

    def arrive(self, meter: str, *, over: bool = False) -> None:
        """What a meter has pending comes into its vessel. `over`: what comes next from outside is another lot."""
        state, row = self.meters.get(meter), self.rows.meters[meter]
        pending = None if state is None else state.pending
        if state is None or pending is None:
            return
        open_still = None if row.source or over else replace(pending, kg=0.0, var=0.0)
        self.meters[meter] = replace(state, pending=open_still)
        if not pending.kg:
            return
        if row.source:
            kind = "regrind" if row.ground else "charge"
            parcel = self.make(
                pending.lot, kind, row.cell, pending.heap, kg=pending.kg, var=pending.var, ground=row.ground
            )
        else:
            facts: dict[str, Plain] = {"from_ns": pending.from_ns}
            if pending.lot.startswith(f"{self.rows.site}:unknown:"):
                facts["unknown"] = "fill"
            parcel = self.bring(pending.lot, pending.kg, pending.var, row.cell, facts)
        self.fill(row.targets[0], (parcel,))

    # --- forgetting ---

    def _sweep(self) -> None:
        """Lots that nothing holds any more leave the state."""
        held = set(self.whole)
        for content in self.vessels.values():
            held.update(each.lot for each in content.heap)
            held.update(each.lot for layer in content.layers for each in layer.heap)
        for meter in self.meters.values():
            if meter.pending is not None:
                held.update(each.lot for each in meter.pending.heap)
        for lots in self.products.values():
            held.update(each.lot for product in lots.values() for each in product.every())
        held.update(each.lot for waiting in self.waiting for each in waiting.heap)
        for _, pack in self.packs.values():
            held.update(each.lot for each in pack.heap)
        self.vectors = {lot: vector for lot, vector in self.vectors.items() if lot in held}
