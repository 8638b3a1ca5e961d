"""A served folder of replicas, over TLS and a real broker: an act on its page reaches the box, and comes back."""

from __future__ import annotations

import signal
import ssl
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.system.servers import DIES_WITH_US, Server, free_port
from tests.system.test_acts import entries, there
from tests.system.test_alarm_command import PYTHON, alarms, dead_site, lotwatch, until
from tests.system.test_daemon import PATIENCE, Gateway
from tests.system.test_mqtt_replica import Ingest

__all__ = ["dead_site"]  # a fixture
PASSWORD = "correct horse battery"
ANSWER = {"cause": "its port is closed", "cause_class": "assignable", "action": "none"}


class Served:
    """`lotwatch serve` as a process, and somebody's browser."""

    def __init__(self, replicas: Path, tls: Path) -> None:
        self.base = f"https://127.0.0.1:{(port := free_port())}"
        words = ("--port", free_port(), "--listen", f"127.0.0.1:{port}", "--host", "127.0.0.1",
                 "--certificate-file", tls / "web.crt", "--key-from", f"file:{tls / 'web.key'}")  # fmt: skip
        command = [*DIES_WITH_US, *PYTHON, "-m", "gateway", "serve", replicas, *words]
        self.process = subprocess.Popen([str(word) for word in command])
        self._trusted = ssl.create_default_context(cafile=str(tls / "web.crt"))

    def browser(self) -> httpx.Client:
        return httpx.Client(
            base_url=self.base, verify=self._trusted, timeout=PATIENCE, headers={"Origin": self.base}
        )

    def answers(self) -> bool:
        assert self.process.poll() is None
        try:
            with self.browser() as browser:
                return browser.get("/health/live").status_code == 200
        except httpx.TransportError:
            return False

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


def sign_in(browser: httpx.Client, name: str) -> None:
    said = browser.post("/sign-in", json={"name": name, "password": PASSWORD})
    assert said.status_code == 200, said.text
    browser.headers["X-Lotwatch-Seal"] = said.json()["seal"]


def became(browser: httpx.Client, said: httpx.Response) -> dict[str, Any]:
    """The act, once the box has answered."""
    assert said.status_code == 202, said.text
    path = f"/acts.json?id={said.json()['pending']}"
    until(lambda: browser.get(path).json()["acts"][0]["state"] != "pending")
    found: dict[str, Any] = browser.get(path).json()["acts"][0]
    return found


@pytest.fixture
def accounts(dead_site: Path, tmp_path: Path) -> Path:
    """A folder of replicas with accounts, whose keys the box knows; and a certificate."""
    replicas, word = tmp_path / "replicas", tmp_path / "word"
    replicas.mkdir()
    word.write_text(PASSWORD)
    word.chmod(0o600)
    rest = ("--password-from", f"file:{word}", "--data", replicas)
    made = lotwatch("user", "add", "Li Na", "--operator", "17", "--role", "quality", *rest)
    assert made.returncode == 0, made.stderr
    with dead_site.open("a") as config:
        config.write(made.stdout)  # as it is printed, so it goes into the config
    other = lotwatch("user", "add", "Acme", "--operator", "9", "--role", "operator", "--site", "acme", *rest)
    assert other.returncode == 0, other.stderr
    assert lotwatch("web", "certificate", tmp_path / "tls", "--host", "127.0.0.1").returncode == 0
    return replicas


@pytest.mark.system
def test_an_act_on_a_served_page_reaches_the_box_and_comes_back(
    accounts: Path, dead_site: Path, own_mosquitto: Server, tmp_path: Path
) -> None:
    data, replicas = tmp_path / "journal", accounts
    worker, served = Ingest(own_mosquitto.port, replicas), Served(replicas, tmp_path / "tls")
    worker.start()
    gateway = Gateway(dead_site, data, f"broker.port={own_mosquitto.port}")
    gateway.wait_until_it_runs()
    until(there(replicas, lambda at: len(alarms(at)) == 1))
    until(served.answers)
    with served.browser() as mine, served.browser() as theirs:
        sign_in(mine, "Li Na")
        sign_in(theirs, "Acme")
        until(
            lambda: len(mine.get("/alarms.json").json()["alarms"]) == 1
        )  # a new replica is found in ten seconds
        alarm = mine.get("/alarms.json").json()["alarms"][0]["alarm"]
        assert theirs.get("/alarms.json").json()["alarms"] == []
        not_theirs = theirs.post("/act/acknowledge", json={"alarm": alarm, **ANSWER})
        nobodys = theirs.post("/act/acknowledge", json={"alarm": "x-1", **ANSWER})
        assert (not_theirs.status_code, not_theirs.content) == (409, nobodys.content)

        done = became(mine, mine.post("/act/acknowledge", json={"alarm": alarm, **ANSWER}))
        assert (done["state"], done["reason"]) == ("done", "")
        (row,) = mine.get("/alarms.json").json()["alarms"]
        assert (row["state"], row["facts"]["acknowledged_by"]) == ("acknowledged", "17")

        again = became(mine, mine.post("/act/acknowledge", json={"alarm": alarm, **ANSWER}))
        assert (again["state"], bool(again["reason"])) == ("refused", True), again
        refused = mine.post("/act/hold", json={"lot": "X", "reason": "y"})
        assert (refused.status_code, refused.json()["detail"]) == (409, "no lot X here")
    assert [(each.kind, each.operator) for each in entries(data)] == [("acknowledge", "17")] * 2
    assert gateway.stop()[0] == 0
    assert served.end() == 0
    assert worker.end(signal.SIGTERM) == 0
