"""The seam to a broker for an edge node: its will is not retained, its data go at QoS 0. The fake: `sparkplug_fake`.

Sparkplug 3.0.0, 5.3: clean start, session expiry 0, will at QoS 1; leaving on purpose means NDEATH first, and on MQTT 5
a DISCONNECT that asks for the will (0x04).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Protocol

import aiomqtt
from paho.mqtt.client import MQTT_ERR_SUCCESS
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from gateway.publish.link import LinkDown
from gateway.publish.mqtt_link import MqttDialer, MqttLink
from gateway.site import Broker
from gateway.sparkplug.node import Message

_WITH_WILL = 0x04  # MQTT 5, 3.14.2.1
_FAREWELL_S = 1.0


class NodeLink(Protocol):
    """One connection of an edge node."""

    def send(self, message: Message) -> None:
        """Publish. Raises LinkDown where the connection is gone."""

    def waiting(self) -> int:
        """Messages that the socket has not taken yet."""

    async def subscribe(self, topic: str) -> int:
        """Ask for a topic at QoS 1: the reason code. Raises LinkDown."""

    def heard(self) -> AsyncIterator[tuple[str, bytes]]:
        """Topic and payload of what comes in, until LinkDown."""

    async def lost(self) -> None:
        """Return when the connection is gone."""

    async def leave(self, death: Message) -> None:
        """Publish the death certificate and disconnect; returns soon whatever happens."""

    async def close(self) -> None:
        """Drop the connection at once: the broker publishes the will."""


class NodeDialer(Protocol):
    """Makes connections to one broker."""

    async def reach(self) -> None:
        """Return when the broker's port answers. Raises LinkDown. No CONNECT is sent."""

    async def dial(self, will: Message) -> NodeLink:
        """Connect. Raises LinkDown."""


class SparkplugLink(MqttLink):
    """The real one, through aiomqtt."""

    _v5 = False

    def expect(self, will: Message, *, v5: bool) -> None:
        """Before `open`: the will as Sparkplug has it."""
        self._v5 = v5
        self._client.will_set(will.topic, will.payload, qos=1, retain=False)
        if v5:
            self._properties = no_expiry()

    def send(self, message: Message) -> None:
        if len(message.payload) + len(message.topic) + 16 > self.largest:
            raise LinkDown(f"{message.topic}: {len(message.payload)} bytes are more than the broker takes")
        info = self._client.publish(message.topic, message.payload, qos=message.qos, retain=message.retain)
        if info.rc != MQTT_ERR_SUCCESS:
            raise LinkDown(f"not connected (paho {info.rc})")

    def waiting(self) -> int:
        return len(self._client._out_packet)  # noqa: SLF001 # paho has no other word for it

    async def leave(self, death: Message) -> None:
        with contextlib.suppress(LinkDown, TimeoutError, aiomqtt.MqttError):
            async with asyncio.timeout(_FAREWELL_S):
                await self.publish(death.topic, death.payload, retain=False)
                if self._v5:
                    self._client.disconnect(ReasonCode(PacketTypes.DISCONNECT, identifier=_WITH_WILL))
                else:
                    self._client.disconnect()
                await self.lost()
        await self.close()


class SparkplugDialer:
    """Dials one broker as an edge node."""

    def __init__(self, broker: Broker, identifier: str) -> None:
        self._broker = broker
        self._base = MqttDialer(broker, identifier)

    async def reach(self) -> None:
        await self._base.reach()

    async def dial(self, will: Message) -> SparkplugLink:
        v5 = self._broker.version == "5"
        link = await self._base.make(SparkplugLink, (will.topic, will.payload))
        link.expect(will, v5=v5)
        await link.open()
        return link


def no_expiry() -> Properties:
    """CONNECT's session expiry of 0, said aloud: it is what its absence means, and outside checkers look for it."""
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call] # paho
    properties.SessionExpiryInterval = 0
    return properties
