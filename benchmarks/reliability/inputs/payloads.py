"""MQTT payloads that nobody made, for everybody who listens: refused by the one typed error of their parser, no other.

Good messages of every kind are the seeds. A JSON body is also spoiled as a tree, so that it is still JSON; a compact
body is unpacked, spoiled and packed again, so that its frame is right.
"""

from __future__ import annotations

import copy
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson

from benchmarks.reliability.inputs.slow import MS, Watch
from benchmarks.reliability.inputs.spoil import KINDS, spoiled
from benchmarks.reliability.row import Outcome, Row, dice
from gateway.acts.act import Act, BadAct, opened_act, payload_of, signed_act
from gateway.ports import Watermark
from gateway.proof.note import SigningKey
from gateway.site.links import COMPACT
from gateway.sparkplug.decode import decode
from gateway.sparkplug.encode import encode
from gateway.sparkplug.state import BadState, parse_state, state
from gateway.sparkplug.types import BadPayload, DataType, Metric, Payload, Property
from gateway.wire import Eras, NotOurs, messages, parse
from gateway.wire.asks import Gone, gone, parse_gone, parse_request, request
from gateway.wire.ledger import Checkpoint, WireLeaf, checkpoint, leaves, parse_checkpoint, parse_leaves
from gateway.wire.marks import Stored, head, parse_head, parse_status, parse_stored, status, stored
from gateway.wire.packed import framed, is_compact, unframed
from tests.unit.wire import samples

STRANGE: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2**31, 2**53 + 1, 2**63 - 1, 2**63, -(2**63), 2**64 - 1, 0.5, 1e308, -0.0, "",
    "a" * 5000, "\0", "é", "年", [], {}, [[]], {"v": 1}, [1, 2, 3], "1", "nan", [None] * 40, {"a": {"b": {"c": []}}},
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ear:
    """Who listens to a payload, and the error by which it is refused."""

    name: str
    good: bytes
    take: Callable[[bytes], object]
    refusal: type[Exception]


def ears() -> list[Ear]:
    """Every parser of what comes from a broker, each with good payloads."""
    who, eras = samples.IDENTITY, Eras.of(samples.site().groups())
    made = [
        Ear(message.topic, message.payload, partial(parse, message.topic), NotOurs)
        for plain in ((), COMPACT)
        for message in messages(who, samples.every_kind(), eras, plain)
        if message.topic.split("/")[3] != "layout"
    ]
    mark, runs = Watermark(7, 3), {"input": ((3, 9), (11, 11)), "event": ((1, 2),)}
    told = Stored(who, mark, Watermark(9, 4), runs, mark, 5, "x", runs)
    leaf = WireLeaf(1, 9, 9, 4, 4, 5, bytes(64))
    made += [
        Ear("head", head(who, mark, 1), parse_head, NotOurs),
        Ear("stored", stored(told, 1), parse_stored, NotOurs),
        Ear("status", status(who, online=True, time_ns=1), parse_status, NotOurs),
        Ear("request", request(who, runs, 1), parse_request, NotOurs),
        Ear("gone", gone(Gone(who, "removed", runs), 1), parse_gone, NotOurs),
        Ear("leaf", leaves(who, [leaf]), parse_leaves, NotOurs),
        Ear(
            "checkpoint",
            checkpoint(Checkpoint(who, 1, "key", "note\n\n- x abc=\n")),
            parse_checkpoint,
            NotOurs,
        ),
        Ear("sparkplug state", state(online=True, timestamp=1), parse_state, BadState),
        Ear("sparkplug", _sparkplug(), decode, BadPayload),
        Ear("act", _act(), opened_act, BadAct),
    ]
    return made


def _sparkplug() -> bytes:
    rate = Property(DataType.DOUBLE, 0.5)
    metrics = (
        Metric(21.5, "melt", 3, 1_700_000_000_000, DataType.DOUBLE, properties={"Quality": rate}),
        Metric(-5, "level", 4, 1, DataType.INT16),
        Metric("M-7", "mould", datatype=DataType.STRING),
        Metric(None, "none", datatype=DataType.BOOLEAN),
    )
    return encode(Payload(metrics, 1_700_000_000_000, 7))


def _act() -> bytes:
    key = SigningKey("operator-17", bytes(range(32)))
    act = Act(samples.IDENTITY, "0" * 32, "acknowledge", "17", {"alarm": "a"}, 1, 2)
    return payload_of(samples.IDENTITY, signed_act(act, key))


def run(seed: int, number: int, count: int) -> Outcome:
    """So many payloads, of all kinds."""
    chance, outcome = dice("payloads", seed, number), Outcome(count)
    watch, all_ears = Watch(outcome, 5 * MS), ears()
    for _ in range(count):
        ear, kind = chance.choice(all_ears), chance.choice(KINDS)
        data = _repaired(ear, chance) if kind == "repaired" else spoiled(kind, ear.good, chance)
        began = time.perf_counter_ns()
        _heard(ear, data, outcome)
        if (took_ns := time.perf_counter_ns() - began) > watch.limit_ns:
            watch.look(took_ns, f"{ear.name} {data[:200]!r}", partial(_heard, ear, data, Outcome()))
    return outcome


def _heard(ear: Ear, data: bytes, outcome: Outcome) -> None:
    try:
        ear.take(data)
        outcome.facts["taken"] += 1
    except ear.refusal:
        outcome.facts["refused"] += 1
    except Exception as error:  # noqa: BLE001 # that is what is looked for
        outcome.find(f"{ear.name} raised {error!r} for {data[:600]!r}")


def _repaired(ear: Ear, chance: random.Random) -> bytes:
    """Wrong inside, and in order outside."""
    good = ear.good
    if is_compact(good) and ear.refusal is NotOurs:
        return framed(spoiled("repaired", unframed(good).rest(), chance))
    try:
        body = orjson.loads(good)
    except orjson.JSONDecodeError:
        return spoiled("repaired", good, chance)
    for _ in range(chance.randrange(1, 4)):
        _spoil_tree(body, chance)
    try:
        return orjson.dumps(body)
    except orjson.JSONEncodeError:  # an integer that JSON of ours does not write
        return good


def _spoil_tree(node: Any, chance: random.Random) -> None:
    """One value somewhere becomes another, goes, or comes twice."""
    while True:
        places = list(node) if isinstance(node, dict) else list(range(len(node)))
        if not places:
            return
        place = chance.choice(places)
        inner = node[place]
        if isinstance(inner, (dict, list)) and inner and chance.random() < 0.7:
            node = inner
            continue
        act = chance.randrange(4)
        if act == 0 or isinstance(node, dict):
            node[place] = copy.deepcopy(chance.choice(STRANGE))
        elif act == 1:
            del node[place]
        else:
            node.insert(place, inner)
        if act == 1 and isinstance(node, dict):
            del node[place]
        return


ROW = Row(
    "payloads", "MQTT payloads that are spoiled", "only the parser's typed error, <= 5 ms each",
    per_run=100_000, nightly=10_000_000, budget_s=30, batch=10_000, run=run,
)  # fmt: skip
