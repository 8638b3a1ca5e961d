"""What ships in config/deploy: files parse, commands are ours with options that exist, numbers agree."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from gateway.box.timesync import CLOCK_FILE
from gateway.cli import main
from gateway.config import load
from gateway.resources import config_dir
from tests.unit.deploy.units import SYSTEMD, complaints, little_exposed, unit

DEPLOY = config_dir() / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))
SANDBOXED = [
    path for path in UNITS if path.name != "lotwatch-upgrade.service"
]  # that one stops and starts services
GATEWAY = DEPLOY / "lotwatch@.service"
LONG_LIVED = [path for path in SANDBOXED if path.name != "lotwatch-clock.service"]
SERIAL = {"char-ttyUSB rw", "char-ttyACM rw", "char-ttyS rw", "char-ttyAMA rw"}
MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yaml"))


def commands() -> list[tuple[str, list[str]]]:
    """Every command of ours: where it is, and its words after "lotwatch"."""
    found = []
    for path in UNITS:
        words = [shlex.split(value) for key, value in unit(path).items("Service") if key.startswith("Exec")]
        found += [(path.name, each[1:]) for each in words if each[0].endswith("/lotwatch")]
    for path in MANIFESTS:
        text = path.read_text("utf-8")
        for each in re.findall(r"exec lotwatch ((?:.*\n){1,3}?)\s+env:", text):
            found.append((path.name, shlex.split(each)))
    return found


def documents() -> list[dict[str, Any]]:
    return [each for path in MANIFESTS for each in yaml.safe_load_all(path.read_text("utf-8"))]


@pytest.mark.parametrize(("where", "words"), commands(), ids=lambda value: str(value)[:40])
def test_commands_are_ours_with_options_that_exist(where: str, words: list[str]) -> None:
    command = main.get_command(click.Context(main), words[0])
    assert command is not None, where
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known


def test_there_are_commands_to_check() -> None:
    assert [words[0] for _, words in commands()].count("ingest") == 3
    assert [words[0] for _, words in commands()].count("run") == 1


@pytest.mark.parametrize("path", LONG_LIVED, ids=lambda path: path.name)
def test_units_restart_what_a_restart_can_mend(path: Path) -> None:
    service = unit(path)["Service"]
    assert service["Restart"] == "always"
    assert service["RestartPreventExitStatus"] == "2 78"
    assert service["User"] == "lotwatch"
    assert unit(path)["Install"]["WantedBy"] == "multi-user.target"


@SYSTEMD
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    program = str(shutil.which("true"))
    texts = {
        path.name: re.sub(r"/opt/lotwatch/current/bin/\w+", program, path.read_text("utf-8")).replace(
            "User=lotwatch",
            "User=root",  # who is not here yet
        )
        for path in UNITS
    }
    assert complaints(texts, tmp_path, "lotwatch") == []


@SYSTEMD
@pytest.mark.parametrize("path", SANDBOXED, ids=lambda path: path.name)
def test_a_service_is_exposed_as_little_as_promised(path: Path, tmp_path: Path) -> None:
    assert little_exposed(path, tmp_path) == ""


@SYSTEMD
def test_the_measure_of_exposure_bites(tmp_path: Path) -> None:
    (tmp_path / "unguarded.service").write_text("[Service]\nExecStart=/bin/true\n", "ascii")
    folder = tmp_path / "copies"
    folder.mkdir()
    assert little_exposed(tmp_path / "unguarded.service", folder) != ""


def test_serial_ports_are_open_to_the_gateway_and_nothing_else_is() -> None:
    text = GATEWAY.read_text("utf-8")
    assert set(re.findall(r"^DeviceAllow=(.*)$", text, re.MULTILINE)) == SERIAL
    service = unit(GATEWAY)["Service"]
    assert service["DevicePolicy"] == "closed"
    assert "PrivateDevices" not in service
    assert service["SupplementaryGroups"] == "dialout"
    for path in set(SANDBOXED) - {GATEWAY}:
        assert unit(path)["Service"]["PrivateDevices"] == "yes"
        assert "DeviceAllow" not in unit(path)["Service"]


def test_the_gateway_tells_systemd_how_it_is_and_never_starts_without_a_config() -> None:
    service = unit(GATEWAY)["Service"]
    assert (service["Type"], service["NotifyAccess"]) == ("notify", "main")
    assert 0 < int(service["WatchdogSec"]) <= 120
    assert unit(GATEWAY)["Unit"]["ConditionPathExists"] == "/etc/lotwatch/%i/site.yaml"
    given = dict(word.split("=") for word in service["Environment"].split())
    assert given[CLOCK_FILE] == unit(DEPLOY / "lotwatch-clock.service")["Service"]["ExecStart"].split()[-1]
    assert given["LOTWATCH_BOOT_ID"] == "%b"


def test_helpers_may_give_way_to_polls() -> None:
    filters = re.findall(r"^SystemCallFilter=(.*)$", GATEWAY.read_text("utf-8"), re.MULTILINE)
    assert filters.index("nice setpriority") > filters.index("~@privileged @resources")  # the later one wins


def test_ports_are_named_by_their_place() -> None:
    rules = (DEPLOY / "lotwatch.udev.rules").read_text("utf-8")
    lines = [line for line in rules.splitlines() if line and not line.startswith("#")]
    names = re.findall(r'SYMLINK\+="([^"]+)"', rules)
    assert names
    assert all(name.startswith("lotwatch/by-path/") for name in names)
    assert {re.findall(r'LABEL="(\w+)"', rules)[0]} == set(re.findall(r'GOTO="(\w+)"', rules))
    word = r'[A-Z]+(\{[.\w]+\})?(==|!=|=|\+=)"[^"]*"'
    assert all(re.fullmatch(rf"{word}(, {word})*", line) for line in lines)


def test_the_workers_config_is_good() -> None:
    site = load(DEPLOY / "ingest.yaml")
    assert site.broker is not None
    assert (site.broker.tls, site.broker.version, site.broker.port) == (True, "5", 8883)
    assert site.broker.certificate_file
    assert site.broker.key_from


def test_a_pod_a_partition_a_volume() -> None:
    pods = [each for each in documents() if each["kind"] == "StatefulSet"]
    ingest = next(each for each in pods if each["metadata"]["name"] == "lotwatch-ingest")["spec"]
    container = ingest["template"]["spec"]["containers"][0]
    partitions = {each["name"]: each["value"] for each in container["env"]}["LOTWATCH_PARTITIONS"]
    assert int(partitions) == ingest["replicas"]
    assert container["readinessProbe"]
    assert container["livenessProbe"]
    assert '"${HOSTNAME##*-}/${LOTWATCH_PARTITIONS}"' in container["args"][0]


@pytest.mark.parametrize("document", [each for each in documents() if each["kind"] == "StatefulSet"])
def test_manifests_agree_with_themselves(document: dict[str, Any]) -> None:
    spec = document["spec"]
    labels, pod = spec["selector"]["matchLabels"], spec["template"]["spec"]
    assert spec["template"]["metadata"]["labels"] == labels
    volumes = {each["name"] for each in pod["volumes"]}
    volumes |= {each["metadata"]["name"] for each in spec["volumeClaimTemplates"]}
    for container in pod["containers"]:
        assert {each["name"] for each in container["volumeMounts"]} <= volumes
    services = [each for each in documents() if each["kind"] == "Service"]
    assert any(
        each["metadata"]["name"] == spec["serviceName"] and each["spec"]["selector"] == labels
        for each in services
    )


def test_the_systemd_fleet_has_a_standby_for_every_partition() -> None:
    words = unit(DEPLOY / "lotwatch-ingest-standby.service")["Service"]["Environment"].split()
    given = dict(word.split("=") for word in words)
    assert int(given["LOTWATCH_LAST"]) + 1 == int(given["LOTWATCH_PARTITIONS"])
    assert given["LOTWATCH_PARTITIONS"] in unit(DEPLOY / "lotwatch-ingest@.service")["Service"]["Environment"]
