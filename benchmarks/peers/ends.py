"""Both ends that every peer shares: codes in from readers, points out to a database. Standard library alone."""

from __future__ import annotations

import asyncio
import json
import time
import urllib.request
from collections.abc import Awaitable, Callable

TOPIC = "peer/kills/code"
STX, ETX, ACK, NAK = 2, 3, b"\x06", b"\x15"
NO_READ = "NOREAD"  # answered at once, by NAK
_AGAIN_S = 0.3


def place(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host, int(port)


def ready() -> None:
    """Tell whoever started us that the worker's subscription stands."""
    print("subscribed", flush=True)


def message(code: str) -> bytes:
    """As it is published: what was read, and when."""
    return json.dumps({"code": code, "time": time.time_ns()}).encode()


async def read_codes(reader: str, send: Callable[[str], Awaitable[None]]) -> None:
    """Hand each code on, and acknowledge it when `send` has returned. For ever."""
    while True:
        try:
            await _read(*await asyncio.open_connection(*place(reader)), send)
        except (OSError, asyncio.IncompleteReadError):
            await asyncio.sleep(_AGAIN_S)


async def _read(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, send: Callable[[str], Awaitable[None]]
) -> None:
    last = ""
    try:
        while True:
            code = (await reader.readuntil(bytes([ETX])))[:-1].rpartition(bytes([STX]))[2].decode()
            if code == NO_READ:
                writer.write(NAK)
                continue
            if code != last:  # the reader shows it again until it is answered
                await send(code)
            last = code
            writer.write(ACK)
            await writer.drain()
    finally:
        writer.close()


def write(database: str, payload: bytes) -> None:
    """One point, until the database has taken it: a 2xx is all that it says."""
    said = json.loads(payload)
    line = f"lot,site=kills,lot={said['code']} change_code=1 {said['time']}".encode()
    while True:
        try:
            with urllib.request.urlopen(f"{database}/write?db=lotwatch", line, timeout=10):
                return
        except (TimeoutError, OSError):
            time.sleep(_AGAIN_S)
