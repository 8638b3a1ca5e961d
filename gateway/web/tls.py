"""The certificate that the pages are served with: another one on the disk is taken up, a bad one is not."""

from __future__ import annotations

import asyncio
import logging
import ssl
from pathlib import Path

from gateway.ports import Clock
from gateway.site import Beyond
from gateway.trust.certificates import BadCertificate, server_context
from gateway.trust.secret import place_of

LOOK_NS = 30_000_000_000

log = logging.getLogger(__name__)


class Tls:
    """Contexts for handshakes. For one loop."""

    def __init__(self, beyond: Beyond, clock: Clock) -> None:
        self._beyond, self._clock = beyond, clock
        self._context: ssl.SSLContext | None = None
        self._seen: object = None
        self._due_ns = 0
        self._looking = asyncio.Lock()

    async def context(self) -> ssl.SSLContext:
        """The one in force; looks at the files now and then. Raises BadCertificate where there never was a good one."""
        async with self._looking:
            if self._context is None or self._clock.boottime_ns() >= self._due_ns:
                self._due_ns = self._clock.boottime_ns() + LOOK_NS
                await asyncio.to_thread(self._look)
            if self._context is None:
                raise BadCertificate("certificate", self._beyond.certificate_file)
            return self._context

    def _look(self) -> None:
        seen = self._stamp()
        if seen == self._seen:
            return
        try:
            made = server_context(Path(self._beyond.certificate_file), self._beyond.key_from)
        except BadCertificate as error:
            if self._context is None:
                raise
            log.warning(
                "the pages keep the certificate that they have, for the new one is no good: %s", error
            )
        else:
            if self._context is not None:
                log.info("the pages have another certificate: %s", self._beyond.certificate_file)
            self._context = made
        self._seen = seen

    def _stamp(self) -> object:
        """What differs when a file was written anew, or a link leads elsewhere."""
        try:
            found = [
                path.stat() for path in (Path(self._beyond.certificate_file), place_of(self._beyond.key_from))
            ]
        except (OSError, ValueError) as error:
            return str(error)
        return [(each.st_ino, each.st_mtime_ns, each.st_size) for each in found]
