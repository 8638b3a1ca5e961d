"""Who holds which partition: a retained word each, with a last will, and a light connection that listens to them.

``lotwatch/ingest/<name>/<partition>``, retained: ``{"v": 1, "worker": id, "online": true, "of": partitions}``. It is
written on the connection of the partition's own session, so whoever lost the session cannot say that he has it.
"""

from __future__ import annotations

import logging
import threading
from typing import Any

import orjson
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from gateway.ingest.tenure import Holder
from gateway.ports import Clock
from gateway.site import Broker
from gateway.trust.brokertls import context_of
from gateway.trust.secret import read_secret
from gateway.wire.topics import escape

ROOT = "lotwatch/ingest"
SETTLE_NS = 500_000_000  # retained words come right after SUBACK
_KEEPALIVE_S = 10

log = logging.getLogger(__name__)


def topic(name: str, number: int | str) -> str:
    """Where it is said who holds a partition; "+" for all."""
    return f"{ROOT}/{escape(name)}/{number}"


def word(worker: str, *, online: bool, count: int) -> bytes:
    """What a holder says."""
    return orjson.dumps({"v": 1, "worker": worker, "online": online, "of": count})


def parse_word(payload: bytes, heard_ns: int) -> Holder | None:
    """What was said; None for what is no such word."""
    try:
        said = orjson.loads(payload)
        worker, online, count = said["worker"], said["online"], said["of"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return None
    if not isinstance(worker, str) or not isinstance(online, bool) or not isinstance(count, int):
        return None
    return Holder(worker[:200], online, count, heard_ns)


class Roster:
    """Listens. `open` once; `holder` from any thread."""

    def __init__(self, broker: Broker, name: str, worker: str, clock: Clock) -> None:
        self._broker, self._name, self._clock = broker, name, clock
        self._holders: dict[int, Holder] = {}
        self._lock = threading.Lock()
        self._since_ns: int | None = None  # when SUBACK came
        self._told = ""
        self._client = client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id=f"lotwatch-watch-{worker}", protocol=paho.MQTTv5
        )
        client.on_connect = self._on_connect
        client.on_connect_fail = self._on_connect_fail
        client.on_disconnect = self._on_disconnect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        client.reconnect_delay_set(1, 2)

    def open(self) -> None:
        """Connect, now or as soon as the broker is there. Raises OSError, ValueError where the config is wrong."""
        broker = self._broker
        tls = context_of(broker)
        if tls is not None:
            self._client.tls_set_context(tls)
        if broker.username:
            self._client.username_pw_set(broker.username, read_secret(broker.password_from))
        self._client.connect_async(broker.host, broker.port, _KEEPALIVE_S, clean_start=True)
        self._client.loop_start()

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def known(self) -> bool:
        """Whether what is retained was heard on this connection."""
        since = self._since_ns
        return since is not None and self._clock.boottime_ns() - since >= SETTLE_NS

    def holder(self, number: int) -> Holder | None:
        """What was said last of a partition; None where nothing ever was."""
        with self._lock:
            return self._holders.get(number)

    def _on_connect(self, client: paho.Client, _data: Any, _flags: Any, code: Any, _props: Any) -> None:
        if code.is_failure:
            self._tell(f"refuses us: {code}")
            return
        self._told = ""
        client.subscribe(topic(self._name, "+"), qos=1)

    def _on_connect_fail(self, _client: Any, _data: Any) -> None:
        self._tell("cannot be reached; dialling on")

    def _tell(self, why: str) -> None:
        if why != self._told:
            self._told = why
            log.warning("broker %s:%d %s", self._broker.host, self._broker.port, why)

    def _on_disconnect(self, *_: Any) -> None:
        self._since_ns = None

    def _on_subscribe(self, _client: Any, _data: Any, _mid: int, codes: list[Any], _props: Any) -> None:
        if any(code.is_failure for code in codes):
            log.error("the broker refuses the subscription to %s: %s", topic(self._name, "+"), codes[0])
            return
        self._since_ns = self._clock.boottime_ns()

    def _on_message(self, _client: Any, _data: Any, message: paho.MQTTMessage) -> None:
        number = message.topic.rsplit("/", 1)[1]
        said = parse_word(bytes(message.payload), self._clock.boottime_ns())
        if said is not None and number.isascii() and number.isdigit():
            with self._lock:
                self._holders[int(number)] = said
