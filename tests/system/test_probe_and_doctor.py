"""`probe` on the simulators, by socket and pty; `doctor` at a broker that forbids; the alert rules by vmalert."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pytest
import yaml

from gateway.doctor.broker import broker as examined
from gateway.resources import config_dir
from gateway.site import Broker
from tests.system import servers
from tests.system.conftest import _program
from tests.system.simulators_running import demo

PATIENCE = 300


def lotwatch(*words, expect=0):
    done = subprocess.run(
        [sys.executable, "-m", "gateway", *map(str, words)],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == expect, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture(scope="module")
def ports(tmp_path_factory):
    with demo(tmp_path_factory.mktemp("simulators"), "--no-faults") as found:
        yield found


def test_units_behind_a_socket_become_a_site_that_check_takes(ports, tmp_path):
    done = lotwatch(
        "probe", f"tcp://{ports['material']}", "--units", "1-4", "--addresses", "0-63", "--reads", 4, "--every", 0.5,
        "--json", "-o", tmp_path / "site",
    )  # fmt: skip
    units = {unit["unit"]: unit for unit in json.loads(done.stdout)["units"]}
    assert set(units) == {1, 2, 3}
    values = {(each["table"], each["address"]): each for each in units[1]["values"]}
    shares = values["holding", 10]  # config/devices/gravimetric_blender.yaml
    assert (shares["type"], shares["order"]) == ("float32", None)
    assert 15 < shares["last"] < 35
    assert (values["holding", 16]["type"], values["holding", 16]["order"]) == ("float32", "CDAB")
    assert values["holding", 50]["type"] == "string"
    lotwatch("check", tmp_path / "site" / "site.yaml")


def test_units_on_a_serial_line(ports):
    done = lotwatch(
        "probe", f"rtu:{ports['regrind']}", "--units", "1-3", "--table", "input", "--reads", 1, "--json"
    )
    assert [(unit["unit"], unit["baud"], unit["parity"]) for unit in json.loads(done.stdout)["units"]] == [
        (1, 9600, "N"),
        (2, 9600, "N"),
    ]


def test_nobody_there_is_69_and_bad_words_are_2(tmp_path):
    said = lotwatch("probe", f"tcp://127.0.0.1:{servers.free_port()}", expect=69)
    assert "the search ended there" in said.stderr
    lotwatch("probe", "com1", expect=2)
    (tmp_path / "there").touch()
    assert "nothing was asked" in lotwatch("probe", "tcp://127.0.0.1", "-o", tmp_path, expect=2).stderr


def test_a_denied_publish_is_told(tmp_path):
    program, passwords = _program("mosquitto"), shutil.which("mosquitto_passwd")
    if passwords is None:
        pytest.skip("no mosquitto_passwd on this machine")
    broker = servers.mosquitto(program, tmp_path)
    file = tmp_path / "mosquitto.conf"
    text = file.read_text("utf-8").replace("allow_anonymous true", "allow_anonymous false")
    acl = config_dir() / "deploy" / "mosquitto.acl"
    (tmp_path / "acl").write_text(acl.read_text("utf-8"), "utf-8")
    file.write_text(f"{text}password_file {tmp_path}/passwd\nacl_file {tmp_path}/acl\n", "utf-8")
    subprocess.run([passwords, "-b", "-c", str(tmp_path / "passwd"), "north", "secret"], check=True)
    (tmp_path / "secret").write_text("secret\n")
    (tmp_path / "secret").chmod(0o600)
    broker.start()
    try:
        ours = Broker("127.0.0.1", broker.port, username="north", password_from=f"file:{tmp_path}/secret")
        assert examined(ours, "north") == []
        made = {
            "site": "south", "gateway": "gw1", "lines": [{"area": "a", "name": "l", "cells": ["c"]}],
            "buses": [], "devices": [],
            "broker": {
                "host": "127.0.0.1", "port": broker.port, "username": "north",
                "password_from": f"file:{tmp_path}/secret",
            },
        }  # fmt: skip
        config = tmp_path / "south.yaml"  # signed in as north: south is another's
        config.write_text(yaml.safe_dump(made))
        done = lotwatch("doctor", config, "--data", tmp_path, "--json", expect=1)
        (found,) = [each for each in json.loads(done.stdout)["findings"] if each["code"].startswith("LW4")]
        assert found["code"] == "LW404"
        assert found["facts"]["reason"].startswith("0x87")
        assert "lotwatch/v1/south/" in found["fix"]
        (tmp_path / "secret").write_text("wrong\n")
        assert [each.code for each in examined(ours, "north")] == ["LW402"]
    finally:
        broker.kill()


def test_the_alert_rules_are_rules():
    vmalert = servers.find_program("vmalert")
    if vmalert is None:
        pytest.skip("no vmalert on this machine")
    rules = config_dir() / "deploy" / "alerts.yaml"
    done = subprocess.run([vmalert, "-dryRun", f"-rule={rules}"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
