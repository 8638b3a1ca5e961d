"""The answer that has no end: begins the stream, leaves the writing to the hub, and ends with whichever ends first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.web.line import line_of
from gateway.web.live import Hub


class EventStream(Response):
    """What a hub tells, for one viewer. `may`: whether they may hear more; asked before each frame."""

    media_type = "text/event-stream"

    def __init__(
        self,
        hub: Hub,
        tags: frozenset[str],
        seen: int | None,
        may: Callable[[], bool],
        headers: Mapping[str, str],
    ) -> None:
        self.status_code, self.background = 200, None
        self.init_headers(headers)
        self._hub, self._tags, self._seen, self._may = hub, tags, seen, may

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Until the viewer goes, or may hear no more."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        if scope["method"] != "HEAD":
            await self._told(scope, receive)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _told(self, scope: Scope, receive: Receive) -> None:
        viewer = self._hub.join(self._tags, self._seen, line_of(scope), self._may)
        going = asyncio.ensure_future(_gone(receive))
        going.add_done_callback(lambda _: viewer.over.set())
        try:
            await viewer.over.wait()
        finally:
            self._hub.leave(viewer)
            going.cancel()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
