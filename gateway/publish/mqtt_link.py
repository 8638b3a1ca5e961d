"""A broker connection through aiomqtt.

What aiomqtt leaves out and we need: the reason code of each PUBACK, no task per publish, what CONNACK allows, and a
connection that can be dropped without waiting. While the link is down, TCP is knocked at every `KNOCK_S`, attempts
overlapping: one that was lost in the dark does not hold up the one that gets through.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import socket
import ssl
from collections.abc import AsyncIterator
from typing import Any, TypeVar, cast

import aiomqtt
from aiomqtt.exceptions import MqttConnectError
from paho.mqtt.client import MQTT_ERR_SUCCESS
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from gateway.publish.link import TOO_LARGE, LinkDown, LinkRefused, LinkUnanswered
from gateway.site import Broker
from gateway.trust.brokertls import context_of, files_of
from gateway.trust.secret import read_secret

KNOCK_S = 0.3
_KNOCKS = 10  # overlapping attempts; an older one is given up
_HANDSHAKE_S = 5.0
_FAREWELL_S = 1.0
_KEEPALIVE_S = 10
_LARGEST = 268_435_455  # MQTT 5, 1.5.5: the longest packet there is
_RECEIVE_MAXIMUM = 65_535  # MQTT 5, 3.2.2.3.3: where CONNACK says nothing


class MqttLink(aiomqtt.Client):
    """One connection. Made by `MqttDialer`."""

    window = _RECEIVE_MAXIMUM
    largest = _LARGEST

    def __init__(
        self, broker: Broker, identifier: str, will: tuple[str, bytes], tls: ssl.SSLContext | None
    ) -> None:
        self._v5 = v5 = broker.version == "5"
        super().__init__(
            broker.host,
            broker.port,
            username=broker.username or None,
            password=None,
            identifier=identifier,
            protocol=aiomqtt.ProtocolVersion.V5 if v5 else aiomqtt.ProtocolVersion.V311,
            clean_session=None if v5 else True,
            will=aiomqtt.Will(will[0], will[1], qos=1, retain=True),
            keepalive=_KEEPALIVE_S,
            timeout=_HANDSHAKE_S,
            max_inflight_messages=_RECEIVE_MAXIMUM,
            tls_context=tls,
        )
        self.pending_calls_threshold = _RECEIVE_MAXIMUM  # our window warns nobody
        self._client.connect_timeout = _HANDSHAKE_S
        self._acks: dict[int, asyncio.Future[int]] = {}

    def sign(self, password: str) -> None:
        """Set the password, which was read from where the config says it is."""
        self._client.username_pw_set(self._client.username, password)

    def publish(  # type: ignore[override]
        self, topic: str, payload: bytes, *, retain: bool, expiry_s: int = 0
    ) -> asyncio.Future[int]:
        future: asyncio.Future[int] = self._loop.create_future()
        if len(payload) + len(topic) + 16 > self.largest:
            future.set_result(TOO_LARGE)
            return future
        info = self._client.publish(
            topic,
            payload,
            qos=1,
            retain=retain,
            properties=_expiring(expiry_s) if expiry_s and self._v5 else None,
        )
        if info.rc != MQTT_ERR_SUCCESS:
            raise LinkDown(f"not connected (paho {info.rc})")
        self._acks[info.mid] = future
        return future

    async def subscribe(self, topic: str) -> int:  # type: ignore[override]
        try:
            codes = await super().subscribe(topic, qos=1)
            return max((code if isinstance(code, int) else int(code.value) for code in codes), default=0)
        except aiomqtt.MqttError as error:
            raise LinkDown(str(error)) from None

    async def heard(self) -> AsyncIterator[tuple[str, bytes]]:
        """Topic and payload of what comes in, until LinkDown."""
        try:
            async for message in self.messages:
                yield str(message.topic), bytes(message.payload)
        except aiomqtt.MqttError as error:
            raise LinkDown(str(error)) from None

    async def lost(self) -> None:
        """Return when the connection is gone."""
        with contextlib.suppress(Exception):
            await asyncio.shield(self._disconnected)

    async def open(self) -> None:
        """Connect. Raises LinkUnanswered; the socket is closed then."""
        try:
            await self.__aenter__()
        except MqttConnectError as error:
            self._drop()
            raise LinkRefused(str(error)) from None
        except (aiomqtt.MqttError, OSError, ValueError) as error:
            self._drop()
            raise LinkUnanswered(str(error)) from None
        except asyncio.CancelledError:
            self._drop()
            raise

    async def close(self, *, farewell: tuple[str, bytes] | None = None) -> None:
        """Leave in good order with a last retained word, or, without one, drop the connection at once."""
        if farewell is not None:
            with contextlib.suppress(LinkDown, TimeoutError, aiomqtt.MqttError):
                async with asyncio.timeout(_FAREWELL_S):
                    await self.publish(*farewell, retain=True)
                    await self.__aexit__(None, None, None)
        self._drop()
        for future in self._acks.values():
            if not future.done():
                future.set_exception(LinkDown("closed"))
                future.exception()  # seen: whoever waits gets it too
        self._acks.clear()
        if self._disconnected.done() and not self._disconnected.cancelled():
            self._disconnected.exception()

    def _drop(self) -> None:
        """Let go of the socket now, as a broken one: paho would wait for it to drain."""
        if self._misc_task is not None:
            self._misc_task.cancel()
        sock = cast(socket.socket | None, self._client.socket())
        if sock is None or sock.fileno() < 0:
            return
        self._loop.remove_reader(sock.fileno())
        self._loop.remove_writer(sock.fileno())
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(OSError):
            sock.close()

    def _on_publish(
        self, client: Any, userdata: Any, mid: int, reason_code: ReasonCode, properties: Any
    ) -> None:
        del client, userdata, properties
        future = self._acks.pop(mid, None)
        if future is not None and not future.done():
            future.set_result(int(reason_code.value))

    def _on_connect(  # paho's signature
        self,
        client: Any,
        userdata: Any,
        flags: Any,
        reason_code: ReasonCode,
        properties: Properties | None = None,
    ) -> None:
        self.window = int(getattr(properties, "ReceiveMaximum", _RECEIVE_MAXIMUM))
        self.largest = int(getattr(properties, "MaximumPacketSize", _LARGEST))
        super()._on_connect(client, userdata, flags, reason_code, properties)


@functools.cache
def _expiring(seconds: int) -> Properties:
    """PUBLISH's message expiry interval (MQTT 5, 3.3.2.3.3); paho only reads it."""
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call] # paho
    properties.MessageExpiryInterval = seconds
    return properties


