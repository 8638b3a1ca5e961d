"""The event hash id of CBV 2.0, section 8.9: an event's name made of its content. Pure.

The order of the lists of transactions, sources and destinations, and that their type comes first, is that of the
published hash values; the prose beside them says it differently (docs/decisions/0057).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from gateway.epcis.links import canonical
from gateway.epcis.times import milliseconds
from gateway.epcis.vocabulary import PREFIXES, spelled, web

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_IGNORED = {
    "type",
    "eventID",
    "recordTime",
    "errorDeclaration",
    "@context",
    "rdfs:comment",
    "comment",
    "#text",
}
_QUANTITY = ("epcClass", "quantity", "uom")
_METADATA = (
    "time", "startTime", "endTime", "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "bizRules",
)  # fmt: skip
_REPORT = (
    "type", "exception", "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "time", "microorganism",
    "chemicalSubstance", "value", "component", "stringValue", "booleanValue", "hexBinaryValue", "uriValue",
    "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue", "uom", "coordinateReferenceSystem",
)  # fmt: skip
_ORDER = (
    "eventTime", "eventTimeZoneOffset", "certificationInfo", "parentID", "epcList", "inputEPCList", "childEPCs",
    "quantityList", "childQuantityList", "inputQuantityList", "outputEPCList", "outputQuantityList", "action",
    "transformationID", "bizStep", "disposition", "persistentDisposition", "readPoint", "bizLocation",
    "sensorElementList",
)  # fmt: skip
_LISTED = {"bizTransactionList": "bizTransaction", "sourceList": "source", "destinationList": "destination"}
_TIMES = {"eventTime", "time", "startTime", "endTime"}
_WORDS = {"bizStep", "disposition", "set", "unset", "exception", "component"}


def hash_id(event: Mapping[str, Any], prefixes: Mapping[str, str] | None = None) -> str:
    """The event id: ``ni:///sha-256;<64 hex digits>?ver=CBV2.0`` (RFC 6920, with the digest in hex as CBV has it)."""
    digest = hashlib.sha256(pre_hash(event, prefixes).encode("utf-8", "replace")).hexdigest()
    return f"ni:///sha-256;{digest}?ver=CBV2.0"


def pre_hash(event: Mapping[str, Any], prefixes: Mapping[str, str] | None = None) -> str:
    """The string that is hashed. `prefixes`: what the document's context declares beside the standard ones.

    Event id, record time, error declaration and comments are no part of it.
    """
    return _Writer({**PREFIXES, **(prefixes or {})}).event(event)


def prefixes_of(context: Any) -> dict[str, str]:
    """Prefixes that a document's ``@context`` declares itself."""
    found: dict[str, str] = {}
    for part in context if isinstance(context, list) else [context]:
        if isinstance(part, Mapping):
            found |= {name: uri for name, uri in part.items() if isinstance(uri, str)}
    return found


class _Writer:
    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self.prefixes = prefixes

    def event(self, event: Mapping[str, Any]) -> str:
        head = [f"eventType={self.key(str(event.get('type', '')))}"]
        head += [self.field(name, event[name]) for name in _ORDER if name in event]
        rest = [self.rest(name, event[name]) for name in event if name not in _ORDER and name not in _IGNORED]
        return "".join(head) + "".join(sorted(rest))

    def field(self, name: str, value: Any) -> str:
        """A field of the standard, whole."""
        if name in {"epcList", "inputEPCList", "outputEPCList", "childEPCs"}:
            return self.listed(name, (f"epc={self.value(each)}" for each in value))
        if name.endswith("uantityList"):
            return self.listed(name, (f"quantityElement{self.members(each, _QUANTITY)}" for each in value))
        if name == "sensorElementList":
            return self.listed(name, (f"sensorElement{self.sensor(each)}" for each in value))
        if name == "persistentDisposition":
            both = (
                f"{word}={self.word(word, each)}"
                for word in ("set", "unset")
                for each in sorted(value.get(word, ()))
            )
            return self.listed(name, both, ordered=True)
        if name in {"readPoint", "bizLocation"}:
            return name + self.members(value, ("id",))
        if isinstance(value, list):
            return "".join(sorted(self.field(name, each) for each in value))
        return self.leaf(name, value)

    def listed(self, name: str, parts: Iterable[str], *, ordered: bool = False) -> str:
        """A list under its name, which stands there once; nothing for an empty one."""
        made = "".join(parts if ordered else sorted(parts))
        return name + made if made else ""

    def leaf(self, name: str, value: Any) -> str:
        if name in _TIMES:
            return f"{name}={milliseconds(str(value))}"
        return f"{name}={self.word(name, value) if name in _WORDS else self.value(value)}"

    def word(self, where: str, value: Any) -> str:
        return self.value(spelled(str(value).strip(), where))

    def members(self, value: Mapping[str, Any], order: tuple[str, ...]) -> str:
        """Members in their order, then those of users."""
        known = "".join(self.leaf(name, value[name]) for name in order if name in value)
        return known + self.extensions(value, order)

    def extensions(self, value: Mapping[str, Any], order: Iterable[str]) -> str:
        return "".join(
            sorted(
                self.rest(name, value[name]) for name in value if name not in order and name not in _IGNORED
            )
        )

    def sensor(self, element: Mapping[str, Any]) -> str:
        metadata = self.members(element.get("sensorMetadata", {}), _METADATA)
        reports = []
        for report in element.get("sensorReport", ()):
            said = dict(report)
            if "type" in said:
                said["type"] = spelled(str(said["type"]).strip(), "sensor")
            reports.append("sensorReport" + self.members(said, _REPORT))
        others = self.extensions(element, ("sensorMetadata", "sensorReport"))
        return ("sensorMetadata" + metadata if metadata else "") + "".join(sorted(reports)) + others

    def rest(self, name: str, value: Any) -> str:
        """What has no fixed place: lists of parties and transactions, ILMD, and the fields of users."""
        if name in _LISTED:
            return self.listed(name, (self.pair(_LISTED[name], each) for each in value))
        key = self.key(name)
        if isinstance(value, list):
            return "".join(sorted(self.rest(name, each) for each in value))
        if isinstance(value, Mapping):
            text = f"={self.value(value['#text'])}" if "#text" in value else ""
            inner = sorted(self.rest(each, value[each]) for each in value if each not in _IGNORED)
            return key + text + "".join(inner)
        said = self.value(value)
        return f"{key}={said}" if said else key

    def pair(self, name: str, value: Mapping[str, Any]) -> str:
        kind = f"type={self.value(spelled(str(value['type']).strip(), name))}" if "type" in value else ""
        return f"{kind}{name}={self.value(value.get(name, ''))}"

    def key(self, name: str) -> str:
        prefix, colon, local = name.partition(":")
        return f"{{{self.prefixes[prefix]}}}{local}" if colon and prefix in self.prefixes else name

    def value(self, value: Any) -> str:
        """A value in its one form: numbers without needless digits, words and keys as web URIs."""
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, str):
            prefix, colon, local = value.partition(":")
            return _one_form(self.prefixes[prefix] + local if colon and prefix in self.prefixes else value)
        return _shortest(value) if isinstance(value, (int, float)) else _one_form(str(value))


@lru_cache(maxsize=8192)  # the same lots, cells and words come again and again
def _one_form(text: str) -> str:
    text = text.strip()
    if _NUMBER.fullmatch(text):
        return _shortest(float(text))
    text = web(text)
    return canonical(text) or text


def _shortest(number: float) -> str:
    return str(int(number)) if number == number // 1 else str(number)
