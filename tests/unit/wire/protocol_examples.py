"""The examples of docs/protocol.md, made by our own code; run as a module it prints them for pasting."""

from __future__ import annotations

import numpy as np
import orjson

from gateway.acts import Act, key_name, payload_of, signed_act
from gateway.layout import Field
from gateway.model import (
    AlarmChanged,
    Block,
    Change,
    Composition,
    Entry,
    Identity,
    Ingredient,
    Instant,
    LotChanged,
    LotMade,
    Noted,
    NumberedEvent,
    NumberedInput,
    Quality,
    Reading,
    Scan,
    Setting,
    Severity,
    Signal,
    Tick,
)
from gateway.ports import Watermark
from gateway.proof.checkpoint import signed
from gateway.proof.head import Head, origin_of
from gateway.proof.note import SigningKey
from gateway.site import Group, Point
from gateway.site.links import COMPACT
from gateway.wire import (
    Checkpoint,
    Eras,
    Gone,
    Stored,
    WireLeaf,
    checkpoint,
    gone,
    head,
    leaves,
    messages,
    request,
    site_topic,
    status,
    stored,
)
from gateway.wire.packed import unframed

IDENTITY = Identity("north", "box1", "9f3c61d2")
KEY = SigningKey(origin_of(IDENTITY), bytes(range(32)))
T0 = 1_763_712_000_000_000_000
CELL = "hall/line1/press1"
GROUP = Group(
    "press1/fast",
    "press1",
    1_000_000_000,
    (
        Point("melt_temp", f"{CELL}/melt_temp", Field("float32"), uom="Cel"),
        Point("shots", f"{CELL}/shots", Field("uint16"), uom="1"),
        Point("mould", f"{CELL}/mould", Field("string", words=2)),
    ),
    5_000_000_000,
)


def at(seconds: float) -> Instant:
    return Instant(T0 + round(seconds * 1e9), 86_400_000_000_000 + round(seconds * 1e9), 1)


def _reading(seconds: float, melt: float, shots: int, *, bad: bool = False) -> Reading:
    words = [*np.array([melt], dtype=">f4").view(">u2"), shots, *np.frombuffer(b"M-17", dtype=">u2")]
    raw = np.array(words, dtype=np.uint16)
    values, quality = GROUP.layout().values(raw), np.zeros(3, dtype=np.uint8)
    if bad:
        raw[2], values[1], quality[1] = 0, np.nan, Quality.CORRUPT
    return Reading("press1/fast", at(seconds), 2_500_000, values, quality, raw)


INPUTS = (
    NumberedInput(41, Setting("clock", at(0), {"clock_id": 1, "boot_id": "b6d1", "synchronised": True})),
    NumberedInput(42, Scan("gate1", at(0.25), "]C1240R-7", "]C1")),
    NumberedInput(43, Entry("acknowledge", at(0.5), "17", {"alarm": "melt-temp-3", "cause": "heater"})),
    NumberedInput(44, _reading(0.75, 210.43, 1711)),
    NumberedInput(45, Tick(at(1))),
    NumberedInput(46, _reading(1.75, 210.5, 1711)),
    NumberedInput(47, Tick(at(2))),
    NumberedInput(48, _reading(2.75, 210.57, 0, bad=True)),
)
EVENTS = (
    NumberedEvent(
        7,
        46,
        Signal(
            at(1.75).time_ns, "melt-temp", f"{CELL}/melt_temp", "ewma", "", ("WE1",),
            210.5, 208.0, 206.5, 209.5, 5.0, ("R-7",), "Cel",
            Change(at(-40).time_ns, at(-60).time_ns, at(-30).time_ns, 42, 1.1, 0.55, "up"), ("R-6", "R-7"), 370.0,
            "phase I", "5b1c9a60e2d7",
        ),
    ),
    NumberedEvent(
        8,
        46,
        AlarmChanged(
            at(1.75).time_ns, "melt-temp-3", 1, "active", "signal", Severity.ALARM, f"{CELL}/melt_temp", "melt-temp",
            "Check the nozzle heater.", ("R-7",), {"rules": ["WE1"]},
        ),
    ),
    NumberedEvent(9, 42, LotChanged(at(0.25).time_ns, "R-7", "opened", CELL, "material", "]C1240R-7", ("P-3",))),
    NumberedEvent(10, 0, Noted(at(2.75).time_ns, "poll_overrun", "plc1", Severity.WARNING, {"late_ms": 12.5})),
    NumberedEvent(
        11,
        47,
        LotMade(
            at(2).time_ns, "B-12", "batch", CELL, 25.0, 0.02,
            (Ingredient("R-7", 20.0, 0.02), Ingredient("G-3", 5.0, 0.01)),
            Composition(
                ("R-7", "R-6"), ((0.96, 0.0399995),), (0.0004, 0.0004), (5e-7,),
                ((0.8, 0.15, 0.05, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),), 0.0004,
            ),
            facts={"order": "4711"},
        ),
    ),
)  # fmt: skip


