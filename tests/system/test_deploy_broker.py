"""The mosquitto config that ships, on a real mosquitto: who may say what, and that a queue is not cut."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from gateway.resources import config_dir
from tests.system import servers
from tests.system.conftest import _program

DEADLINE_S = 60.0
SHIPPED = config_dir() / "deploy"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[servers.Server]:
    """As shipped, but for the port, the certificates and where files are."""
    program, passwords = _program("mosquitto"), shutil.which("mosquitto_passwd")
    if passwords is None:
        pytest.skip("no mosquitto_passwd on this machine")
    port = servers.free_port()
    text = (SHIPPED / "mosquitto.conf").read_text("utf-8")
    text = text[
        text.index("listener 8884") :
    ]  # those with passwords; tests/system/test_compartments.py has certificates
    lines = [
        line for line in text.splitlines() if not line.startswith(("certfile", "keyfile", "tls_version"))
    ]
    text = "per_listener_settings false\n" + "\n".join(lines)
    text = text.replace("listener 8884", f"listener {port} 127.0.0.1")
    text = text.replace("/var/lib/mosquitto/", f"{tmp_path}/").replace("/etc/mosquitto/", f"{tmp_path}/")
    text = text.replace("log_dest syslog", "log_dest stderr") + "\nuser root\n"
    (tmp_path / "mosquitto.conf").write_text(text, "utf-8")
    (tmp_path / "lotwatch.acl").write_text((SHIPPED / "mosquitto.acl").read_text("utf-8"), "utf-8")
    (tmp_path / "passwd").touch(mode=0o600)
    for user in ("north", "south", "ingest"):
        subprocess.run([passwords, "-b", str(tmp_path / "passwd"), user, "secret"], check=True)

    def listens() -> bool:
        return servers.listens(port)

    command = [program, "-c", str(tmp_path / "mosquitto.conf")]
    server = servers.Server(command, port, tmp_path / "log", listens)
    server.start()
    yield server
    server.stop()


class Client:
    """A connection that notes what it hears and how its publishes were answered."""

    def __init__(self, port: int, user: str) -> None:
        self.heard: list[str] = []
        self.codes: list[int] = []
        self._moved = threading.Condition()
        self._client = client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id=f"test-{user}", protocol=paho.MQTTv5
        )
        client.username_pw_set(user, "secret")
        client.on_message = lambda _client, _data, message: self._note(self.heard, message.topic)
        client.on_publish = lambda _client, _data, _mid, code, _props: self._note(self.codes, code.value)
        client.on_subscribe = lambda _client, _data, _mid, codes, _props: self._note(
            self.codes, codes[0].value
        )
        client.connect("127.0.0.1", port)
        client.loop_start()

    def _note(self, into: list, what: object) -> None:
        with self._moved:
            into.append(what)
            self._moved.notify_all()

    def say(self, topic: str) -> int:
        before = len(self.codes)
        self._client.publish(topic, b"x", qos=1)
        return self._answer(before)

    def listen(self, topic: str) -> int:
        before = len(self.codes)
        self._client.subscribe(topic, qos=1)
        return self._answer(before)

    def _answer(self, before: int) -> int:
        with self._moved:
            assert self._moved.wait_for(lambda: len(self.codes) > before, DEADLINE_S)
            return self.codes[before]

    def until(self, count: int) -> None:
        with self._moved:
            assert self._moved.wait_for(lambda: len(self.heard) >= count, DEADLINE_S)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


def test_a_supplier_writes_its_own_site_only_and_the_workers_hear_all(broker):
    north, ingest = Client(broker.port, "north"), Client(broker.port, "ingest")
    try:
        assert ingest.listen("lotwatch/v1/+/reading") < 0x80
        assert north.say("lotwatch/v1/north/reading") == 0
        assert north.say("lotwatch/v1/south/reading") == 0x87  # not authorised
        assert north.say("lotwatch/ingest/main/0") == 0x87
        assert ingest.say("lotwatch/v1/north/reading") == 0x87
        assert ingest.say("lotwatch/ingest/main/0") in {0, 0x10}
        assert ingest.say("lotwatch/v1/north/stored") in {0, 0x10}
        ingest.until(1)
        assert ingest.heard == ["lotwatch/v1/north/reading"]
    finally:
        north.close()
        ingest.close()


def test_more_than_a_thousand_messages_wait_for_a_worker(broker):
    """mosquitto's default keeps 1,000 of them."""
    from paho.mqtt.packettypes import PacketTypes  # noqa: PLC0415 # here only
    from paho.mqtt.properties import Properties  # noqa: PLC0415 # here only

    session = Properties(PacketTypes.CONNECT)
    session.SessionExpiryInterval = 3_600
    got = threading.Semaphore(0)

    def worker() -> paho.Client:
        client = paho.Client(CallbackAPIVersion.VERSION2, client_id="worker", protocol=paho.MQTTv5)
        client.username_pw_set("ingest", "secret")
        client.on_message = lambda *_: got.release()
        client.on_subscribe = lambda *_: got.release()
        client.connect("127.0.0.1", broker.port, clean_start=False, properties=session)
        client.loop_start()
        return client

    first = worker()
    first.subscribe("lotwatch/v1/+/reading", qos=1)
    assert got.acquire(timeout=DEADLINE_S)
    first.disconnect()
    first.loop_stop()
    north = Client(broker.port, "north")
    for _ in range(1_500):
        north._client.publish("lotwatch/v1/north/reading", b"x", qos=1)  # noqa: SLF001 # many at once
    with north._moved:  # noqa: SLF001 # the same
        assert north._moved.wait_for(lambda: len(north.codes) == 1_500, DEADLINE_S)  # noqa: SLF001 # the same
    north.close()
    again = worker()
    for _ in range(1_500):
        assert got.acquire(timeout=DEADLINE_S)
    again.disconnect()
    again.loop_stop()
