"""paho: the gateway waits for PUBACK; the worker's callback puts messages into a queue, which a thread writes from.

``worker`` lets paho acknowledge when the callback returns, its default; ``manual`` acknowledges what was written.
"""

from __future__ import annotations

import asyncio
import queue
import sys
from collections.abc import Callable
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from benchmarks.peers.ends import TOPIC, message, place, read_codes, ready, write


async def gateway(broker: str, readers: list[str]) -> None:
    client, connected, loop = _client("peer-gateway"), asyncio.Event(), asyncio.get_running_loop()
    client.on_connect = lambda *_: _tell(loop, connected.set)
    client.on_disconnect = lambda *_: _tell(loop, connected.clear)
    _dial(client, broker)

    async def send(code: str) -> None:
        await connected.wait()  # what is published before is kept, and cannot be waited for
        told = client.publish(TOPIC, message(code), qos=1)  # paho keeps it, and sends it again
        if told.rc == paho.MQTT_ERR_SUCCESS:
            await asyncio.to_thread(told.wait_for_publish)

    await asyncio.gather(*(read_codes(reader, send) for reader in readers))


def _tell(loop: asyncio.AbstractEventLoop, what: Callable[[], None]) -> None:
    loop.call_soon_threadsafe(what)


def worker(broker: str, database: str, *, manual: bool) -> None:
    waiting: queue.Queue[paho.MQTTMessage] = queue.Queue()
    client = _client("peer-worker", manual=manual)
    client.on_connect = lambda client, *_: client.subscribe(TOPIC, qos=1)
    client.on_subscribe = lambda *_: ready()
    client.on_message = lambda _client, _data, heard: waiting.put(heard)
    _dial(client, broker)
    while True:
        heard = waiting.get()
        write(database, bytes(heard.payload))
        if manual:
            client.ack(heard.mid, heard.qos)


def _client(name: str, *, manual: bool = False) -> paho.Client:
    client = paho.Client(CallbackAPIVersion.VERSION2, name, clean_session=False, manual_ack=manual)
    client.reconnect_delay_set(1, 1)
    return client


def _dial(client: Any, broker: str) -> None:
    client.connect_async(*place(broker), keepalive=5)
    client.loop_start()


if __name__ == "__main__":
    role, at, *rest = sys.argv[1:]
    if role == "gateway":
        asyncio.run(gateway(at, rest))
    else:
        worker(at, rest[0], manual=role == "manual")
