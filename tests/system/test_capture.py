"""`lotwatch capture` on a real mosquitto: what was published, as it was published; and what it says when it cannot."""

from __future__ import annotations

import base64
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import paho.mqtt.client as paho
from click.testing import CliRunner
from paho.mqtt.enums import CallbackAPIVersion

from gateway.cli import main
from tests.system.servers import DIES_WITH_US, free_port
from tests.tck.capture import load

DEADLINE_S = 180.0
SAID = [
    ("spBv1.0/a/NBIRTH/b", b"\x00\xff", 0, False),
    ("lotwatch/v1/x/status", b"on", 1, True),
    ("spBv1.0/z", b"", 2, False),
]


def capture(port: int, file: Path, *options: str) -> subprocess.Popen[str]:
    command = [
        *DIES_WITH_US,
        sys.executable,
        "-m",
        "gateway",
        "capture",
        "--broker",
        f"mqtt://127.0.0.1:{port}",
    ]
    process = subprocess.Popen([*command, "-o", str(file), *options], stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    assert "captures" in process.stderr.readline()
    return process


def until_there(file: Path, count: int) -> None:
    end = time.monotonic() + DEADLINE_S
    while not file.exists() or file.read_text("utf-8").count('"topic"') < count:
        assert time.monotonic() < end
        time.sleep(0.05)  # between looks at what another process does


def publish(port: int) -> None:
    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", port)
    client.loop_start()
    for topic, payload, qos, retain in [*SAID, ("elsewhere", b"x", 1, False), *SAID[-1:]]:
        client.publish(topic, payload, qos, retain).wait_for_publish(DEADLINE_S)
    client.disconnect()
    client.loop_stop()


def test_a_session_is_kept_as_it_was_published(own_mosquitto, tmp_path):
    file = tmp_path / "session.json"
    process = capture(own_mosquitto.port, file)
    publish(own_mosquitto.port)
    until_there(file, 4)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=DEADLINE_S)
    assert process.returncode == 0
    assert "4 messages" in said
    rows = json.loads(file.read_text("utf-8"))
    assert [set(row) for row in rows] == [{"topic", "payload_b64", "qos", "retain", "time"}] * 4
    found = [(row["topic"], base64.b64decode(row["payload_b64"]), row["qos"], row["retain"]) for row in rows]
    assert found == [*SAID, SAID[-1]]
    assert all(rows[0]["time"] <= row["time"] for row in rows)
    assert [packet.topic for packet in load(file)] == [
        row["topic"] for row in rows
    ]  # as our own checker reads it


def test_a_broker_that_goes_ends_it_with_whole_json(own_mosquitto, tmp_path):
    file = tmp_path / "session.json"
    process = capture(own_mosquitto.port, file, "--topic", "lotwatch/v1/x/status")
    publish(own_mosquitto.port)
    until_there(file, 1)
    own_mosquitto.kill()
    _, said = process.communicate(timeout=DEADLINE_S)
    assert process.returncode == 69
    assert "what came later is not in it" in said
    assert "Traceback" not in said
    assert [row["topic"] for row in json.loads(file.read_text("utf-8"))] == ["lotwatch/v1/x/status"]


def test_a_time_that_is_over_ends_it(own_mosquitto, tmp_path):
    process = capture(own_mosquitto.port, tmp_path / "session.json", "--seconds", "0.2")
    assert process.wait(DEADLINE_S) == 0
    assert process.stderr is not None
    process.stderr.close()
    assert json.loads((tmp_path / "session.json").read_text("utf-8")) == []


def test_it_says_what_is_wrong():
    done = CliRunner().invoke(main, ["capture"])
    assert (done.exit_code, "name a CONFIG" in done.output) == (2, True)
    done = CliRunner().invoke(main, ["capture", "--broker", f"mqtt://127.0.0.1:{free_port()}"])
    assert (done.exit_code, "refused" in done.output) == (69, True)
