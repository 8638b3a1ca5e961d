"""A gateway of a test's own: the real daemon with pages, that is killed and started again on its port and journal."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from gateway.door import words
from gateway.door.client import ask
from gateway.model import Plain
from tests.system.servers import DIES_WITH_US, HOST, free_port

os.environ["LOTWATCH_ACCEPT_CLOCK"] = "1"  # a test machine may have no time service
# Of a wait, in seconds; less where one wants to see soon what fails.
PATIENCE_S = float(os.environ.get("PATIENCE", "180"))


class Box:
    """Runs from its making on. `settings`: of its site file, as `--set` has them."""

    def __init__(self, site: Path, folder: Path, *settings: str) -> None:
        self.site, self.data, self.port = site, folder / "journal", free_port()
        self.log, self._settings = folder / "log", settings
        self.process = self._started()

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def code(self) -> str:
        """For the first account, as the log says it."""
        found = re.findall(r"with code ([A-Z2-7]{4}-[A-Z2-7]{4})", self.log.read_text("utf-8"))
        return str(found[-1])

    def _started(self) -> subprocess.Popen[bytes]:
        settings = ("broker.port=1", f"web.port={self.port}", "commit=ssd", *self._settings)
        given = [part for setting in settings for part in ("--set", setting)]
        command = [sys.executable, "-m", "gateway", "run", str(self.site), "--data", str(self.data), *given]
        with self.log.open("wb") as log:
            process = subprocess.Popen([*DIES_WITH_US, *command], stdout=log, stderr=log)
        end = time.monotonic() + PATIENCE_S
        while not self._answers():
            assert process.poll() is None, self.log.read_text("utf-8")
            assert time.monotonic() < end, "it does not come up"
            time.sleep(0.1)  # between looks at a process of its own
        return process

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/health/live", timeout=30) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def kill(self) -> None:
        """As a power cut does."""
        self.process.kill()
        self.process.communicate()

    def start_again(self) -> None:
        """The same journal, the same port."""
        self.process = self._started()

    def enter(self, act: str, **body: Plain) -> None:
        """What a person enters at the box."""
        ask(self.data, words.request(act, "17", body))
