"""A captured session: what one edge node or host did with one broker, packet by packet; and as JSON, for others.

JSON holds what was published alone: a list of ``{"topic", "payload_b64", "qos", "retain", "time"}``, time in ms.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.unit.sparkplug import schema


@dataclass(frozen=True)
class Packet:
    """`kind`: "connect" (topic, payload, qos, retain are the will's), "subscribe", "publish", "will", "disconnect"."""

    kind: str
    topic: str = ""
    payload: bytes = b""
    qos: int = 0
    retain: bool = False
    time: int = 0

    @property
    def verb(self) -> str:
        """NBIRTH, DDATA, ...; "" of other topics."""
        levels = self.topic.split("/")
        return levels[2] if levels[0] == "spBv1.0" and len(levels) > 3 else ""

    @property
    def said(self) -> Any:
        """The payload, read by protobuf's runtime. Raises DecodeError."""
        out = schema.Payload()
        out.ParseFromString(self.payload)
        return out


_MEMBERS = (
    "int_value",
    "long_value",
    "float_value",
    "double_value",
    "boolean_value",
    "string_value",
    "bytes_value",
)


def member_of(metric: Any) -> str | None:
    """The member that holds a metric's value; None where there is none."""
    return next((name for name in _MEMBERS if metric.HasField(name)), None)


def published(packets: Iterable[Packet], *verbs: str) -> list[Packet]:
    """Messages of these verbs that reached the broker from a living client, in order."""
    return [each for each in packets if each.kind == "publish" and each.verb in verbs]


def dump(packets: Sequence[Packet], path: Path) -> None:
    """Write what was published, wills that fired included."""
    rows = [
        {
            "topic": each.topic,
            "payload_b64": base64.b64encode(each.payload).decode(),
            "qos": each.qos,
            "retain": each.retain,
            "time": each.time,
        }
        for each in packets
        if each.kind in ("publish", "will")
    ]
    path.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")


def load(path: Path) -> list[Packet]:
    """Read it back."""
    return [
        Packet(
            "publish",
            row["topic"],
            base64.b64decode(row["payload_b64"]),
            row["qos"],
            row["retain"],
            row["time"],
        )
        for row in json.loads(path.read_text("utf-8"))
    ]
