"""``python -m simulators``: bad input is answered in words, never by a traceback."""

import pytest
from click.testing import CliRunner

from simulators.__main__ import main


def invoke(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


def test_a_recording_is_written(tmp_path):
    assert invoke("record", tmp_path / "r.csv", "--rows", 3).exit_code == 0
    assert len((tmp_path / "r.csv").read_text().splitlines()) == 4


def test_bad_input_is_said_in_words(tmp_path):
    script, table, site = tmp_path / "script", tmp_path / "t.csv", tmp_path / "site.yaml"
    script.write_text("at noon: press1 silent\n")
    table.write_text("time\n")
    site.write_text("sight: x\n")
    for words, code, said in (
        (["demo", "--run-dir", tmp_path, "--script", script], 78, "line 1: 'at noon: press1 silent' is not"),
        (["demo", "--run-dir", tmp_path, "--site", site], 78, "sight"),
        (["play", table], 78, "no columns beside the time"),
        (["account", "--run-dir", tmp_path, "--replica", tmp_path], 75, "no account"),
        (["fly"], 2, "No such command"),
        (["load", "--devices", "0"], 2, "0 is not in the range"),
    ):
        told = invoke(*words)
        assert (told.exit_code, said in told.output) == (code, True), told.output
        assert "Traceback" not in told.output


@pytest.mark.parametrize("command", ["demo", "account", "play", "record", "load"])
def test_every_command_has_help(command):
    told = invoke(command, "--help")
    assert told.exit_code == 0
    assert "Usage" in told.output