L = TypeVar("L", bound=MqttLink)


class MqttDialer:
    """Dials one broker. Password and certificate are looked at anew for every connection."""

    def __init__(self, broker: Broker, identifier: str) -> None:
        self._broker = broker
        self._identifier = identifier
        self._tls: ssl.SSLContext | None = None
        self._files: tuple[tuple[str, int, int], ...] = ()  # that it was made of

    async def dial(self, will: tuple[str, bytes]) -> MqttLink:
        """A connection with a retained last will. Raises LinkDown."""
        await self.reach()
        link = await self.make(MqttLink, will)
        await link.open()
        return link

    async def reach(self) -> None:
        """Return when the broker's port answers. Raises LinkDown."""
        await _knock(self._broker.host, self._broker.port)

    async def make(self, kind: type[L], will: tuple[str, bytes]) -> L:
        """A link that is ready to be opened. Raises LinkRefused."""
        broker = self._broker
        try:
            tls = await asyncio.to_thread(self._context)
            secret = await asyncio.to_thread(read_secret, broker.password_from)
        except (OSError, ValueError) as error:
            raise LinkRefused(f"TLS or password: {error}") from None
        link = kind(broker, self._identifier, will, tls)
        if secret:
            link.sign(secret)
        return link

    def _context(self) -> ssl.SSLContext | None:
        """Made again where a file has changed: a renewed certificate needs no restart."""
        files = files_of(self._broker) if self._broker.tls else ()
        if self._tls is None or files != self._files:
            self._tls, self._files = context_of(self._broker), files
        return self._tls


async def _knock(host: str, port: int) -> None:
    """Return when TCP reaches the broker. Raises LinkDown when it says no at once."""
    attempts: list[asyncio.Task[asyncio.StreamWriter]] = []
    try:
        while True:
            attempts.append(asyncio.ensure_future(_reach(host, port)))
            done, _ = await asyncio.wait(attempts, timeout=KNOCK_S, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                attempts.remove(task)
                error = task.exception()
                if error is None:
                    task.result().close()
                    return
                if isinstance(error, OSError):
                    raise LinkDown(f"{host}:{port}: {error}")
                raise error
            for task in attempts[:-_KNOCKS]:
                task.cancel()
            del attempts[:-_KNOCKS]
    finally:
        for task in attempts:
            task.add_done_callback(_close_late)
            task.cancel()


async def _reach(host: str, port: int) -> asyncio.StreamWriter:
    _, writer = await asyncio.open_connection(host, port)
    return writer


def _close_late(task: asyncio.Task[asyncio.StreamWriter]) -> None:
    if not task.cancelled() and task.exception() is None:
        task.result().close()
