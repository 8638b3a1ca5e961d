"""`lotwatch ingest` as a Sparkplug host application: foreign edge nodes into the database.

paho runs its own thread. Rule 1: the STATE of a connection, its will and its birth have one timestamp, taken at
CONNECT.  Rule 2: what is heard goes to the database's lines, never into a replica: it came at QoS 0 and proves nothing.
Rule 3: the queue is bounded; what does not fit is counted and told.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from gateway.ingest.foreign import foreign_line
from gateway.ingest.kinds import KINDS
from gateway.ingest.writer import WriteFailed
from gateway.ports import Clock
from gateway.site import Broker, Database
from gateway.sparkplug.host import REORDER_MS, Heard, Host, Outcome
from gateway.sparkplug.node import Message
from gateway.sparkplug.state import BadState, parse_state, state
from gateway.sparkplug.topics import NAMESPACE, check_id, state_topic
from gateway.trust.brokertls import context_of
from gateway.trust.secret import read_secret

QUEUE = 20_000  # messages; and lines that wait for the database
CHUNK = 5_000  # lines in one write
TURN_S = 0.25
RETRY_NS = 2_000_000_000
TOLD_EVERY_NS = 10_000_000_000
_KEEPALIVE_S = 10
_FAREWELL_S = 2.0

log = logging.getLogger(__name__)


class Writer(Protocol):
    """Takes line protocol."""

    def write(self, body: str, precision: str) -> None:
        """Raises WriteFailed."""


class Link(Protocol):
    """Where messages come from, and requests go to."""

    dropped: int

    def take(self, limit: int, wait_s: float) -> list[tuple[str, bytes]]: ...

    def publish(self, message: Message) -> None: ...


@dataclass
class HostCounts:
    """What it did since it started."""

    messages: int = 0
    values: int = 0
    asked: int = 0
    dropped: int = 0  # values that neither queue nor database would take


class HostLink:
    """The connection of a host application. `take` gives what came; `publish` sends a request."""

    def __init__(self, broker: Broker, group: str, host: str, clock: Clock) -> None:
        self._broker, self._clock = broker, clock
        self._state = state_topic(check_id(host, "a host"))
        self._groups = f"{NAMESPACE}/{'+' if group == '+' else check_id(group, 'a group')}/#"
        self._queue: queue.Queue[tuple[str, bytes]] = queue.Queue(QUEUE)
        self._timestamp, self._subscribed = 0, 0
        self.dropped = 0
        self.ready = threading.Event()
        self._v5 = broker.version == "5"
        self._client = client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"lotwatch-host-{host}"[:60],
            clean_session=None if self._v5 else True,
            protocol=paho.MQTTv5 if self._v5 else paho.MQTTv311,
        )
        client.on_pre_connect = self._on_pre_connect
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        client.reconnect_delay_set(1, 8)

    def open(self) -> None:
        """Connect, now or as soon as the broker is there. Raises OSError, ValueError where the config is wrong."""
        broker, client = self._broker, self._client
        tls = context_of(broker)
        if tls is not None:
            client.tls_set_context(tls)
        if broker.username:
            client.username_pw_set(broker.username, read_secret(broker.password_from))
        properties = None
        if self._v5:
            properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call] # paho
            properties.SessionExpiryInterval = 0
        clean: Any = True if self._v5 else paho.MQTT_CLEAN_START_FIRST_ONLY
        client.connect_async(broker.host, broker.port, _KEEPALIVE_S, clean_start=clean, properties=properties)
        client.loop_start()

    def close(self) -> None:
        """Publish the death certificate, of now, and leave."""
        if self.ready.is_set():
            death = self._client.publish(
                self._state, state(online=False, timestamp=self._now_ms()), 1, retain=True
            )
            try:
                death.wait_for_publish(_FAREWELL_S)
            except (RuntimeError, ValueError) as error:
                log.warning("the death certificate did not go out: %s", error)
        client = self._client
        client.disconnect()
        client.loop_stop()
        # paho closes its sockets when it is let go of: no cycle may hold it.
        client.on_pre_connect = client.on_connect = client.on_subscribe = client.on_message = None

    def take(self, limit: int, wait_s: float) -> list[tuple[str, bytes]]:
        """What came, waiting for the first."""
        taken: list[tuple[str, bytes]] = []
        try:
            taken.append(self._queue.get(timeout=wait_s))
            while len(taken) < limit:
                taken.append(self._queue.get_nowait())
        except queue.Empty:
            pass
        return taken

    def publish(self, message: Message) -> None:
        """At QoS 0; where there is no connection it is asked again anyhow."""
        self._client.publish(message.topic, message.payload, message.qos, retain=message.retain)

    def _now_ms(self) -> int:
        return self._clock.now().time_ns // 1_000_000

    def _on_pre_connect(self, client: paho.Client, _data: Any) -> None:
        self.ready.clear()
        self._timestamp = self._now_ms()
        client.will_set(self._state, state(online=False, timestamp=self._timestamp), qos=1, retain=True)

    def _on_connect(
        self, client: paho.Client, _data: Any, _flags: Any, code: ReasonCode, _props: Any
    ) -> None:
        if code.is_failure:
            log.error("broker %s:%d refuses the host: %s", self._broker.host, self._broker.port, code)
            return
        result, mid = client.subscribe([(self._state, 1), (self._groups, 1)])
        self._subscribed = mid or 0 if result == paho.MQTT_ERR_SUCCESS else 0

    def _on_subscribe(
        self, client: paho.Client, _data: Any, mid: int, codes: list[ReasonCode], _props: Any
    ) -> None:
        if mid != self._subscribed:
            return
        for code in codes:
            if code.is_failure:
                log.error("the broker refuses the host's subscriptions: %s", code)
        self._birth(client)
        self.ready.set()

    def _birth(self, client: paho.Client) -> None:
        client.publish(self._state, state(online=True, timestamp=self._timestamp), 1, retain=True)

    def _on_message(self, client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        if message.topic == self._state:
            try:
                gone = not parse_state(bytes(message.payload)).online
            except BadState:
                gone = True
            if gone and self.ready.is_set():
                self._birth(client)  # somebody else's word, or our own will of before
            return
        try:
            self._queue.put_nowait((message.topic, bytes(message.payload)))
        except queue.Full:
            self.dropped += 1


class SparkplugHost:
    """Hears, asks, writes. `run` in a thread of its own, until `stop`."""

    def __init__(
        self, link: Link, database: Database, clock: Clock, writer: Writer, *, reorder_ms: int = REORDER_MS
    ) -> None:
        kind = KINDS[database.kind]
        self._link, self._clock, self._writer = link, clock, writer
        self._host = Host(reorder_ms)
        self._strings = kind.strings
        self._precision = "ms" if "ms" in (database.precision, kind.finest) else "ns"
        self._lines: list[str] = []
        self._pause_ns = self._told_ns = 0
        self._failing = ""
        self._stopping = threading.Event()
        self.counts = HostCounts()

    def stop(self) -> None:
        """End `run`."""
        self._stopping.set()

    def run(self, ended: Callable[[], None] = lambda: None) -> None:
        """Work until `stop`."""
        try:
            while not self._stopping.is_set():
                self.turn()
            self._write()
        finally:
            ended()

    def turn(self) -> None:
        """What came within `TURN_S`."""
        for topic, payload in self._link.take(CHUNK, TURN_S):
            self.counts.messages += 1
            self._use(self._host.hear(topic, payload, *self._now()))
        self._use(self._host.due(*self._now()))
        self._write()
        self._tell_dropped()

    def _now(self) -> tuple[int, int]:
        return self._clock.now().time_ns // 1_000_000, self._clock.boottime_ns() // 1_000_000

    def _use(self, out: Outcome) -> None:
        for trouble in out.troubles:
            log.warning("%s", trouble)
        for ask in out.asks:
            self.counts.asked += 1
            self._link.publish(ask)
        self.counts.values += len(out.heard)
        self._lines += [self._line(heard) for heard in out.heard]
        over = len(self._lines) - QUEUE
        if over > 0:
            del self._lines[:over]
            self.counts.dropped += over

    def _line(self, heard: Heard) -> str:
        return foreign_line(heard, strings=self._strings, precision=self._precision)

    def _write(self) -> None:
        """One line that is refused for good must not take the others with it: it is looked for by halves."""
        size = CHUNK
        while self._lines and self._clock.boottime_ns() >= self._pause_ns:
            part = self._lines[:size]
            try:
                self._writer.write("\n".join(part), self._precision)
            except WriteFailed as error:
                if str(error) != self._failing:
                    log.warning("what foreign nodes say is not written: %s", error)
                self._failing = str(error)
                if not (error.permanent or error.size):
                    self._pause_ns = self._clock.boottime_ns() + RETRY_NS
                    return
                if len(part) > 1:
                    size = len(part) // 2
                    continue
                self.counts.dropped += 1
            else:
                self._failing, size = "", CHUNK
            del self._lines[: len(part)]

    def _tell_dropped(self) -> None:
        now_ns, lost = self._clock.boottime_ns(), self._link.dropped
        if lost and now_ns - self._told_ns >= TOLD_EVERY_NS:
            self._told_ns, self._link.dropped = now_ns, 0
            self.counts.dropped += lost
            log.error("%d messages of foreign nodes came faster than they are read", lost)
