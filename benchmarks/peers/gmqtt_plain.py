"""gmqtt, plainly: `publish` returns at once and keeps what is unsent in memory; acknowledging early is its default."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import gmqtt  # type: ignore[import-not-found,import-untyped,unused-ignore] # only where the peer is installed

from benchmarks.peers.ends import TOPIC, message, place, read_codes, ready, write

_AGAIN_S = 0.3
_SESSION_S = 86_400


async def gateway(broker: str, readers: list[str]) -> None:
    client = await _connected(broker, "peer-gateway")

    async def send(code: str) -> None:
        client.publish(TOPIC, message(code), qos=1)

    await asyncio.gather(*(read_codes(reader, send) for reader in readers))


async def worker(broker: str, database: str) -> None:
    async def heard(_client: Any, _topic: str, payload: bytes, _qos: int, _properties: Any) -> int:
        await asyncio.to_thread(write, database, payload)
        return 0

    await _connected(broker, "peer-worker", heard)
    await asyncio.Event().wait()


async def _connected(broker: str, name: str, heard: Any = None) -> Any:
    client = gmqtt.Client(name, clean_session=False, session_expiry_interval=_SESSION_S)
    client.set_config({"reconnect_retries": -1, "reconnect_delay": 1})
    if heard is not None:
        client.on_message = heard
        client.on_connect = lambda client, *_: client.subscribe(TOPIC, qos=1)
        client.on_subscribe = lambda *_: ready()
    host, port = place(broker)
    while True:
        try:
            await client.connect(host, port, keepalive=5)
        except OSError:
            await asyncio.sleep(_AGAIN_S)
        else:
            return client


if __name__ == "__main__":
    role, at, *rest = sys.argv[1:]
    asyncio.run(gateway(at, rest) if role == "gateway" else worker(at, rest[0]))
