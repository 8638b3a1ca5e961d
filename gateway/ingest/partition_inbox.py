"""The inbox of one partition: its own session, which follows the sites it hears of, and whose loss it understands.

Rule 1: the client id is the partition's, so that the broker hands the session to whoever connected last, and to him
alone.  Rule 2: it never dials again by itself; who asked for it decides.  Rule 3: a site that another partition has is
unsubscribed when something of it comes; what came is acknowledged unread, since its gateway keeps it until the right
worker says that it is stored.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from gateway.ingest.inbox import KINDS, MqttInbox
from gateway.ingest.partitions import partition_of
from gateway.ingest.roster import topic, word
from gateway.site import Broker
from gateway.wire import ROOT
from gateway.wire.topics import unescape

TAKEN_OVER = 0x8E  # MQTT 5, 3.14.2.1: another connection uses this client id
STATUS = f"{ROOT}/+/status"  # retained by every gateway: so sites are found

log = logging.getLogger(__name__)


def identifier(name: str, number: int) -> str:
    """The client id of a partition; without the count of them, so that more partitions keep the sessions there are."""
    return f"lotwatch-ingest-{name}-{number}"


class PartitionInbox(MqttInbox):
    """Of partition `number` of `count`; `ready`: it is ours and its subscriptions are asked for."""

    def __init__(
        self,
        broker: Broker,
        name: str,
        number: int,
        count: int,
        worker: str,
        ready: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(broker, identifier(name, number), ready=ready, again=False)
        self.number, self._count = number, count
        self._roster, self._word = topic(name, number), word(worker, online=True, count=count)
        self._topics = [STATUS]
        self._levels: dict[str, bool] = {}  # a topic level that is a site, and whether it is ours
        self._mids: dict[int, list[str]] = {}  # SUBSCRIBE on its way
        self.taken_over = False  # by another connection; never unset
        self.down = True  # not connected, nor about to be
        self._client.will_set(self._roster, word(worker, online=False, count=count), qos=1, retain=True)
        self._farewell = word(worker, online=False, count=count)

    @property
    def sites(self) -> int:
        """How many are ours."""
        return sum(self._levels.values())

    def dial(self) -> None:
        """Try once to connect. `down` until it worked, and again after it broke."""
        self.down = False
        self._client.loop_stop()
        super().dial()

    def say(self) -> None:
        """That we hold it."""
        self.publish(self._roster, self._word)

    def close(self) -> None:
        """Leave in good order: whoever stands by need not wait for us."""
        if self._connected:
            self.publish(self._roster, self._farewell)
        super().close()

    def _ours(self, level: str) -> bool:
        ours = self._levels.get(level)
        if ours is None:
            ours = self._levels[level] = partition_of(unescape(level), self._count) == self.number
        return ours

    def _on_connect(self, client: paho.Client, data: Any, flags: Any, code: ReasonCode, props: Any) -> None:
        if code.is_failure:
            super()._on_connect(client, data, flags, code, props)
            return
        known = [level for level, ours in self._levels.items() if ours]
        super()._on_connect(client, data, flags, code, props)
        self.say()
        for level in known:
            self._follow(level)

    def _subscribe(self, client: paho.Client) -> None:
        self._mids.clear()
        _, mid = client.subscribe(STATUS, options=SubscribeOptions(qos=0))
        if mid is not None:
            self._mids[mid] = [STATUS]

    def _follow(self, level: str) -> None:
        topics = [f"{ROOT}/{level}/{kind}" for kind in KINDS]
        _, mid = self._client.subscribe([(each, SubscribeOptions(qos=1)) for each in topics])
        if mid is not None:
            self._mids[mid] = topics

    def _on_subscribe(self, _client: Any, _data: Any, mid: int, codes: list[ReasonCode], _props: Any) -> None:
        asked = self._mids.pop(mid, [])
        refused = [pair for pair in zip(asked, codes, strict=False) if pair[1].is_failure]
        for each, code in refused:
            log.error("the broker refuses the subscription to %s: %s", each, code)
        if asked == [STATUS] and not refused:
            self._ready()

    def _on_message(self, client: Any, data: Any, message: paho.MQTTMessage) -> None:
        levels = message.topic.split("/", 4)
        level = levels[2]
        if levels[3] == "status":
            if level not in self._levels and self._ours(level):
                self._follow(level)
            return
        if self._ours(level):
            super()._on_message(client, data, message)
            return
        self._client.unsubscribe([f"{ROOT}/{level}/{kind}" for kind in KINDS])
        self._client.ack(message.mid, message.qos)

    def _on_connect_fail(self, client: Any, data: Any) -> None:
        super()._on_connect_fail(client, data)
        self._client.disconnect()  # paho would dial on
        self.down = True

    def _on_disconnect(self, client: Any, data: Any, flags: Any, code: ReasonCode, props: Any) -> None:
        if code.value == TAKEN_OVER:
            self.taken_over = True
        super()._on_disconnect(client, data, flags, code, props)
        self.down = True
