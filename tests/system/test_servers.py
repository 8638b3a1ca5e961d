"""The servers of the other system tests do what those rely on."""

from __future__ import annotations

import json
import queue
import urllib.request

from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from tests.system.servers import Server

DEADLINE = 180  # seconds


def connected(server: Server, client_id: str) -> tuple[mqtt.Client, queue.Queue[bytes]]:
    """A client with a session that outlives its connection, and what it receives."""
    inbox: queue.Queue[bytes] = queue.Queue()
    subscribed: queue.Queue[int] = queue.Queue()
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id, protocol=mqtt.MQTTv5)
    client.connect_timeout = DEADLINE
    client.on_message = lambda _client, _data, message: inbox.put(bytes(message.payload))
    client.on_subscribe = lambda _client, _data, mid, _codes, _properties: subscribed.put(mid)
    properties = Properties(PacketTypes.CONNECT)
    properties.SessionExpiryInterval = 3600
    client.connect(server.host, server.port, clean_start=False, properties=properties)
    client.loop_start()
    client.subscribe("house/#", qos=1)
    subscribed.get(timeout=DEADLINE)
    return client, inbox


def leave(client: mqtt.Client) -> None:
    client.disconnect()
    client.loop_stop()


def test_the_broker_keeps_messages_for_who_is_away_through_a_restart(own_mosquitto: Server) -> None:
    reader, _ = connected(own_mosquitto, "reader")
    leave(reader)
    writer, _ = connected(own_mosquitto, "writer")
    for number in range(300):  # more than mosquitto's usual inflight and a good part of its usual queue
        writer.publish("house/number", str(number), qos=1).wait_for_publish(DEADLINE)
    leave(writer)
    own_mosquitto.stop()
    own_mosquitto.start()
    reader, inbox = connected(own_mosquitto, "reader")
    assert [int(inbox.get(timeout=DEADLINE)) for _ in range(300)] == list(range(300))
    leave(reader)


def test_the_database_takes_line_protocol_of_any_year_once(victoria: Server) -> None:
    base = f"http://{victoria.host}:{victoria.port}"
    line = b"house,site=s1 value=21.5 1583000000000000000\n"  # in 2020, as the recordings are
    for _ in range(2):
        with urllib.request.urlopen(f"{base}/api/v2/write?precision=ns", line, timeout=DEADLINE) as answer:
            assert answer.status == 204
    urllib.request.urlopen(f"{base}/internal/force_flush", timeout=DEADLINE).close()
    with urllib.request.urlopen(
        f"{base}/api/v1/export?match[]=house_value&reduce_mem_usage=0", timeout=DEADLINE
    ) as answer:
        [series] = [json.loads(row) for row in answer.read().splitlines()]
    assert (series["values"], series["timestamps"]) == ([21.5], [1583000000000])
