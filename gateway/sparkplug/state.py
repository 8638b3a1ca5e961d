"""STATE: whether a host application is there, and the rule by which an edge node believes it. Pure.

Sparkplug 3.0.0, 5.4 and 6.4.29: JSON with `online` and `timestamp` (ms). Rule: a STATE whose timestamp is older than
that of the newest one heard on this broker says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import orjson

_MOST_BYTES = 4_096


@dataclass(frozen=True, slots=True)
class HostState:
    """What a STATE message says."""

    online: bool
    timestamp: int  # ms since 1970-01-01 UTC


class BadState(ValueError):
    """A payload that is no STATE; says why."""


def state(*, online: bool, timestamp: int) -> bytes:
    """The payload of a birth or death certificate of a host.

    >>> state(online=True, timestamp=1700000000000)
    b'{"online":true,"timestamp":1700000000000}'
    """
    return orjson.dumps({"online": online, "timestamp": timestamp})


def parse_state(payload: bytes) -> HostState:
    """What it says. Raises BadState."""
    try:
        said = orjson.loads(payload[:_MOST_BYTES])
    except orjson.JSONDecodeError:
        raise BadState("it is not JSON") from None
    if not isinstance(said, dict):
        raise BadState("it is not a JSON object")
    online, timestamp = said.get("online"), said.get("timestamp")
    if not isinstance(online, bool):
        raise BadState('"online" is not true or false')
    if isinstance(timestamp, bool) or not isinstance(timestamp, int) or timestamp < 0:
        raise BadState('"timestamp" is not a number of milliseconds')
    return HostState(online, timestamp)


class HostWatch:
    """What one broker said of the primary host; outlasts connections to it."""

    def __init__(self) -> None:
        self._newest: int | None = None
        self.online = False

    def hear(self, payload: bytes) -> bool:
        """Take a STATE; whether it counts. Raises BadState."""
        said = parse_state(payload)
        if self._newest is not None and said.timestamp < self._newest:
            return False
        self._newest, self.online = said.timestamp, said.online
        return True

    def begin(self) -> None:
        """A new connection: whether the host is there is to be heard again, of what age it may be is not."""
        self.online = False
