r"""What is said at the door: one JSON object a line, asked and answered. Pure.

    {"v": 1, "kind": "acknowledge", "operator": "17", "body": {"alarm": "...", "cause": "...", "action": "..."}}
    {"v": 1, "ok": true, "seq": 812, "events": [...]}                   committed; the events that it caused
    {"v": 1, "ok": false, "code": 2, "error": "operator is a number ..."}  refused; the code a command ends with

Operators are numbers: a name would be in the journal for ever.

>>> request("unshelve", "17", {"alarm": "a"})
b'{"v":1,"kind":"unshelve","operator":"17","body":{"alarm":"a"}}\n'
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from gateway.alarms import CLASSES, SHELVE_MOST_NS, TEXT_MOST
from gateway.folding.setpoints import STEPS
from gateway.model import Entry, Event, Instant, Plain
from gateway.plain import to_plain

VERSION = 1
LINE_MOST = 64 << 10
ID_MOST = 200
KG_MOST = 1e9
NUMBERS_MOST = 100
COPIES_MOST = 10_000
PARTS_MOST = 1_000_000_000
USAGE, TRY_LATER = 2, 75  # exit codes of the command that asked
_RELOAD, _PATH_MOST = "reload", 4096


class BadRequest(ValueError):
    """The request is not what the door takes; says why. Asking it again will not help."""


class Given(NamedTuple):
    """What the door gave back for an entry that is committed."""

    seq: int
    events: tuple[Mapping[str, Any], ...]  # as `gateway.plain` writes them


def request(kind: str, operator: str, body: Mapping[str, Plain]) -> bytes:
    """A request as one line."""
    return orjson.dumps(
        {"v": VERSION, "kind": kind, "operator": operator, "body": dict(body)},
        option=orjson.OPT_APPEND_NEWLINE,
    )


def entry_of(line: bytes, now: Instant) -> Entry:
    """The entry that a request asks for. Raises BadRequest, whatever the bytes are."""
    try:
        said = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"not JSON: {error}") from None
    if not isinstance(said, dict) or set(said) != {"v", "kind", "operator", "body"}:
        raise BadRequest("a request has v, kind, operator and body, and nothing else")
    if type(said["v"]) is not int or said["v"] != VERSION:
        raise BadRequest(f"v is not {VERSION}: the command and the daemon are of different versions")
    kind, operator, body = said["kind"], said["operator"], said["body"]
    if not isinstance(kind, str) or kind not in _BODIES:
        raise BadRequest(f"kind is one of {', '.join(_BODIES)}")
    if not isinstance(operator, str) or not re.fullmatch("[0-9]{1,12}", operator, re.ASCII):
        raise BadRequest("operator is a number of at most 12 digits: names of people never enter the journal")
    return Entry(kind, now, operator, _body(kind, body))


class Reload(NamedTuple):
    """A wish that the config be read again; it is no entry, and only the local door takes it."""

    operator: str  # "": nobody said
    config: str  # path of another file; "": the one that the daemon was started with


def reload_request(operator: str, config: str) -> bytes:
    """The wish as one line."""
    return request(_RELOAD, operator, {"config": config} if config else {})


def reload_of(line: bytes) -> Reload | None:
    """The wish in a line; None where it is another request, or none at all. Raises BadRequest."""
    try:
        said = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(said, dict) or said.get("kind") != _RELOAD:
        return None
    operator, body = said.get("operator"), said.get("body")
    if said.get("v") != VERSION or set(said) != {"v", "kind", "operator", "body"}:
        raise BadRequest("a request has v, kind, operator and body, and nothing else")
    if not isinstance(operator, str) or not re.fullmatch("[0-9]{0,12}", operator, re.ASCII):
        raise BadRequest("operator is a number of at most 12 digits, or left out")
    config = body.get("config", "") if isinstance(body, dict) and set(body) <= {"config"} else None
    if not isinstance(config, str) or len(config) > _PATH_MOST or "\0" in config:
        raise BadRequest("reload has config, the path of a file, or nothing")
    return Reload(operator, config)


def answer(seq: int, events: Sequence[Event]) -> bytes:
    """The line that says what a committed entry caused."""
    plain = {"v": VERSION, "ok": True, "seq": seq, "events": [to_plain(event) for event in events]}
    return orjson.dumps(plain, option=orjson.OPT_APPEND_NEWLINE)


def refusal(code: int, error: str) -> bytes:
    """The line that says why nothing was done, or that it is not known."""
    return orjson.dumps(
        {"v": VERSION, "ok": False, "code": code, "error": error}, option=orjson.OPT_APPEND_NEWLINE
    )


def _body(kind: str, body: object) -> dict[str, Plain]:
    wanted, optional = _BODIES[kind]
    if not isinstance(body, dict):
        raise BadRequest("body is not an object")
    for name in wanted:
        if name not in body:
            raise BadRequest(f"{kind} needs {name}")
    known = {**wanted, **optional}
    for name in body:
        if name not in known:
            raise BadRequest(f"{kind} has no {name}; there are {', '.join(known)}")
    return {name: known[name](name, value) for name, value in body.items()}


def _text(name: str, value: object) -> Plain:
    """One line of words."""
    if not isinstance(value, str) or len(value) > TEXT_MOST:
        raise BadRequest(f"{name} is not a text of at most {TEXT_MOST} characters")
    line = " ".join(value.split())
    if not line:
        raise BadRequest(f"{name} is empty")
    if not line.isprintable():
        raise BadRequest(f"{name} has characters in it that cannot be printed")
    return line


def _name(name: str, value: object) -> Plain:
    if not isinstance(value, str) or not 0 < len(value) <= ID_MOST or not value.isprintable():
        raise BadRequest(f"{name} is not a name of at most {ID_MOST} characters")
    return value


def _key(name: str, value: object) -> Plain:
    return value if value == "" and isinstance(value, str) else _name(name, value)


def _class(name: str, value: object) -> Plain:
    if value not in CLASSES:
        raise BadRequest(f"{name} is one of {', '.join(CLASSES)}")
    return str(value)


def _seconds(name: str, value: object) -> Plain:
    most = SHELVE_MOST_NS // 1_000_000_000
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= most:
        raise BadRequest(f"{name} is not a number of seconds above 0 and at most {most}, a day")
    return value


def _time(name: str, value: object) -> Plain:
    if type(value) is not int or not -(2**63) <= value < 2**63:
        raise BadRequest(f"{name} is not a time in nanoseconds")
    return value


def _value(name: str, value: object) -> Plain:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise BadRequest(f"{name} is neither a number nor null")
    return float(value)


def _number(name: str, value: object) -> Plain:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise BadRequest(f"{name} is not a number")
    return float(value)


def _true(name: str, value: object) -> Plain:
    if value is not True:
        raise BadRequest(f"{name} is true, or left out")
    return True


def _numbers(name: str, value: object) -> Plain:
    """Of one check: as many as its sample has."""
    if not isinstance(value, list) or not 1 <= len(value) <= NUMBERS_MOST:
        raise BadRequest(f"{name} is not a list of 1 to {NUMBERS_MOST} numbers")
    return [_number(name, each) for each in value]


def _kilograms(name: str, value: object) -> Plain:
    kg = _number(name, value)
    if not 0 <= float(str(kg)) <= KG_MOST:
        raise BadRequest(f"{name} is not a mass from 0 to {KG_MOST:g} kg")
    return kg


def _share(name: str, value: object) -> Plain:
    share = _number(name, value)
    if not 0 <= float(str(share)) <= 1:
        raise BadRequest(f"{name} is not a share from 0 to 1")
    return share


def _inputs(name: str, value: object) -> Plain:
    """What went into a lot made by hand."""
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise BadRequest(f"{name} is not a list of lots")
    checks = {"lot": _name, "kg": _kilograms, "sigma_kg": _kilograms}
    for each in value:
        if not {"lot", "kg"} <= set(each) <= set(checks):
            raise BadRequest(f"each of {name} has a lot and its kg, may have sigma_kg, and nothing else")
    return [{key: checks[key](key, item) for key, item in each.items()} for each in value]


def _copy(name: str, value: object) -> Plain:
    if type(value) is not int or not 1 <= value <= COPIES_MOST:
        raise BadRequest(f"{name} is not a whole number from 1 to {COPIES_MOST}")
    return value


def _lots(name: str, value: object) -> Plain:
    """Lots as `gateway.mass` makes them of an entry: texts, numbers, and what each is made of."""
    if not isinstance(value, list) or not value or not all(isinstance(each, dict) for each in value):
        raise BadRequest(f"{name} is not a list of lots")
    return [{_known(key): _of_lot(key, item) for key, item in each.items()} for each in value]


def _known(key: object) -> str:
    return str(_name("a member of a lot", key))


def _of_lot(key: str, item: object) -> Plain:
    if key == "inputs":
        if not isinstance(item, list) or not all(isinstance(each, dict) for each in item):
            raise BadRequest("inputs is not a list of lots")
        return [
            {"lot": _name("lot", each.get("lot")), "kg": _kilograms("kg", each.get("kg"))} for each in item
        ]
    return _text(key, item) if isinstance(item, str) else _number(key, item)


def _amount(name: str, value: object) -> Plain:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < math.inf:
        raise BadRequest(f"{name} is not a number of 0 or more")
    return value


def _orders(name: str, value: object) -> Plain:
    """Orders as `gateway.folding.office` tells them; the time at which one is due is in nanoseconds."""
    checks = {"order": _name, "part": _name, "quantity": _amount, "due_ns": _time, "customer": _text}
    if not isinstance(value, list) or not value or not all(isinstance(each, dict) for each in value):
        raise BadRequest(f"{name} is not a list of orders")
    for each in value:
        if not {"order", "part", "quantity", "due_ns"} <= set(each) <= set(checks):
            raise BadRequest(
                "an order has order, part, quantity and due_ns, may have customer, and nothing else"
            )
    return [{key: checks[key](key, item) for key, item in each.items()} for each in value]


def _count(name: str, value: object) -> Plain:
    if type(value) is not int or not 0 <= value <= PARTS_MOST:
        raise BadRequest(f"{name} is not a whole number from 0 to {PARTS_MOST}")
    return value


def _step(name: str, value: object) -> Plain:
    if value not in STEPS:
        raise BadRequest(f"{name} is one of {', '.join(STEPS)}")
    return str(value)


def _row(name: str, value: object) -> Plain:
    if type(value) is not int or not 1 <= value < 2**53:
        raise BadRequest(f"{name} is not the number of a row")
    return value


def _hash(name: str, value: object) -> Plain:
    if not isinstance(value, str) or not re.fullmatch("[0-9a-f]{64}", value):
        raise BadRequest(f"{name} is not 64 hexadecimal digits")
    return value


_Check = Callable[[str, object], Plain]
_BODIES: dict[str, tuple[dict[str, _Check], dict[str, _Check]]] = {
    "acknowledge": ({"alarm": _name}, {"cause": _text, "cause_class": _class, "action": _text}),
    "shelve": ({"alarm": _name, "for_s": _seconds, "reason": _text}, {}),
    "unshelve": ({"alarm": _name}, {}),
    "drill": (
        {"lot": _name, "seconds": _amount, "lots": _amount, "boxes": _amount, "kilograms": _amount}, {},
    ),
    "correct": (
        {"characteristic": _name, "key": _key, "time_ns": _time, "value": _value, "reason": _text}, {},
    ),
    "handover": ({"text": _text}, {}),
    "note": ({"characteristic": _name, "key": _key, "time_ns": _time, "text": _text}, {}),
    "make": (
        {"lot": _name, "kg": _kilograms},
        {
            "kind": _name, "cell": _name, "sigma_kg": _kilograms, "inputs": _inputs, "recycled": _share,
            "recycled_sigma": _share, "part": _text, "order": _text, "expiry": _text, "supplier_lot": _text,
        },
    ),
    "stocktake": ({"vessel": _name, "kg": _kilograms}, {"sigma_kg": _kilograms, "reason": _text}),
    "scrap": ({"vessel": _name, "kg": _kilograms, "reason": _text}, {"sigma_kg": _kilograms}),
    "orders": ({"document": _name, "orders": _orders}, {}),
    "counted": (
        {"lot": _name, "step": _name, "good": _count, "reject": _count},
        {"reason": _text, "by": _name, "kg": _kilograms},
    ),
    "import": ({"document": _name, "lots": _lots}, {}),
    "hold": ({"lot": _name, "reason": _text}, {"lot_kind": _name, "reject": _true}),
    "release": ({"lot": _name, "reason": _text}, {"concession": _text}),
    "result": ({"result": _name, "value": _number}, {"lot": _name, "lot_kind": _name, "values": _numbers}),
    "recount": ({"lot": _name, "kg": _kilograms, "reason": _text}, {"sigma_kg": _kilograms, "of": _name}),
    "correct_scan": (
        {"point": _name, "time_ns": _time, "lot": _name, "instead": _name, "reason": _text},
        {"to_ns": _time, "kg": _kilograms},
    ),
    "label": ({"lot": _key}, {"copy": _copy, "reason": _text}),
    "setpoint": (
        {"tag": _name, "step": _step, "row": _row, "hash": _hash},
        {"proposal": _hash, "value": _number, "uom": _text, "reason": _text, "read": _number, "proposer": _name},
    ),
}  # fmt: skip
"""By kind of entry: the members that its body must have, and those that it may have."""
