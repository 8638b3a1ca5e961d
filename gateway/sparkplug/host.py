"""What a host application makes of the edge nodes it hears. Pure.

Rule 1: messages of a node count in the order of their seq; one that comes too early waits, and when the reorder window
is over the node is asked for its births.  Rule 2: what no birth has named is asked for, never guessed.  Rule 3: a death
counts when its bdSeq is that of the birth; then every value of it is stale.  Sparkplug 3.0.0, 5.5, 5.8 and 5.13.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.sparkplug.decode import decode, typed
from gateway.sparkplug.encode import encode
from gateway.sparkplug.node import BDSEQ, REBIRTH, Message
from gateway.sparkplug.quality import BAD, GOOD, QUALITY, STALE
from gateway.sparkplug.topics import STATE, BadTopic, Topic, parse_topic
from gateway.sparkplug.types import BadPayload, DataType, Metric, Payload, Value

ASK_AGAIN_MS = 10_000  # a node is asked for its births at most so often
REORDER_MS = 2_000
_NUMBERS = 256
_LATEST_MS = 4_102_444_800_000  # 2100
_MOST_NODES = 10_000
_MOST_METRICS = 100_000  # of one node


@dataclass(frozen=True, slots=True)
class Heard:
    """One value of a foreign node. `device` "" is the node's own; `value` None: null or stale."""

    group: str
    node: str
    device: str
    name: str
    datatype: int
    value: Value | None
    quality: int  # 0, 192 or 500
    time_ms: int
    historical: bool = False


@dataclass
class Outcome:
    """What a message gave: values, requests to be published, and what is wrong."""

    heard: list[Heard] = field(default_factory=list)
    asks: list[Message] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)


@dataclass
class _Known:
    device: str
    name: str
    datatype: int
    quality: int


class _Node:
    def __init__(self, group: str, node: str) -> None:
        self.group, self.node = group, node
        self.online = False
        self.bdseq: Value | None = None
        self.seq = -1
        self.names: dict[tuple[str, str], _Known] = {}
        self.aliases: dict[int, _Known] = {}
        self.devices: set[str] = set()
        self.early: dict[int, tuple[Topic, Payload]] = {}
        self.early_ms = 0  # when the first of them came
        self.asked_ms = -ASK_AGAIN_MS

    def ask(self, out: Outcome, now_ms: int, mono_ms: int, why: str) -> None:
        if mono_ms - self.asked_ms < ASK_AGAIN_MS:
            return
        self.asked_ms = mono_ms
        out.troubles.append(f"{self.group}/{self.node}: {why}; asked for its births")
        out.asks.append(rebirth_request(self.group, self.node, now_ms))


def rebirth_request(group: str, node: str, now_ms: int) -> Message:
    """NCMD `Node Control/Rebirth`. It has no seq."""
    metric = Metric(value=True, name=REBIRTH, timestamp=now_ms, datatype=DataType.BOOLEAN)
    return Message(str(Topic("NCMD", group, node)), encode(Payload((metric,), timestamp=now_ms)))


class Host:
    """All nodes of what is subscribed. `now_ms` is wall time, `mono_ms` a steady clock."""

    def __init__(self, reorder_ms: int = REORDER_MS) -> None:
        self._reorder_ms = reorder_ms
        self._nodes: dict[tuple[str, str], _Node] = {}

    def online(self, group: str, node: str, device: str = "") -> bool:
        """Whether a node, or its device, is there."""
        found = self._nodes.get((group, node))
        return found is not None and found.online and (not device or device in found.devices)

    def hear(self, topic: str, payload: bytes, now_ms: int, mono_ms: int) -> Outcome:
        """One message."""
        out = Outcome()
        try:
            at = parse_topic(topic)
            if at.kind in (STATE, "NCMD", "DCMD"):
                return out
            said = decode(payload)
        except (BadTopic, BadPayload) as error:
            out.troubles.append(f"{topic[:200]}: {error}")
            return out
        key = (at.group, at.node)
        node = self._nodes.get(key)
        if node is None:
            if len(self._nodes) >= _MOST_NODES:
                out.troubles.append(f"{topic[:200]}: more than {_MOST_NODES} nodes")
                return out
            node = self._nodes[key] = _Node(*key)
        if at.kind == "NDEATH":
            _node_death(node, said, now_ms, out)
        elif at.kind == "NBIRTH":
            _node_birth(node, said, now_ms, mono_ms, out)
        else:
            self._ordered(node, at, said, now_ms, mono_ms, out)
        return out

    def _ordered(
        self, node: _Node, at: Topic, said: Payload, now_ms: int, mono_ms: int, out: Outcome
    ) -> None:
        if not node.online:
            node.ask(out, now_ms, mono_ms, f"{at.kind} before NBIRTH")
            return
        if said.seq is None or not 0 <= said.seq < _NUMBERS:
            out.troubles.append(f"{at}: seq {said.seq}")
            node.ask(out, now_ms, mono_ms, "a message without its seq")
            return
        if said.seq != (node.seq + 1) % _NUMBERS:
            if not node.early:
                node.early_ms = mono_ms
            node.early[said.seq] = at, said
            return
        _apply(node, at, said, now_ms, mono_ms, out)
        while (found := node.early.pop((node.seq + 1) % _NUMBERS, None)) is not None:
            _apply(node, *found, now_ms, mono_ms, out)
        if node.early:
            node.early_ms = mono_ms

    def due(self, now_ms: int, mono_ms: int) -> Outcome:
        """Nodes whose reorder window is over: they are asked, and silent to us until they are born again."""
        out = Outcome()
        for node in self._nodes.values():
            if node.early and mono_ms - node.early_ms >= self._reorder_ms:
                missing = (node.seq + 1) % _NUMBERS
                node.early.clear()
                node.online = False
                node.ask(out, now_ms, mono_ms, f"message {missing} did not come")
        return out


