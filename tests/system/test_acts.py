"""Acts at a replica, on a real broker: signed there, judged on the box, their outcome back; forged ones and replays."""

from __future__ import annotations

import json
import signal
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from gateway.cli.keyfile import make_key
from gateway.ingest.audit import audit
from gateway.journal import JournalError, open_readers
from gateway.model import Entry, Noted
from tests.system.servers import Server
from tests.system.test_alarm_command import alarms, dead_site, lotwatch, until
from tests.system.test_daemon import Gateway
from tests.system.test_mqtt_replica import Ingest

__all__ = ["dead_site"]  # a fixture
ACK = ("--cause", "its port is closed", "--action", "none")


class Tap:
    """Somebody who listens on the broker, and says what he heard again, and worse."""

    def __init__(self, port: int) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self._subscribed = threading.Event()
        self._client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
        self._client.on_message = lambda _client, _data, message: self.heard.append(
            (message.topic, bytes(message.payload))
        )
        self._client.on_subscribe = lambda *_: self._subscribed.set()
        self._client.connect("127.0.0.1", port)
        self._client.subscribe("lotwatch/v1/+/entry/+", qos=1)
        self._client.loop_start()
        assert self._subscribed.wait(60)

    def say(self, topic: str, payload: bytes) -> None:
        self._client.publish(topic, payload, qos=1).wait_for_publish(60)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


def entries(data: Path) -> list[Entry]:
    with open_readers(data)[0] as reader:
        return [given for _, given in reader.inputs(1, reader.last().input) if isinstance(given, Entry)]


def refused(data: Path) -> list[Noted]:
    with open_readers(data)[0] as reader:
        last = reader.last().event
        return [
            event
            for _, _, event in reader.events(1, last)
            if isinstance(event, Noted) and event.kind == "act_refused"
        ]


def there(data: Path, true: Callable[[Path], bool]) -> Callable[[], bool]:
    """Of a replica that may not be there yet."""

    def look() -> bool:
        try:
            return true(data)
        except JournalError:
            return False

    return look


@pytest.mark.system
def test_acts_at_a_replica_and_a_hundred_that_are_forged(
    dead_site: Path, own_mosquitto: Server, tmp_path: Path
) -> None:
    key, data, replicas = tmp_path / "me.key", tmp_path / "journal", tmp_path / "replicas"
    made = lotwatch("user", "key", key, "--operator", "17")
    assert (made.returncode, stat.S_IMODE(key.stat().st_mode)) == (0, 0o600), made.stderr
    stranger = tmp_path / "other.key"
    make_key(stranger, "18")
    with dead_site.open("a") as config:
        config.write(made.stdout)  # as it is printed, so it goes into the config
    worker = Ingest(own_mosquitto.port, replicas)
    worker.start()
    gateway = Gateway(dead_site, data, f"broker.port={own_mosquitto.port}")
    gateway.wait_until_it_runs()
    until(there(replicas, lambda at: len(alarms(at)) == 1))
    tap = Tap(own_mosquitto.port)

    def at_replica(*words: object, operator: str = "17", own: Path = key) -> tuple[int, str, str]:
        who = ("--operator", operator, "--key", own, "--wait", "300", "--data", replicas)
        done = lotwatch(*words, *who)
        return done.returncode, done.stdout, done.stderr

    code, out, err = at_replica("alarm", "ack", "stale", *ACK)
    assert (code, err) == (0, "")
    assert ": acknowledged (version 2)" in out
    assert [alarm.state for alarm in alarms(replicas)] == ["acknowledged"]
    code, _, err = at_replica("alarm", "ack", "stale", *ACK, operator="18", own=stranger)
    assert (code, "unknown user" in err) == (1, True)

    kinds = [each.kind for each in entries(data)]
    assert kinds == ["acknowledge"], "the stranger's is none"
    mine = next(payload for _, payload in tap.heard if b'\\"17\\"' in payload)
    topic = tap.heard[0][0]
    for place in range(50):
        tap.say(topic, mine)
        forged = json.loads(mine)
        forged["act"] = forged["act"].replace("its port is closed", f"nothing {place}")
        tap.say(topic, json.dumps(forged).encode())
    code, out, err = at_replica("alarm", "shelve", "stale", "--for", "1h", "--reason", "x")
    assert (code, err) == (0, ""), "and who is known is still heard"
    assert ": shelved" in out
    assert [each.kind for each in entries(data)] == [*kinds, "shelve"], "0 of 100 are accepted"
    assert len(refused(data)) <= 16

    tap.close()
    assert gateway.stop()[0] == 0
    until(lambda: audit(data, replicas).clean)
    assert worker.end(signal.SIGTERM) == 0
    assert not [path for path in (replicas / "outbox").iterdir() if path.suffix == ".json"]
