"""Somebody else's EPCIS document, read strictly: every problem with its place and what to do, or typed events. Pure.

Places are JSON paths: ``$.epcisBody.eventList[3].eventTime``. Fields that say nothing about lots and mass are let pass
unread; what is read has to be right.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson

from gateway.epcis.names import is_uri
from gateway.epcis.prehash import prefixes_of
from gateway.epcis.times import nanoseconds
from gateway.epcis.vocabulary import ACTIONS, BIZ_STEPS, EVENT_TYPES, PREFIXES, bare

EVENTS_MOST = 20_000
PROBLEMS_MOST = 100
_MASS = {"KGM": 1.0, "GRM": 1e-3, "MGM": 1e-6, "TNE": 1e3, "LBR": 0.45359237, "ONZ": 0.028349523125}
"""Kilograms of the masses of UN/CEFACT Recommendation 20 that occur."""
_UOM = re.compile(r"[A-Z0-9]{2,3}")
_OFFSET = re.compile(r"[+-](0\d|1[0-3]):[0-5]\d|[+-]14:00")
_NEEDS = {
    "ObjectEvent": ("action",), "AggregationEvent": ("action",), "TransactionEvent": ("action", "bizTransactionList"),
    "AssociationEvent": ("action", "parentID"), "TransformationEvent": (),
}  # fmt: skip


class Trouble(NamedTuple):
    """Something that cannot be taken, where, and what to do."""

    path: str
    why: str

    def __str__(self) -> str:
        return f"{self.path}: {self.why}"


class Refused(ValueError):
    """The document cannot be taken; says everything that is wrong with it, up to a hundred things."""

    def __init__(self, troubles: Sequence[Trouble]) -> None:
        super().__init__("\n".join(map(str, troubles)))
        self.troubles = tuple(troubles)


@dataclass(frozen=True, slots=True)
class Amount:
    """How much of a lot: kilograms, or None where no mass is said."""

    uri: str
    kg: float | None
    path: str


@dataclass(frozen=True, slots=True)
class Read:
    """One event as far as lots and mass go."""

    path: str
    type: str
    time_ns: int
    event_id: str
    step: str  # bare word or URI; "" where none
    action: str
    inputs: tuple[Amount, ...]
    outputs: tuple[Amount, ...]  # of a transformation; else what the event is about
    master: Mapping[str, Any] = field(default_factory=dict)  # ILMD by full name of its key
    in_error: bool = False


def read(text: bytes) -> list[Read]:
    """The events of a document. Raises Refused."""
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        words = f"not JSON ({error}): ask for the document in JSON-LD; XML cannot be read"
        raise Refused([Trouble("$", words)]) from None
    reader = _Reader()
    events = reader.document(document)
    if reader.troubles:
        raise Refused(reader.troubles)
    return events


class _Reader:
    def __init__(self) -> None:
        self.troubles: list[Trouble] = []
        self.prefixes: dict[str, str] = {}

    def say(self, path: str, why: str) -> None:
        if len(self.troubles) < PROBLEMS_MOST:
            self.troubles.append(Trouble(path, why))

    def document(self, document: Any) -> list[Read]:
        if not isinstance(document, dict):
            self.say("$", "an EPCISDocument is a JSON object")
            return []
        if "@context" not in document:
            self.say("$", '"@context" is missing: an EPCIS 2.0 document says what its words mean')
        self.prefixes = {**PREFIXES, **prefixes_of(document.get("@context"))}
        kind = document.get("type")
        if kind in EVENT_TYPES:
            return self.events([document], "$", alone=True)
        if kind not in {"EPCISDocument", "EPCISQueryDocument"}:
            self.say("$.type", f"{_shown(kind)} is not EPCISDocument")
            return []
        version = document.get("schemaVersion", "2.0")
        if kind == "EPCISDocument" and not (isinstance(version, str) and version.split(".")[0] == "2"):
            self.say("$.schemaVersion", f"{_shown(version)}: only EPCIS 2 is read; ask for it")
        path = "$"
        found: Any = document
        steps = ["epcisBody"] if kind == "EPCISDocument" else ["epcisBody", "queryResults", "resultsBody"]
        for name in (*steps, "eventList"):
            path = f"{path}.{name}"
            found = found.get(name) if isinstance(found, dict) else None
        if not isinstance(found, list):
            self.say(path, "a list of events is missing here")
            return []
        return self.events(found, path)

    def events(self, events: list[Any], path: str, *, alone: bool = False) -> list[Read]:
        if len(events) > EVENTS_MOST:
            self.say(path, f"{len(events)} events: at most {EVENTS_MOST} in one document; split it")
            return []
        made = [self.event(each, path if alone else f"{path}[{at}]") for at, each in enumerate(events)]
        return [each for each in made if each is not None]

    def event(self, event: Any, path: str) -> Read | None:
        if not isinstance(event, dict):
            self.say(path, f"{_shown(event)} is not an event")
            return None
        kind = event.get("type")
        if kind not in EVENT_TYPES:
            self.say(f"{path}.type", f"{_shown(kind)} is none of {', '.join(EVENT_TYPES)}")
            return None
        for name in _NEEDS[kind]:
            if name not in event:
                self.say(path, f'"{name}" is missing, which a {kind} has')
        inner = {**self.prefixes, **prefixes_of(event.get("@context"))}
        if kind == "TransformationEvent":
            inputs = self.amounts(event, path, "inputEPCList", "inputQuantityList")
            outputs = self.amounts(event, path, "outputEPCList", "outputQuantityList")
            if "transformationID" not in event and not (inputs and outputs):
                self.say(path, "a transformation has inputs and outputs, or a transformationID")
        else:
            inputs = ()
            inside = kind in {"AggregationEvent", "AssociationEvent"}
            both = ("childEPCs", "childQuantityList") if inside else ("epcList", "quantityList")
            outputs = self.amounts(event, path, *both)
        action = self.word(event, path, "action", ACTIONS)
        if "ilmd" in event and kind == "ObjectEvent" and action not in {"ADD", ""}:
            self.say(f"{path}.ilmd", f"an ObjectEvent has ilmd with action ADD only, and this is {action}")
        return Read(
            path, kind, self.time(event, path), self.uri(event, path, "eventID"), self.step(event, path), action,
            inputs, outputs, self.master(event, path, inner), "errorDeclaration" in event,
        )  # fmt: skip

    def time(self, event: dict[str, Any], path: str) -> int:
        said = event.get("eventTime")
        offset = event.get("eventTimeZoneOffset")
        if not isinstance(offset, str) or not _OFFSET.fullmatch(offset):
            self.say(f"{path}.eventTimeZoneOffset", f"{_shown(offset)} is not an offset such as +01:00")
        try:
            return nanoseconds(said if isinstance(said, str) else "")
        except ValueError as error:
            self.say(f"{path}.eventTime", f"{_shown(said)}: {error}")
            return 0

    def uri(self, event: dict[str, Any], path: str, name: str) -> str:
        said = event.get(name, "")
        if name in event and not (isinstance(said, str) and is_uri(said)):
            self.say(f"{path}.{name}", f"{_shown(said)} is not a URI")
            return ""
        return str(said)

    def word(self, event: dict[str, Any], path: str, name: str, known: Sequence[str]) -> str:
        said = event.get(name, "")
        if name in event and said not in known:
            self.say(f"{path}.{name}", f"{_shown(said)} is none of {', '.join(known)}")
            return ""
        return str(said)

    def step(self, event: dict[str, Any], path: str) -> str:
        said = event.get("bizStep", "")
        word = bare(self.expanded(said), "bizStep") if isinstance(said, str) else None
        if word is None or (word and word not in BIZ_STEPS and not is_uri(word)):
            self.say(f"{path}.bizStep", f"{_shown(said)} is neither a business step of CBV 2.0 nor a URI")
            return ""
        return word

    def expanded(self, text: str) -> str:
        prefix, colon, local = text.partition(":")
        return self.prefixes[prefix] + local if colon and prefix in self.prefixes else text

    def amounts(self, event: dict[str, Any], path: str, things: str, classes: str) -> tuple[Amount, ...]:
        found = []
        for at, uri in enumerate(self.listed(event, path, things)):
            where = f"{path}.{things}[{at}]"
            if not isinstance(uri, str) or not is_uri(uri):
                self.say(where, f"{_shown(uri)} is not a URI")
            else:
                found.append(Amount(uri, None, where))
        for at, element in enumerate(self.listed(event, path, classes)):
            made = self.amount(element, f"{path}.{classes}[{at}]")
            found += [made] if made else []
        return tuple(found)

    def listed(self, event: dict[str, Any], path: str, name: str) -> list[Any]:
        said = event.get(name, [])
        if not isinstance(said, list):
            self.say(f"{path}.{name}", "it is a list")
            return []
        return said

    def amount(self, element: Any, path: str) -> Amount | None:
        uri = element.get("epcClass") if isinstance(element, dict) else None
        if not isinstance(element, dict) or not isinstance(uri, str) or not is_uri(uri):
            self.say(f"{path}.epcClass", f"{_shown(uri)} is not a URI")
            return None
        if extra := sorted(set(element) - {"epcClass", "quantity", "uom"}):
            self.say(path, f"{_shown(extra[0])} is no member of a quantity: epcClass, quantity, uom are")
        count, uom = element.get("quantity"), element.get("uom", "")
        if "quantity" in element and (
            isinstance(count, bool) or not isinstance(count, (int, float)) or not 0 < count < 1e12
        ):
            self.say(f"{path}.quantity", f"{_shown(count)} is not a number above 0")
            return None
        if not isinstance(uom, str) or (uom and not _UOM.fullmatch(uom)):
            self.say(f"{path}.uom", f"{_shown(uom)} is not a code of UN/CEFACT Recommendation 20 such as KGM")
            return None
        kg = None if count is None or uom not in _MASS else float(count) * _MASS[uom]
        return Amount(uri, kg, path)

    def master(self, event: dict[str, Any], path: str, prefixes: Mapping[str, str]) -> dict[str, Any]:
        said = event.get("ilmd", {})
        if not isinstance(said, dict):
            self.say(f"{path}.ilmd", "it is an object")
            return {}
        found = {}
        for name, value in said.items():
            prefix, colon, local = name.partition(":")
            if not colon:
                self.say(
                    f"{path}.ilmd",
                    f"{_shown(name)} has no prefix: a key of ilmd is a URI, as cbvmda:lotNumber",
                )
            found[prefixes[prefix] + local if prefix in prefixes else name] = value
        return found


def _shown(value: object) -> str:
    text = orjson.dumps(value, default=str).decode("utf-8", "replace") if value is not None else "nothing"
    return text if len(text) <= 60 else f"{text[:57]}..."
