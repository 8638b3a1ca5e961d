"""A pty as a serial line: the gateway opens its path, the simulator holds the other end."""

from __future__ import annotations

import asyncio
import os
import pty
import tty


class Pty:
    """Both ends of a pseudo terminal, raw. The far end is held open too, so that a reader may come and go."""

    def __init__(self) -> None:
        self.near, self._far = pty.openpty()
        tty.setraw(self._far)
        os.set_blocking(self.near, False)
        self.path = os.ttyname(self._far)

    def close(self) -> None:
        for end in (self.near, self._far):
            os.close(end)


class PtyTransport(asyncio.Transport):
    """The near end as an asyncio transport. What the far end does not read is dropped, as on a wire."""

    def __init__(self, line: Pty, protocol: asyncio.Protocol) -> None:
        super().__init__()
        self._line, self._protocol, self._closed = line, protocol, False
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(line.near, self._readable)
        self._loop.call_soon(protocol.connection_made, self)

    def _readable(self) -> None:
        try:
            data = os.read(self._line.near, 4096)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            self.close()
            return
        self._protocol.data_received(data)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if not self._closed:
            try:
                os.write(self._line.near, data)
            except BlockingIOError:
                return  # nobody reads, the kernel's buffer is full: as if no cable were plugged in

    def is_closing(self) -> bool:
        return self._closed

    def abort(self) -> None:
        """A serial line cannot be dropped: it stays."""

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._loop.remove_reader(self._line.near)
            self._line.close()
