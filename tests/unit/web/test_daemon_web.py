"""The daemon answers EPCIS queries where its site says a port, with the names of that site, and ends all the same."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace

from gateway.app import Daemon
from gateway.clock import SystemClock
from tests.unit.journal.plant import make_site
from tests.unit.web.test_server import answered, listening


class _Sealer:
    def __init__(self, *_: object, **__: object) -> None:
        """Needs nothing."""

    async def run(self) -> None:
        """Nothing to seal."""


async def test_the_daemon_answers_and_ends(tmp_path, monkeypatch):
    monkeypatch.setattr("gateway.app.Sealer", _Sealer)
    free, port = listening()
    free.close()
    site = replace(make_site(), buses=(), devices=(), web_port=port)
    daemon = Daemon(site, tmp_path / "data", clock=SystemClock(accepted=True))
    running = asyncio.create_task(daemon.run())
    answer = await answered(port, "/epcis/events")
    assert answer.status_code == 200
    assert answer.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"] == []
    daemon.stop()
    await running


async def test_without_a_port_there_is_no_web(tmp_path, monkeypatch):
    monkeypatch.setattr("gateway.app.Sealer", _Sealer)
    monkeypatch.setitem(sys.modules, "gateway.web.server", None)  # an import of it breaks
    daemon = Daemon(
        replace(make_site(), buses=(), devices=()), tmp_path / "data", clock=SystemClock(accepted=True)
    )
    await daemon.run(ready=daemon.stop)
