"""The broker's side of the ingest worker: a persistent session whose messages are acknowledged by hand.

paho runs its own thread. Rule 1: nothing is acknowledged before the worker says so.  Rule 2: an acknowledgement
belongs to the connection that delivered the message: after a reconnect the broker delivers again, and the same packet
identifier may by then stand for something else.
"""

from __future__ import annotations

import logging
import queue
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from gateway.site import Broker
from gateway.trust.brokertls import context_of
from gateway.trust.secret import read_secret
from gateway.wire import ROOT

WINDOW = 200  # messages the broker may have delivered and we not acknowledged
SESSION_S = 30 * 86_400  # how long the broker keeps what we have not seen (MQTT 5; 3.1.1: for ever)
_KEEPALIVE_S = 15
_QUEUE = 5_000
KINDS = (
    "reading",
    "scan",
    "entry",
    "tick",
    "setting",
    "signal",
    "alarm/+",
    "lot/+",
    "made/+",
    "event",
    "head",
    "leaf",
    "checkpoint",
    "gone",
)

log = logging.getLogger(__name__)


class Delivery:
    """One message, and what it takes to acknowledge it."""

    __slots__ = ("connection", "mid", "payload", "topic")

    def __init__(self, topic: str, payload: bytes, connection: int = 0, mid: int = 0) -> None:
        self.topic, self.payload = topic, payload
        self.connection, self.mid = connection, mid


class Inbox(Protocol):
    """Where messages come from."""

    def take(self, limit: int, wait_s: float, gather_s: float) -> list[Delivery]:
        """Up to `limit` messages: waits for the first one, then gathers what follows closely."""

    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """They are stored."""

    def publish(self, topic: str, payload: bytes, *, retain: bool = True) -> bool:
        """A word back; False while there is no connection."""


class MqttInbox:
    """The real one. `open`, then `take` and `acknowledge` from one thread. `ready`: subscribed, from paho's thread."""

    def __init__(
        self,
        broker: Broker,
        identifier: str,
        site: str = "+",
        ready: Callable[[], None] = lambda: None,
        *,
        again: bool = True,
    ) -> None:
        self._broker, self._ready = broker, ready
        self._topics = [f"{ROOT}/{site}/{kind}" for kind in KINDS]
        self._v5 = broker.version == "5"
        self._connection = 0
        self._connected = False
        self._told = ""  # why there is no connection, as it was told last
        self._said: dict[int, str] = {}  # topics of what is on its way back, by packet
        self._refused: set[str] = set()  # kinds of topic that the broker does not take from us
        self._queue: queue.Queue[Delivery] = queue.Queue(_QUEUE)
        self._client = client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=identifier,
            clean_session=None if self._v5 else False,
            protocol=paho.MQTTv5 if self._v5 else paho.MQTTv311,
            manual_ack=True,
            reconnect_on_failure=again,
        )
        client.on_connect = self._on_connect
        client.on_connect_fail = self._on_connect_fail
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        client.on_subscribe = self._on_subscribe
        client.on_publish = self._on_publish
        client.reconnect_delay_set(1, 2)

    def open(self) -> None:
        """Connect, now or as soon as the broker is there. Raises OSError, ValueError where the config is wrong."""
        broker, client = self._broker, self._client
        tls = context_of(broker)
        if tls is not None:
            client.tls_set_context(tls)
        if broker.username:
            client.username_pw_set(broker.username, read_secret(broker.password_from))
        self.dial()

    def dial(self) -> None:
        """Connect, in paho's thread."""
        broker, client = self._broker, self._client
        properties = None
        if self._v5:
            properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call] # paho
            properties.SessionExpiryInterval = SESSION_S
            properties.ReceiveMaximum = WINDOW
        clean_start: Any = False if self._v5 else paho.MQTT_CLEAN_START_FIRST_ONLY
        client.connect_async(
            broker.host, broker.port, _KEEPALIVE_S, clean_start=clean_start, properties=properties
        )
        client.loop_start()

    def close(self) -> None:
        """Leave; the session stays at the broker."""
        self._client.disconnect()
        self._client.loop_stop()

    @property
    def connected(self) -> bool:
        return self._connected

    def take(self, limit: int, wait_s: float, gather_s: float) -> list[Delivery]:
        """Up to `limit` messages: waits for the first one, then gathers what follows closely."""
        taken: list[Delivery] = []
        for wait in (wait_s, gather_s):
            try:
                taken.append(self._queue.get(timeout=wait))
                while len(taken) < limit:
                    taken.append(self._queue.get_nowait())
            except queue.Empty:
                if not taken:
                    break
            if len(taken) >= limit:
                break
        return taken

    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """They are stored. What an earlier connection delivered comes again, and is acknowledged then."""
        for each in deliveries:
            if self._connected and each.connection == self._connection:
                self._client.ack(each.mid, 1)

    def publish(self, topic: str, payload: bytes, *, retain: bool = True) -> bool:
        """A word back; False while there is no connection."""
        if not self._connected:
            return False
        info = self._client.publish(topic, payload, qos=1, retain=retain)
        self._said[info.mid] = topic
        return info.rc == paho.MQTT_ERR_SUCCESS

    def _on_publish(self, _client: Any, _data: Any, mid: int, code: ReasonCode, _props: Any) -> None:
        """A word back was taken, or refused: told once for each topic's kind."""
        kind = "/".join(self._said.pop(mid, "").split("/")[3:4])
        if not code.is_failure:
            self._refused.discard(kind)
        elif kind not in self._refused:
            self._refused.add(kind)
            log.error("the broker refuses what we say under %s: %s; mend its access list", kind, code)

    def _on_connect(self, client: paho.Client, _data: Any, flags: Any, code: ReasonCode, _props: Any) -> None:
        if code.is_failure:
            self._tell(f"refuses us: {code}; mend its access list, or our username and password")
            return
        self._told = ""
        self._connection += 1
        self._connected = True
        log.info("connected, session %s", "resumed" if flags.session_present else "new")
        self._subscribe(client)

    def _subscribe(self, client: paho.Client) -> None:
        if self._v5:
            client.subscribe([(topic, SubscribeOptions(qos=1)) for topic in self._topics])
        else:
            client.subscribe([(topic, 1) for topic in self._topics])

    def _on_connect_fail(self, _client: Any, _data: Any) -> None:
        self._tell("cannot be reached; dialling on")

    def _tell(self, why: str) -> None:
        """Once, not at each attempt."""
        if why != self._told:
            self._told = why
            log.warning("broker %s:%d %s", self._broker.host, self._broker.port, why)

    def _on_disconnect(self, _client: Any, _data: Any, _flags: Any, code: ReasonCode, _props: Any) -> None:
        if self._connected:
            log.warning("the connection to the broker ended: %s", code)
        self._connected = False
        self._said.clear()

    def _on_subscribe(
        self, _client: Any, _data: Any, _mid: int, codes: list[ReasonCode], _props: Any
    ) -> None:
        refused = [pair for pair in zip(self._topics, codes, strict=False) if pair[1].is_failure]
        for topic, code in refused:
            log.error("the broker refuses the subscription to %s: %s", topic, code)
        if not refused:
            self._ready()

    def _on_message(self, _client: Any, _data: Any, message: paho.MQTTMessage) -> None:
        delivery = Delivery(message.topic, bytes(message.payload), self._connection, message.mid)
        self._queue.put(delivery)  # full: paho waits, the broker's window fills, and it holds back
