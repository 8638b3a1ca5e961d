"""``python -m gateway.demo.forward JOURNAL``: sends what a stopped gateway's journal owes its broker, until SIGTERM.

It is what the gateway's next start would do; but no device is asked, and nothing is added to the journal.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from pathlib import Path

from gateway.app import SystemEntropy
from gateway.clock import SystemClock
from gateway.journal import Journal, JournalReader
from gateway.publish.mqtt import MqttPublisher
from gateway.site import Site


async def forward(journal: Journal, site: Site, clock: SystemClock, entropy: SystemEntropy) -> None:
    """Publish until SIGTERM."""
    publishing = asyncio.create_task(MqttPublisher(journal, site, clock, entropy).run())
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, publishing.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await publishing


def main(folder: Path) -> None:
    """Open the journal as its gateway does. Raises JournalError."""
    clock, entropy = SystemClock(), SystemEntropy()
    with JournalReader(folder) as reader:
        identity, site = reader.identity, reader.site()
    if site is None:
        return  # no config was committed: nothing was
    with Journal.open(
        folder, site=identity.site, gateway=identity.gateway, clock=clock, entropy=entropy
    ) as journal:
        asyncio.run(forward(journal, site, clock, entropy))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
