"""Bundles as they come: verified, put in force, and judged by what the gateway reads afterwards."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from gateway.bundles.bundle import BadBundle, Bundle, judged, opened_bundle
from gateway.bundles.shelf import Shelf
from gateway.model import BAD_FROM, Block, Noted, Plain, Reading, Severity
from gateway.plain import digest, to_plain
from gateway.ports import Clock
from gateway.reloading.reloader import Recorded, Reloader
from gateway.site import Site

LATELY_NS = 600_000_000_000  # a device that was read so lately has to be read again
SETTLE_NS = 30_000_000_000
LOOK_NS = 1_000_000_000
WAITING_MOST = 4
REFUSED_NS = 1_000_000_000  # after one that is refused: whoever floods us costs little

log = logging.getLogger(__name__)


class Trial:
    """One for a daemon: `hear` takes what comes, `run` is its task, `committed` is called with every block."""

    def __init__(
        self,
        shelf: Shelf,
        reloader: Reloader,
        recorder: Recorded,
        clock: Clock,
        local: str,
        online: Callable[[], bool],
    ) -> None:
        """`local`: hash of the gateway's own file. `online`: whether the broker is heard."""
        self._shelf, self._reloader, self._recorder, self._clock = shelf, reloader, recorder, clock
        self._local, self._online = local, online
        self._waiting: asyncio.Queue[bytes] = asyncio.Queue(WAITING_MOST)
        self._began_ns = clock.boottime_ns()
        self._read: dict[str, int] = {}  # by device, boottime of its newest good value

    def hear(self, payload: bytes) -> None:
        """Something came. Never waits: what is too much is dropped; it is retained, and comes again."""
        try:
            self._waiting.put_nowait(payload)
        except asyncio.QueueFull:
            log.warning("a bundle is dropped: too many at once")

    async def own(self, site: Site) -> None:
        """The gateway's own file was read again: it is in force, and no bundle comes back at the next start."""
        self._local = digest(to_plain(site))
        try:
            await asyncio.to_thread(self._shelf.forget, self._local)
        except OSError as error:  # the next start sees by its hash that the file is another one
            log.warning("it cannot be written down that the own config is in force: %s", error)

    def committed(self, block: Block) -> None:
        """What was read."""
        for _, given in block.inputs:
            if isinstance(given, Reading) and len(given.quality) and int(given.quality.min()) < BAD_FROM:
                self._read[given.group.partition("/")[0]] = given.at.boottime_ns

    async def run(self) -> None:
        """Until cancelled."""
        await asyncio.to_thread(self._shelf.load)
        while True:
            payload = await self._waiting.get()
            try:
                await self._deal(payload)
            except BadBundle as error:
                self._refused(str(error))
                await self._clock.sleep_until(self._clock.boottime_ns() + REFUSED_NS)

    async def _deal(self, payload: bytes) -> None:
        remote = self._reloader.site.remote
        keys = [key for _, key in remote.keys] if remote is not None else []
        bundle = await asyncio.to_thread(opened_bundle, payload, keys)
        if bundle.sequence == self._shelf.held.newest:
            return  # retained, and heard again at every connection
        judged(bundle, self._reloader.site, self._shelf.held.newest, self._clock.now().time_ns)
        probation_ns = remote.probation_ns if remote is not None else 0
        # A run that has just begun has read little yet, and would wait for little.
        await self._clock.sleep_until(self._began_ns + min(probation_ns, SETTLE_NS))
        await self._try(bundle, payload, probation_ns)

    async def _try(self, bundle: Bundle, payload: bytes, probation_ns: int) -> None:
        before, began = self._reloader.site, self._clock.boottime_ns()
        known = {device.name for device in bundle.site.devices}
        wanted = {name for name, at in self._read.items() if name in known and at >= began - LATELY_NS}
        online = self._online()
        try:
            await asyncio.to_thread(self._shelf.begin, payload.decode(), bundle.sequence, self._local)
        except OSError as error:
            raise BadBundle(f"the disk does not keep it: {error}") from error
        facts: dict[str, Plain] = {"sequence": bundle.sequence}
        outcome = await self._reloader.apply(bundle.site, bundle.key, facts)
        if outcome.code not in (0, 75):
            await self._written(self._shelf.drop)
            return  # the reloader has said why
        why = await self._why_not(wanted, began + probation_ns, online=online)
        if self._reloader.site != bundle.site:
            await self._written(self._shelf.drop)
            return  # somebody at the box has put another one in force, which is not on trial
        if not why:
            await self._written(self._shelf.keep)
            self._note("config_kept", Severity.INFO, facts)
            return
        log.error("the config of bundle %d goes: %s", bundle.sequence, why)
        back = await self._reloader.apply(before, "probation")
        await self._written(self._shelf.drop)
        facts["why"] = "; ".join(words for words in (why, back.words) if words)
        self._note("config_returned", Severity.ALARM, facts)

    async def _written(self, change: Callable[[], None]) -> None:
        """A verdict, on the disk: one that is full delays it, and changes nothing of it."""
        told = False
        while True:
            try:
                await asyncio.to_thread(change)
            except OSError as error:
                if not told:
                    log.warning("what became of a bundle cannot be written yet: %s", error)
                told = True
                await self._clock.sleep_until(self._clock.boottime_ns() + LOOK_NS)
            else:
                return

    async def _why_not(self, wanted: set[str], until: int, *, online: bool) -> str:
        """What is not as it was when the probation ends; "" as soon as all of it is."""
        began = self._clock.boottime_ns()
        heard = not online
        while True:
            silent = sorted(name for name in wanted if self._read.get(name, -1) < began)
            heard = heard or self._online()
            if not silent and heard:
                return ""
            now = self._clock.boottime_ns()
            if now >= until:
                break
            await self._clock.sleep_until(min(now + LOOK_NS, until))
        words = [f"not read again: {', '.join(silent)}"] if silent else []
        return "; ".join(words + ([] if heard else ["the broker was not heard again"]))

    def _refused(self, reason: str) -> None:
        log.warning("a bundle is not taken: %s", reason)
        facts: dict[str, Plain] = {"by": "bundle", "reason": reason}
        now_ns, gateway = self._clock.now().time_ns, self._reloader.site.gateway
        self._recorder.note(Noted(now_ns, "config_refused", gateway, Severity.WARNING, facts))

    def _note(self, kind: str, severity: Severity, facts: dict[str, Plain]) -> None:
        now_ns, gateway = self._clock.now().time_ns, self._reloader.site.gateway
        self._recorder.note(Noted(now_ns, kind, gateway, severity, facts))
