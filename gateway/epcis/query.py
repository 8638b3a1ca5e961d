"""What `GET /epcis/events` may ask, read from its parameters, and whether an event answers it. Pure.

A subset of the SimpleEventQuery of EPCIS 2.0 (8.2.7.1) with the parameter names of its REST binding; lists are
separated by ``|``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.epcis.links import canonical
from gateway.epcis.names import is_uri
from gateway.epcis.times import nanoseconds
from gateway.epcis.vocabulary import ACTIONS, BIZ_STEPS, DISPOSITIONS, EVENT_TYPES, bare

PER_PAGE, PER_PAGE_MOST = 30, 1_000
VALUES_MOST = 100  # of one parameter
VALUE_LENGTH = 2_000
TIMES = ("GE_eventTime", "LT_eventTime", "GE_recordTime", "LT_recordTime")
_EPC_FIELDS = {
    "MATCH_epc": ("epcList", "childEPCs"),
    "MATCH_parentID": ("parentID",),
    "MATCH_inputEPC": ("inputEPCList",),
    "MATCH_outputEPC": ("outputEPCList",),
    "MATCH_anyEPC": ("epcList", "childEPCs", "parentID", "inputEPCList", "outputEPCList"),
    "MATCH_epcClass": ("quantityList", "childQuantityList"),
    "MATCH_inputEPCClass": ("inputQuantityList",),
    "MATCH_outputEPCClass": ("outputQuantityList",),
    "MATCH_anyEPCClass": ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"),
}
"""Parameters that look for a lot, and the fields that they look at."""
_WORDS = {"EQ_bizStep": ("bizStep", BIZ_STEPS), "EQ_disposition": ("disposition", DISPOSITIONS)}
_PLACES = {"EQ_readPoint": "readPoint", "EQ_bizLocation": "bizLocation"}
PARAMETERS = (
    "eventType", *TIMES, "EQ_action", *_WORDS, *_PLACES, *_EPC_FIELDS, "EQ_eventID", "perPage", "nextPageToken",
)  # fmt: skip


class BadQuery(ValueError):
    """A parameter is not what it may be; says which, and what is allowed."""

    def __init__(self, parameter: str, why: str) -> None:
        super().__init__(f"{parameter[:60]}: {why}")
        self.parameter, self.why = parameter[:60], why


@dataclass(frozen=True, slots=True)
class Query:
    """A question. What is empty asks nothing."""

    times: Mapping[str, int] = field(default_factory=dict)  # nanoseconds by parameter
    words: Mapping[str, frozenset[str]] = field(default_factory=dict)  # bare words by field
    places: Mapping[str, frozenset[str]] = field(default_factory=dict)  # canonical URIs by field
    lots: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict
    )  # canonical URIs by parameter; end in * or not
    ids: frozenset[str] = frozenset()
    per_page: int = PER_PAGE
    token: str = ""

    def bounds(self) -> tuple[int, int]:
        """Event times that it wants: [from, to)."""
        return self.times.get("GE_eventTime", -(2**63)), self.times.get("LT_eventTime", 2**63 - 1)

    def named(self) -> list[str] | None:
        """The URIs of which every answer must name one; None where some answer names none of any few."""
        found = [list(uris) for uris in self.lots.values() if not any(uri.endswith("*") for uri in uris)]
        found.sort(key=len)
        return found[0] if found else None


def parse(given: Iterable[tuple[str, str]]) -> Query:
    """The query of a URL's parameters, in their order. Raises BadQuery."""
    said: dict[str, str] = {}
    for name, value in given:
        if name not in PARAMETERS:
            raise BadQuery(name, f"there is no such parameter here; there are {', '.join(PARAMETERS)}")
        if name in said:
            raise BadQuery(name, "it is given twice: separate its values by |")
        said[name] = value
    words: dict[str, frozenset[str]] = {}
    if "eventType" in said:
        words["type"] = _one_of("eventType", said["eventType"], EVENT_TYPES)
    if "EQ_action" in said:
        words["action"] = _one_of("EQ_action", said["EQ_action"], ACTIONS)
    for name, (where, known) in _WORDS.items():
        if name in said:
            words[where] = _vocabulary(name, said[name], where, known)
    return Query(
        {name: _time(name, said[name]) for name in TIMES if name in said},
        words,
        {where: frozenset(_uris(name, said[name])) for name, where in _PLACES.items() if name in said},
        {name: _uris(name, said[name]) for name in _EPC_FIELDS if name in said},
        frozenset(_listed("EQ_eventID", said["EQ_eventID"])) if "EQ_eventID" in said else frozenset(),
        _count(said["perPage"]) if "perPage" in said else PER_PAGE,
        said.get("nextPageToken", ""),
    )


