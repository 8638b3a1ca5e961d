"""A whole life of our edge node on a scripted broker, held against Sparkplug's tck ids; and that the checks bite."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from gateway.model import Block, NumberedEvent
from gateway.publish.sparkplug_fake import FakeServer
from gateway.site import Sparkplug
from gateway.sparkplug.node import Message
from gateway.sparkplug.state import state
from tests.tck.capture import Packet, dump, load
from tests.tck.edge_checks import CHECKS
from tests.unit.publish.test_sparkplug import ASK, NCMD, Stage
from tests.unit.sparkplug.plant import dead
from tests.unit.wire import samples

HOST = "spBv1.0/STATE/scada"


def packets(server: FakeServer) -> list[Packet]:
    out = []
    for at, (kind, what) in enumerate(server.log):
        if isinstance(what, Message):
            out.append(Packet(kind, what.topic, what.payload, what.qos, what.retain, at))
        else:
            out.append(Packet(kind, str(what or ""), qos=1 if kind == "subscribe" else 0, time=at))
    return out


async def life() -> list[Packet]:
    """Births, data beyond 255, a dead device that comes back, events, a rebirth, a cut, the past, the end."""
    async with Stage(Sparkplug("acme", "n1", "scada")) as stage:
        stage.server.tell(HOST, state(online=True, timestamp=5), retain=True)
        for first in range(1, 400, 50):
            await stage.live(first, first + 49)
        stage.publisher.offer(stage.history.commit(Block((), (NumberedEvent(1, 0, dead()),))))
        await stage.clock.advance(1)
        await stage.live(401, 410)
        stage.publisher.offer(stage.history.commit(Block((), tuple(samples.every_kind().events[1:]))))
        await stage.clock.advance(1)
        stage.server.tell(NCMD, ASK)
        await stage.live(411, 420)
        stage.server.cut()
        await stage.live(421, 450)
        await stage.clock.advance(30)
        stage.server.tell(HOST, state(online=False, timestamp=5), retain=True)
        await stage.clock.advance(30)
        stage.server.tell(HOST, state(online=True, timestamp=9), retain=True)
        await stage.live(451, 460)
        await stage.clock.advance(5)
    return packets(stage.server)


@pytest.fixture(scope="module")
def session() -> list[Packet]:
    import asyncio  # noqa: PLC0415 # one life for all tests

    return asyncio.run(life())


@pytest.mark.long
def test_the_life_has_everything(session):
    verbs = {packet.verb for packet in session}
    assert verbs >= {"NBIRTH", "DBIRTH", "NDATA", "DDATA", "NDEATH", "DDEATH"}
    assert {packet.kind for packet in session} == {"connect", "subscribe", "publish", "will", "disconnect"}
    assert sum(packet.kind == "connect" for packet in session) == 3
    assert len(session) > 400


@pytest.fixture(scope="module")
def breaches(session: list[Packet]) -> dict[str, list[str]]:
    """What each check finds; many ids share one."""
    return {check.__name__: list(check(session)) for check in set(CHECKS.values())}


@pytest.mark.parametrize("id_", CHECKS)
def test_holds(breaches, id_):
    assert breaches[CHECKS[id_].__name__] == []


def first(session: Sequence[Packet], verb: str, kind: str = "publish") -> int:
    return next(at for at, packet in enumerate(session) if (packet.kind, packet.verb) == (kind, verb))


def edited(session: Sequence[Packet], verb: str, kind: str = "publish", **change) -> list[Packet]:
    """One packet of the verb is another."""
    at = first(session, verb, kind)
    out = list(session)
    said = out[at].said
    edit = change.pop("edit", None)
    if edit is not None:
        edit(said)
        change["payload"] = said.SerializeToString(deterministic=True)
    out[at] = replace(out[at], **change)
    return out


def member(name: str):
    def edit(said) -> None:
        setattr(said.metrics[0], name, 7)

    return edit


def without(name: str):
    return lambda said: said.metrics[0].ClearField(name)


def rebirth_true(said) -> None:
    for metric in said.metrics:
        metric.boolean_value = True


BREACHES: dict[str, dict[str, Any]] = {
    "topics": {"verb": "NDATA", "topic": "spBv1.0/acme/NDATA/n1/device"},
    "ids": {"verb": "DDATA", "topic": "spBv1.0/acme/DDATA/n+/device"},
    "qos": {"verb": "DDATA", "qos": 1},
    "protobuf": {"verb": "DDATA", "payload": b"\xff"},
    "sequence": {"verb": "DDATA", "edit": lambda said: setattr(said, "seq", 99)},
    "timestamps": {"verb": "DDATA", "edit": lambda said: said.ClearField("timestamp")},
    "metric_timestamps": {"verb": "DDATA", "edit": without("timestamp")},
    "birth_metrics": {"verb": "DBIRTH", "edit": without("datatype")},
    "aliases": {"verb": "DBIRTH", "edit": member("alias")},
    "data_metrics": {"verb": "DDATA", "edit": member("datatype")},
    "born": {"verb": "DDATA", "edit": lambda said: setattr(said.metrics[0], "alias", 4711)},
    "chronological": {"verb": "DDATA", "edit": lambda said: setattr(said.metrics[0], "timestamp", 2**41)},
    "bdseq": {"verb": "NDEATH", "kind": "will", "edit": lambda said: setattr(said.metrics[0], "long_value", 9)},
    "bdseq_grows": {
        "verb": "NDEATH", "kind": "connect", "edit": lambda said: setattr(said.metrics[0], "long_value", 9)
    },
    "rebirth_metric": {"verb": "NBIRTH", "edit": rebirth_true},
    "ndeath": {"verb": "NDEATH", "kind": "connect", "edit": lambda said: setattr(said, "seq", 1)},
    "will": {"verb": "NDEATH", "kind": "connect", "retain": True},
    "birth_first": {"verb": "NBIRTH", "topic": "spBv1.0/acme/NDATA/n1"},
    "births_together": {"verb": "DDEATH", "topic": "spBv1.0/acme/NDATA/n1"},
    "property_sizes": {"verb": "DBIRTH", "edit": lambda said: said.metrics[0].properties.keys.append("x")},
    "property_types": {
        "verb": "DBIRTH", "edit": lambda said: setattr(said.metrics[0].properties.values[0], "type", 99)
    },
    "quality": {
        "verb": "DBIRTH", "edit": lambda said: setattr(said.metrics[0].properties.values[1], "int_value", 191)
    },
    "names": {"verb": "DBIRTH", "edit": lambda said: said.metrics.add(name="MELT_TEMP")},
}  # fmt: skip


@pytest.mark.parametrize("name", sorted({check.__name__ for check in CHECKS.values()}))
def test_bites(session, name):
    check = next(check for check in CHECKS.values() if check.__name__ == name)
    if name == "by_exception":
        at = first(session, "DDATA")
        broken = [*session[: at + 1], session[at], *session[at + 1 :]]
    elif name == "subscribed":
        broken = [packet for packet in session if packet.kind != "subscribe"]
    elif name == "leaves":
        broken = [packet for packet in session if (packet.kind, packet.verb) != ("publish", "NDEATH")]
    else:
        broken = edited(session, **BREACHES[name])
    assert list(check(broken))


def test_a_capture_can_be_written_and_read(session, tmp_path):
    dump(session, tmp_path / "session.json")
    again = load(tmp_path / "session.json")
    sent = [packet for packet in session if packet.kind in ("publish", "will")]
    assert [(each.topic, each.payload, each.qos, each.retain, each.time) for each in again] == [
        (each.topic, each.payload, each.qos, each.retain, each.time) for each in sent
    ]
    for id_ in ("payloads-nbirth-rebirth-req", "payloads-alias-uniqueness", "payloads-ddata-qos"):
        assert list(CHECKS[id_](again)) == []
