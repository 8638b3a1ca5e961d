"""Peers in the harness: how each is started, and what became of the codes that it had acknowledged."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass

from tests.kills.lotwatch import prepare
from tests.kills.plant import code_of
from tests.kills.stage import Stage, mosquitto
from tests.system.servers import HOST, ROOT

BRIDGE = """
connection site
address {broker}
topic peer/# out 1
cleansession false
restart_timeout 1
notifications false
"""


@dataclass(frozen=True)
class Peer:
    """`module` of `benchmarks.peers` under an interpreter that has its library."""

    module: str
    worker: str = "worker"  # its role
    python: str = sys.executable
    ready: str = "subscribed"
    bridged: bool = False  # the gateway talks to a mosquitto of the site's, which has a bridge to the broker

    def commands(self, stage: Stage) -> dict[str, list[str]]:
        prepare(stage)
        run = ["env", f"PYTHONPATH={ROOT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}", self.python]
        run += ["-m", f"benchmarks.peers.{self.module}"]
        broker = f"{HOST}:{stage.links['gateway-broker'].port}"
        made: dict[str, list[str]] = {}
        if self.bridged:
            edge = mosquitto("debian", stage.folder / "edge", BRIDGE.format(broker=broker))
            made["edge"] = list(edge.command)
            broker = f"{HOST}:{edge.port}"
        database = f"http://{HOST}:{stage.links['worker-database'].port}"
        readers = [f"{HOST}:{reader.port}" for reader in stage.plant.readers]
        made["worker"] = [*run, self.worker, f"{HOST}:{stage.links['worker-broker'].port}", database]
        made["gateway"] = [*run, "gateway", broker, *readers]
        return made


def wanted(stage: Stage) -> list[str]:
    """Codes that the gateway has acknowledged."""
    readers = enumerate(stage.plant.readers, 1)
    return [code_of(number, n) for number, reader in readers for n in range(1, reader.taken + 1)]
