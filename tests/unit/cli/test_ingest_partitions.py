"""`lotwatch ingest --partition` and `lotwatch partition`: what they refuse, and what they print."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli import main

pytestmark = pytest.mark.usefixtures("sites_read_here")


def ask(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def ingest(tmp_path: Path, *words: str) -> Result:
    return ask("ingest", "--broker", "mqtt://127.0.0.1:1", "--data", str(tmp_path / "data"), *words)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--partition", "3"], "write partition 3 of 16 as 3/16"),
        (["--partition", "16/16"], "16 partitions are numbered 0 to 15"),
        (["--standby", "0/0"], "there are 1 to 1024 partitions"),
        (["--partition", "0/4", "--standby", "1/8"], "one number of partitions"),
        (["--partition", "0/4", "--site", "north"], "a partition has the sites that fall to it"),
    ],
)
def test_what_cannot_be_is_a_usage_error(tmp_path: Path, words: list[str], told: str) -> None:
    done = ingest(tmp_path, *words)
    assert done.exit_code == 2
    assert told in done.output
    assert not (tmp_path / "data").exists()


@pytest.mark.long
def test_partitions_need_mqtt_5(tmp_path: Path) -> None:
    config = tmp_path / "site.yaml"
    done = ask("init", str(tmp_path / "start"))
    assert done.exit_code == 0
    config = tmp_path / "start" / "site.yaml"
    broker = ["--set", "broker.host=127.0.0.1", "--set", "broker.version=3.1.1"]
    done = ask("ingest", str(config), *broker, "--data", str(tmp_path / "data"), "--partition", "0/4")
    assert done.exit_code == 2
    assert "only MQTT 5 says who took a session over" in done.output


def test_partition_says_where_a_site_belongs_and_what_moves() -> None:
    assert ask("partition", "--of", "4", "north", "south").output == "north 3\nsouth 1\n"
    assert json.loads(ask("partition", "--of", "4", "north", "--json").output) == {"north": 3}
    moved = ask("partition", "--of", "2", "--was", "1", "north", "south").output
    assert moved == "south 0 1\n"
    asked = ["partition", "--of", "2", "--was", "1", "north", "south", "--json"]
    assert json.loads(ask(*asked).output) == {"south": {"from": 0, "to": 1}}


def test_partition_finds_the_sites_of_a_folder(tmp_path: Path) -> None:
    replica = tmp_path / "north%20hall" / "box-e5f1"
    replica.mkdir(parents=True)
    (replica / "journal.sqlite").touch()
    (tmp_path / "empty").mkdir()
    assert ask("partition", "--of", "1", "--data", str(tmp_path)).output == "north hall 0\n"
    assert ask("partition", "--of", "1").exit_code == 2
