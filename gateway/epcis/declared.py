"""What a supplier's events declare: lots with their kilograms, facts, and what they were made of. Pure.

A lot's mass is what its maker says when it is made (an ObjectEvent with action ADD, or the output of a
TransformationEvent); of a lot whose making is not told, what was shipped or received of it. Inputs of a transformation
are lots too, made elsewhere: so a recall of a raw material reaches what came of it here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.epcis.names import Names
from gateway.epcis.reading import Amount, Read, Refused, Trouble
from gateway.epcis.times import stamp
from gateway.epcis.vocabulary import NAMESPACE, PREFIXES

LOT_LONGEST = 200
_MDA = PREFIXES["cbvmda"]
_FACTS = {
    "lotNumber": "supplier_lot", "itemExpirationDate": "expiry", "bestBeforeDate": "best_before",
    "countryOfOrigin": "origin", "descriptionShort": "description",
}  # fmt: skip
_RECYCLED = (f"{NAMESPACE}recycledContentLow", f"{NAMESPACE}recycledContentHigh")
_ROUNDED = 1 - 1e-12  # so that parts of a lot never come to more than it by rounding
_DELIVERED = {"shipping", "receiving", "arriving", "accepting", "departing"}


@dataclass
class Lot:
    """A lot that a document declares."""

    name: str
    uri: str
    path: str  # where it is said first
    time_ns: int
    made_kg: float = 0.0
    moved_kg: float = 0.0
    inputs: dict[str, float] = field(default_factory=dict)  # kilograms by lot
    facts: dict[str, str] = field(default_factory=dict)
    recycled: float | None = None
    unsaid: bool = False  # it went into or came out of something without kilograms

    @property
    def kg(self) -> float:
        return self.made_kg or self.moved_kg


@dataclass(frozen=True)
class Declared:
    """The lots of a document, each after those that it is made of; and what is worth a word."""

    lots: tuple[Lot, ...]
    warnings: tuple[Trouble, ...]
    events: int  # read
    void: int  # of them declared to be wrong

    def bodies(self) -> list[dict[str, Any]]:
        """The lots as an entry takes them (`gateway.mass.entries`)."""
        made = []
        for lot in self.lots:
            body: dict[str, Any] = {
                "lot": lot.name,
                "kind": "material",
                "kg": lot.kg,
                **lot.facts,
                "uri": lot.uri,
            }
            body["declared_at"] = stamp(lot.time_ns)
            if lot.inputs:
                body["inputs"] = [{"lot": name, "kg": kg} for name, kg in lot.inputs.items()]
            elif lot.recycled is not None:
                body["recycled"] = lot.recycled
            made.append(body)
        return made


def declared(events: Sequence[Read], names: Names) -> Declared:
    """The lots that events declare. Raises Refused."""
    void = {event.event_id for event in events if event.in_error and event.event_id}
    valid = [each for each in events if not each.in_error and each.event_id not in void]
    once: dict[str, Read] = {each.event_id or each.path: each for each in valid}
    book = _Book(names)
    for event in sorted(once.values(), key=lambda each: each.time_ns):
        book.enter(event)
    lots = book.ordered()
    if book.troubles:
        raise Refused(book.troubles)
    return Declared(tuple(lots), tuple(book.warnings), len(events), len(events) - len(valid))


class _Book:
    def __init__(self, names: Names) -> None:
        self.names = names
        self.lots: dict[str, Lot] = {}
        self.troubles: list[Trouble] = []
        self.warnings: list[Trouble] = []

    def enter(self, event: Read) -> None:
        if event.type == "TransformationEvent":
            self._transformed(event)
        elif event.type in {"ObjectEvent", "TransactionEvent"}:
            for amount in event.outputs:
                lot = self._lot(amount, event)
                if event.type == "ObjectEvent" and event.action == "ADD":
                    lot.made_kg += amount.kg or 0.0
                    self._facts(lot, event.master)
                elif event.step in _DELIVERED:
                    lot.moved_kg = max(
                        lot.moved_kg, amount.kg or 0.0
                    )  # shipped, then received: the same kilograms

    def _transformed(self, event: Read) -> None:
        outputs = [(self._lot(amount, event), amount) for amount in event.outputs]
        inputs = [(self._lot(amount, event), amount) for amount in event.inputs]
        total = math.fsum(amount.kg or 0.0 for _, amount in outputs)
        whole = all(amount.kg for _, amount in (*inputs, *outputs))
        for lot, amount in inputs:
            lot.moved_kg += (amount.kg or 0.0) if not lot.made_kg else 0.0
        for lot, amount in outputs:
            lot.made_kg += amount.kg or 0.0
            self._facts(lot, event.master)
            if not whole:
                lot.unsaid = True
                words = "inputs or outputs without a mass: what the lot is made of is not taken; ask for KGM"
                self.warnings.append(Trouble(amount.path, words))
                continue
            for used, of in inputs:
                if used.name == lot.name:
                    self.troubles.append(
                        Trouble(of.path, "the lot goes into itself: name what came out differently")
                    )
                    continue
                share = (of.kg or 0.0) * (amount.kg or 0.0) / total * _ROUNDED
                lot.inputs[used.name] = lot.inputs.get(used.name, 0.0) + share

    def _lot(self, amount: Amount, event: Read) -> Lot:
        name = self.names.lot_of(amount.uri)
        if len(name) > LOT_LONGEST or not name.isprintable():
            self.troubles.append(
                Trouble(amount.path, f"names a lot by more than {LOT_LONGEST} characters that print")
            )
        return self.lots.setdefault(name, Lot(name, amount.uri, amount.path, event.time_ns))

    def _facts(self, lot: Lot, master: Mapping[str, Any]) -> None:
        for key, word in _FACTS.items():
            value = master.get(_MDA + key)
            if isinstance(value, str) and value.strip():
                lot.facts[word] = value.strip()[:LOT_LONGEST]
        said = [master.get(name) for name in _RECYCLED]
        shares = [
            float(each) for each in said if isinstance(each, (int, float)) and not isinstance(each, bool)
        ]
        if shares and all(0 <= each <= 1 for each in shares):
            lot.recycled = sum(shares) / len(shares)

    def ordered(self) -> list[Lot]:
        """Lots with a mass, each after its inputs; the others are told."""
        done: dict[str, Lot] = {}
        waiting = dict(self.lots)
        for lot in list(waiting.values()):
            if not lot.kg:
                del waiting[lot.name]
                words = (
                    "no event says how many kilograms there are of it: not taken; ask for a quantity in KGM"
                )
                self.warnings.append(Trouble(lot.path, words))
        while waiting:
            ready = [lot for lot in waiting.values() if not set(lot.inputs) & set(waiting)]
            if not ready:
                names = ", ".join(sorted(waiting)[:5])
                first = next(iter(waiting.values()))
                self.troubles.append(Trouble(first.path, f"these lots are made of each other: {names}"))
                break
            for lot in ready:
                done[lot.name] = waiting.pop(lot.name)
        if not done and not self.troubles:
            self.troubles.append(Trouble("$", _nothing(self.warnings)))
        self._enough(done.values())
        return list(done.values())

    def _enough(self, lots: Iterable[Lot]) -> None:
        """What was made of a lot is no more than there was of it."""
        used: dict[str, float] = {}
        for lot in lots:
            for name, kg in lot.inputs.items():
                used[name] = used.get(name, 0.0) + kg
        for name, kg in used.items():
            there = self.lots[name].kg
            if kg > there * (1 + 1e-9):
                words = f"{kg:g} kg of it went into others, and there were {there:g} kg: mend the quantities"
                self.troubles.append(Trouble(self.lots[name].path, words))


def _nothing(warnings: Sequence[Trouble]) -> str:
    more = f"; {warnings[0]}" if warnings else ""
    return f"no lot with a mass is in it: an ObjectEvent with action ADD or a TransformationEvent declares one{more}"
