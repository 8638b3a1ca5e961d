"""aiomqtt, plainly: the gateway waits for PUBACK; the worker's messages are acknowledged before it has seen them."""

from __future__ import annotations

import asyncio
import sys

import aiomqtt

from benchmarks.peers.ends import TOPIC, message, place, read_codes, ready, write

_AGAIN_S = 0.3


async def gateway(broker: str, readers: list[str]) -> None:
    """Dial for ever; a code whose connection broke is sent on the next."""
    clients: list[aiomqtt.Client] = []

    async def send(code: str) -> None:
        payload = message(code)
        while True:
            try:
                await clients[-1].publish(TOPIC, payload, qos=1)
                return
            except (aiomqtt.MqttError, IndexError):
                await asyncio.sleep(_AGAIN_S)

    async def dial() -> None:
        while True:
            try:
                async with _client(broker, "peer-gateway") as client:
                    clients[:] = [client]
                    async for _ in client.messages:
                        pass
            except aiomqtt.MqttError:
                await asyncio.sleep(_AGAIN_S)

    await asyncio.gather(dial(), *(read_codes(reader, send) for reader in readers))


async def worker(broker: str, database: str) -> None:
    while True:
        try:
            async with _client(broker, "peer-worker") as client:
                await client.subscribe(TOPIC, qos=1)
                ready()
                async for heard in client.messages:
                    await asyncio.to_thread(write, database, bytes(heard.payload))
        except aiomqtt.MqttError:
            await asyncio.sleep(_AGAIN_S)


def _client(broker: str, name: str) -> aiomqtt.Client:
    host, port = place(broker)
    return aiomqtt.Client(host, port, identifier=name, clean_session=False, keepalive=5)


if __name__ == "__main__":
    role, at, *rest = sys.argv[1:]
    asyncio.run(gateway(at, rest) if role == "gateway" else worker(at, rest[0]))
