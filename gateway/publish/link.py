"""The seam to a broker: one connection, QoS 1. The real one is `gateway.publish.mqtt_link`, a fake is in `fake`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Protocol

NO_SUBSCRIBERS = 0x10  # MQTT 5, 3.4.2.1: taken, and nobody is subscribed
REFUSED_FROM = 0x80
NOT_AUTHORISED = 0x87
TOO_LARGE = 0x95
REASONS = {
    0x80: "unspecified error",
    0x83: "implementation specific error",
    NOT_AUTHORISED: "not authorised",
    0x90: "topic name invalid",
    0x91: "packet identifier in use",
    TOO_LARGE: "packet too large",
    0x97: "quota exceeded",
    0x99: "payload format invalid",
}


class LinkDown(Exception):  # named after what happened
    """The broker cannot be reached, or the connection broke. Dial again."""


class LinkUnanswered(LinkDown):
    """The port answered, and no session came of it: a broker with too much to do, or a proxy with none behind it."""


class LinkRefused(LinkUnanswered):
    """The broker answered no: credentials, client id or protocol version. Dialling goes on, somebody must look."""


class Link(Protocol):
    """One connection to a broker."""

    window: int  # publishes that may be unacknowledged, as the broker says
    largest: int  # bytes of the longest packet that the broker takes

    def publish(self, topic: str, payload: bytes, *, retain: bool, expiry_s: int = 0) -> asyncio.Future[int]:
        """Send at QoS 1; the future gives the reason code, or LinkDown. Raises LinkDown at once where it is gone.

        `expiry_s`: after so long the broker need not deliver it any more; 0: it must.
        """

    async def subscribe(self, topic: str) -> int:
        """Ask for a topic at QoS 1: the reason code. Raises LinkDown."""

    def heard(self) -> AsyncIterator[tuple[str, bytes]]:
        """Topic and payload of what comes in, until LinkDown."""

    async def lost(self) -> None:
        """Return when the connection is gone."""

    async def close(self, *, farewell: tuple[str, bytes] | None = None) -> None:
        """Leave in good order with a last retained word, or, without one, drop the connection at once."""


class Dialer(Protocol):
    """Makes connections."""

    async def dial(self, will: tuple[str, bytes]) -> Link:
        """A connection with a retained last will. Raises LinkDown when it is worth trying again soon."""