def matches(query: Query, event: Mapping[str, Any]) -> bool:
    """Whether an event is an answer. Event time is looked at too, so any events may be tried."""
    for where, allowed in query.words.items():
        if event.get(where) not in allowed:
            return False
    if query.ids and event["eventID"] not in query.ids:
        return False
    for name, bound in query.times.items():
        time_ns = nanoseconds(event[name[3:]])
        if time_ns < bound if name.startswith("GE") else time_ns >= bound:
            return False
    for where, places in query.places.items():
        if _known(str(event.get(where, {}).get("id", ""))) not in places:
            return False
    return all(_names(event, _EPC_FIELDS[name], wanted) for name, wanted in query.lots.items())


def _names(event: Mapping[str, Any], fields: Sequence[str], wanted: Sequence[str]) -> bool:
    for place in fields:
        held = event.get(place, ())
        for one in [held] if isinstance(held, str) else held:
            uri = _known(one if isinstance(one, str) else one["epcClass"])
            if any(uri.startswith(each[:-1]) if each.endswith("*") else uri == each for each in wanted):
                return True
    return False


def _known(uri: str) -> str:
    return canonical(uri) or uri


def _listed(name: str, text: str) -> list[str]:
    values = text.split("|")
    if any(not value for value in values):
        raise BadQuery(name, "it is empty: give a value, or several separated by |")
    if len(values) > VALUES_MOST or any(len(value) > VALUE_LENGTH for value in values):
        raise BadQuery(name, f"at most {VALUES_MOST} values of {VALUE_LENGTH} characters")
    return values


def _one_of(name: str, text: str, known: Sequence[str]) -> frozenset[str]:
    values = _listed(name, text)
    if wrong := sorted(set(values) - set(known)):
        raise BadQuery(name, f"{wrong[0][:60]!r} is none of {', '.join(known)}")
    return frozenset(values)


def _vocabulary(name: str, text: str, where: str, known: Iterable[str]) -> frozenset[str]:
    words = [bare(value, where) for value in _listed(name, text)]
    for word in words:
        if word not in known and not is_uri(word):
            raise BadQuery(name, f"{word[:60]!r} is neither a URI nor one of {', '.join(sorted(known))}")
    return frozenset(words)


def _time(name: str, text: str) -> int:
    try:
        return nanoseconds(text.strip().replace(" ", "+"))  # a + that nobody wrote as %2B
    except ValueError as error:
        raise BadQuery(name, str(error)) from None


def _uris(name: str, text: str) -> tuple[str, ...]:
    found = []
    for value in _listed(name, text):
        if not is_uri(value):
            raise BadQuery(name, f"{value[:60]!r} is not a URI: write %XX for what a URI cannot have")
        uri = _known(value)
        if value.startswith("urn:epc:idpat:"):
            if uri == value or value.count("*") > 1:
                raise BadQuery(
                    name, f"{value[:60]!r}: of patterns only those that end in one * are understood"
                )
            uri += "*" if re.search(r"/(253|255|8003)/", uri) else "/*"
        found.append(uri)
    return tuple(found)


def _count(text: str) -> int:
    if not re.fullmatch(r"\d{1,6}", text, re.ASCII) or not 1 <= int(text) <= PER_PAGE_MOST:
        raise BadQuery("perPage", f"it is a whole number from 1 to {PER_PAGE_MOST}")
    return int(text)
