"""What is said of Sparkplug at a broker, while a test looks on; `lotwatch capture` is the one for people."""

from __future__ import annotations

import threading

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from gateway.clock import SystemClock
from tests.tck.capture import Packet


class Recorder:
    """Subscribed to everything of Sparkplug, in a thread of its own."""

    def __init__(self, host: str, port: int) -> None:
        self.packets: list[Packet] = []
        self._clock = SystemClock()
        self._ready = threading.Event()
        self._client = client = paho.Client(CallbackAPIVersion.VERSION2)
        client.on_connect = lambda client, *_: client.subscribe("spBv1.0/#", 1)
        client.on_subscribe = lambda *_: self._ready.set()
        client.on_message = self._on_message
        client.connect(host, port)
        client.loop_start()
        assert self._ready.wait(120)

    def _on_message(self, _client: object, _data: object, message: paho.MQTTMessage) -> None:
        at = (
            message.topic,
            bytes(message.payload),
            message.qos,
            message.retain,
            SystemClock().now().time_ns // 1_000_000,
        )
        self.packets.append(Packet("publish", *at))

    def tell(self, topic: str, payload: bytes) -> None:
        self._client.publish(topic, payload, 0)

    def count(self, verb: str) -> int:
        return sum(packet.verb == verb for packet in self.packets)

    def close(self) -> None:
        client = self._client
        client.disconnect()
        client.loop_stop()
        client.on_connect = client.on_subscribe = client.on_message = None
