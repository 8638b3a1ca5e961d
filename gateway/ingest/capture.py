"""What a broker hands out, as JSON for other checkers: a list of {"topic", "payload_b64", "qos", "retain", "time"}.

Retained and QoS are those of the publisher: MQTT 5 has "retain as published" (3.8.3.1), and we take QoS up to 2. On
3.1.1 a message is marked retained only where the broker had it before we came. `time` is when it came, in ms.
"""

from __future__ import annotations

import base64
import queue
import threading
from collections.abc import Sequence
from typing import Any, TextIO

import orjson
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from gateway.ports import Clock
from gateway.site import Broker
from gateway.trust.brokertls import context_of
from gateway.trust.secret import read_secret

_ANSWER_S = 30.0
_LOOK_S = 0.1
_KEEPALIVE_S = 15


class CaptureFailed(Exception):
    """Nothing is captured, or no more; the message says why."""


class Capture:
    """One recording. `open`, then `run`."""

    def __init__(self, broker: Broker, filters: Sequence[str], clock: Clock) -> None:
        self._broker, self._filters, self._clock = broker, filters, clock
        self._heard: queue.Queue[bytes] = queue.Queue()
        self._answered = threading.Event()
        self._lost = ""
        self._client = client = paho.Client(
            CallbackAPIVersion.VERSION2,
            protocol=paho.MQTTv5 if broker.version == "5" else paho.MQTTv311,
            reconnect_on_failure=False,
        )
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message

    def open(self) -> None:
        """Be subscribed. Raises CaptureFailed."""
        broker, client = self._broker, self._client
        try:
            tls = context_of(broker)
            if tls is not None:
                client.tls_set_context(tls)
            if broker.username:
                client.username_pw_set(broker.username, read_secret(broker.password_from))
            client.connect(broker.host, broker.port, _KEEPALIVE_S)
        except (OSError, ValueError) as error:
            raise CaptureFailed(f"broker {broker.host}:{broker.port}: {error}") from error
        client.loop_start()
        answered = self._answered.wait(_ANSWER_S)
        if not answered or self._lost:
            self.close()
            raise CaptureFailed(f"broker {broker.host}:{broker.port}: {self._lost or 'it does not answer'}")

    def run(self, out: TextIO, stopping: threading.Event, seconds: float | None = None) -> int:
        """Write what comes until then; how many messages. Raises CaptureFailed where the connection ended before.

        What was written is whole JSON in either case.
        """
        end_ns = None if seconds is None else self._clock.boottime_ns() + round(seconds * 1e9)
        count = 0
        out.write("[")
        while not (stopping.is_set() or self._lost or (end_ns and self._clock.boottime_ns() >= end_ns)):
            count = self._write(out, count, _LOOK_S)
        self.close()
        while not self._heard.empty():
            count = self._write(out, count, 0)
        out.write("\n]\n")
        out.flush()
        if self._lost:
            raise CaptureFailed(f"{self._lost}, after {count} messages: what came later is not in it")
        return count

    def close(self) -> None:
        """Leave the broker."""
        client = self._client
        client.on_disconnect = None
        client.disconnect()
        client.loop_stop()

    def _write(self, out: TextIO, count: int, wait_s: float) -> int:
        try:
            row = self._heard.get(timeout=wait_s) if wait_s else self._heard.get_nowait()
        except queue.Empty:
            return count
        out.write(",\n" if count else "\n")
        out.write(row.decode())
        out.flush()  # who looks on sees it come
        return count + 1

    def _on_connect(
        self, client: paho.Client, _data: Any, _flags: Any, code: ReasonCode, _props: Any
    ) -> None:
        if code.is_failure:
            self._fail(f"it refuses us: {code}")
        elif self._broker.version == "5":
            options = SubscribeOptions(qos=2, retainAsPublished=True)
            client.subscribe([(each, options) for each in self._filters])
        else:
            client.subscribe([(each, 2) for each in self._filters])

    def _on_subscribe(
        self, _client: Any, _data: Any, _mid: int, codes: list[ReasonCode], _props: Any
    ) -> None:
        refused = [each for each, code in zip(self._filters, codes, strict=False) if code.is_failure]
        if refused:
            self._fail(f"it refuses the subscription to {', '.join(refused)}")
        self._answered.set()

    def _on_disconnect(self, _client: Any, _data: Any, _flags: Any, code: ReasonCode, _props: Any) -> None:
        self._fail(f"the connection ended: {code}")

    def _fail(self, why: str) -> None:
        self._lost = self._lost or why
        self._answered.set()

    def _on_message(self, _client: Any, _data: Any, message: paho.MQTTMessage) -> None:
        row = {
            "topic": message.topic,
            "payload_b64": base64.b64encode(message.payload).decode("ascii"),
            "qos": message.qos,
            "retain": message.retain,
            "time": self._clock.now().time_ns // 1_000_000,
        }
        self._heard.put(orjson.dumps(row))