LEAVES = [
    WireLeaf(0, 40, 0, 6, 0, 0, b""),
    WireLeaf(1, 44, 4, 9, 3, 7, bytes(range(96))),
    WireLeaf(2, 48, 4, 10, 1, 5, bytes(range(96, 160))),
]
CHECKPOINT = Checkpoint(
    IDENTITY,
    T0 + 3_000_000_000,
    KEY.public.line(),
    signed(Head(KEY.public.name, 3, bytes(range(32))), KEY),
)


ACT = Act(
    IDENTITY, "0f1e2d3c4b5a69788796a5b4c3d2e1f0", "acknowledge", "17",
    {"alarm": "melt-temp-3", "cause": "heater 3", "cause_class": "assignable", "action": "replaced"},
    T0 + 60_000_000_000, T0 + 660_000_000_000,
)  # fmt: skip
OPERATOR = SigningKey(key_name("17"), bytes(range(32, 64)))


def examples() -> dict[str, bytes]:
    """Topic to payload, one of each kind."""
    block = Block(INPUTS, EVENTS)
    eras = Eras.of({GROUP.id: GROUP})
    made = {each.topic: each.payload for each in messages(IDENTITY, block, eras, COMPACT)}
    made |= {each.topic: each.payload for each in messages(IDENTITY, block, eras) if not each.seqs}
    said = Stored(IDENTITY, Watermark(45, 10), Watermark(48, 10), {"input": ((46, 47),)}, Watermark(40, 9), 3)
    made[site_topic("north", "head")] = head(IDENTITY, Watermark(48, 10), at(3).time_ns)
    made[site_topic("north", "stored")] = stored(said, at(3).time_ns)
    made[site_topic("north", "request")] = request(IDENTITY, {"input": [(46, 47)]}, at(9).time_ns)
    no_more = Gone(IDENTITY, "removed", {"input": [(46, 46)]})
    made[site_topic("north", "gone")] = gone(no_more, at(9.5).time_ns)
    made[site_topic("north", "entry", ACT.id)] = payload_of(IDENTITY, signed_act(ACT, OPERATOR))
    made[site_topic("north", "status")] = status(IDENTITY, online=True, time_ns=at(0).time_ns)
    made[site_topic("north", "leaf")] = leaves(IDENTITY, LEAVES)
    made[site_topic("north", "checkpoint")] = checkpoint(CHECKPOINT)
    return made


def compact() -> dict[str, bytes]:
    """Topic to payload of what has a compact form, as it is without zstd, whose output is for each build to choose."""
    block = Block(tuple(each for each in INPUTS if isinstance(each.input, Reading | Tick)), ())
    made = (each for each in messages(IDENTITY, block, Eras.of({GROUP.id: GROUP})) if each.seqs)
    return {each.topic: b"\x01" + unframed(each.payload).rest() for each in made}


def pretty(payload: bytes) -> str:
    """Readable: members on lines of their own, short lists on one."""
    body = orjson.loads(payload)
    lines = [
        f"  {orjson.dumps(name).decode()}: {orjson.dumps(value).decode()}" for name, value in body.items()
    ]
    return "{\n" + ",\n".join(lines) + "\n}"


def lines_of(payload: bytes) -> str:
    """In hexadecimal, 32 bytes a line."""
    return "\n".join(payload[at : at + 32].hex(" ") for at in range(0, len(payload), 32))


if __name__ == "__main__":
    for topic, payload in examples().items():
        print(f"### {topic}\n\n```json\n{pretty(payload)}\n```\n")  # noqa: T201 # for pasting
    for topic, payload in compact().items():
        print(f"### {topic}\n\n```text\n{lines_of(payload)}\n```\n")  # noqa: T201 # for pasting
