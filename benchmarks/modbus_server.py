"""A server as cheap as can be, in a process of its own: any read is answered by as many registers, 0, 1, 2, ...

Written without our codec and without pymodbus's, so that neither is measured against itself. Prints its port.
"""

from __future__ import annotations

import asyncio
import struct
import sys

DELAY = float(sys.argv[1]) if len(sys.argv) > 1 else 0.0  # seconds


class Server(asyncio.Protocol):
    """One connection."""

    transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.rest = b""

    def data_received(self, data: bytes) -> None:
        self.rest += data
        while len(self.rest) >= 12:
            frame, self.rest = self.rest[:12], self.rest[12:]
            count = int.from_bytes(frame[10:12], "big")
            words = struct.pack(f">{count}H", *range(count))
            head = frame[:4] + struct.pack(">HBBB", 3 + len(words), frame[6], frame[7], len(words))
            if DELAY:
                asyncio.get_running_loop().call_later(DELAY, self.transport.write, head + words)
            else:
                self.transport.write(head + words)


async def main() -> None:
    server = await asyncio.get_running_loop().create_server(Server, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