def _node_birth(node: _Node, said: Payload, now_ms: int, mono_ms: int, out: Outcome) -> None:
    bdseq = [metric.value for metric in said.metrics if metric.name == BDSEQ]
    if said.seq is None or not bdseq:
        out.troubles.append(
            f"{node.group}/{node.node}: NBIRTH without {'bdSeq' if said.seq is not None else 'seq'}"
        )
        return
    node.names.clear()
    node.aliases.clear()
    node.devices.clear()
    node.early.clear()
    node.online, node.bdseq, node.seq = True, bdseq[0], said.seq % _NUMBERS
    node.asked_ms = mono_ms - ASK_AGAIN_MS
    _learn(node, "", said, now_ms, out)


def _node_death(node: _Node, said: Payload, now_ms: int, out: Outcome) -> None:
    bdseq = [metric.value for metric in said.metrics if metric.name == BDSEQ]
    if not node.online or not bdseq or bdseq[0] != node.bdseq:
        return  # of a connection before this one
    node.online = False
    node.devices.clear()
    node.early.clear()
    out.heard += [_stale(node, known, now_ms) for known in node.names.values()]


def _apply(node: _Node, at: Topic, said: Payload, now_ms: int, mono_ms: int, out: Outcome) -> None:
    node.seq = said.seq or 0
    match at.kind:
        case "DBIRTH":
            gone = [key for key in node.names if key[0] == at.device]
            for key in gone:
                del node.names[key]
            node.aliases = {
                alias: known for alias, known in node.aliases.items() if known.device != at.device
            }
            node.devices.add(at.device)
            _learn(node, at.device, said, now_ms, out)
        case "DDEATH":
            node.devices.discard(at.device)
            time_ms = _plausible(said.timestamp) or now_ms
            out.heard += [
                _stale(node, each, time_ms) for each in node.names.values() if each.device == at.device
            ]
        case _:
            if at.device and at.device not in node.devices:
                node.ask(out, now_ms, mono_ms, f"{at.kind} of {at.device}, which was not born")
                return
            unknown = _values(node, at.device, said, now_ms, out)
            if unknown:
                node.ask(out, now_ms, mono_ms, f"{at.kind} of metric {unknown}, which was not born")


def _learn(node: _Node, device: str, said: Payload, now_ms: int, out: Outcome) -> None:
    for metric in said.metrics:
        if metric.name in (None, "", BDSEQ, REBIRTH) or len(node.names) >= _MOST_METRICS:
            continue
        known = _Known(device, metric.name or "", metric.datatype or 0, _quality(metric, GOOD))
        node.names[device, known.name] = known
        if metric.alias is not None:
            node.aliases[metric.alias] = known
        out.heard.append(_value(node, known, metric, said, now_ms))


def _values(node: _Node, device: str, said: Payload, now_ms: int, out: Outcome) -> str:
    """Takes what is known; the first that is not."""
    unknown = ""
    for metric in said.metrics:
        known = (
            node.aliases.get(metric.alias)
            if metric.alias is not None
            else node.names.get((device, metric.name or ""))
        )
        if known is None or known.device != device:
            unknown = unknown or metric.name or str(metric.alias)
            continue
        if not metric.historical:
            known.quality = _quality(metric, known.quality)
        out.heard.append(_value(node, known, metric, said, now_ms))
    return unknown


def _quality(metric: Metric, otherwise: int) -> int:
    found = metric.properties.get(QUALITY)
    return found.value if found is not None and found.value in (BAD, GOOD, STALE) else otherwise  # type: ignore[return-value]


def _value(node: _Node, known: _Known, metric: Metric, said: Payload, now_ms: int) -> Heard:
    value = metric.value if metric.value is None else typed(metric.value, known.datatype)
    time_ms = _plausible(metric.timestamp) or _plausible(said.timestamp) or now_ms
    quality = _quality(metric, GOOD) if metric.historical else known.quality
    return Heard(
        node.group,
        node.node,
        known.device,
        known.name,
        known.datatype,
        value,
        quality,
        time_ms,
        metric.historical,
    )


def _plausible(time_ms: int | None) -> int:
    """A time that a database can keep; 0 for what is none."""
    return time_ms if time_ms is not None and 0 < time_ms < _LATEST_MS else 0


def _stale(node: _Node, known: _Known, time_ms: int) -> Heard:
    known.quality = STALE
    return Heard(node.group, node.node, known.device, known.name, known.datatype, None, STALE, time_ms)
