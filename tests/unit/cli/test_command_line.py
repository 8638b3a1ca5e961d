"""The command line as a whole: every command is found, documented, and stops in words."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from gateway.cli import Commands, main, said_of

ROOT = Path(__file__).parents[3]
REFERENCE = (ROOT / "docs" / "reference" / "cli.md").read_text("utf-8")
CONTEXT = click.Context(main)
NAMES = main.list_commands(CONTEXT)


def command_of(name: str) -> click.Command:
    command = main.get_command(CONTEXT, name)
    assert command is not None
    return command


def test_the_commands_of_this_version_are_there() -> None:
    wanted = "audit check decode demo export ingest init lot replay run spc trace"
    assert set(wanted.split()) <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_command_and_option_is_in_the_reference(name: str) -> None:
    assert f"## lotwatch {name}\n" in REFERENCE
    section = REFERENCE.split(f"## lotwatch {name}\n")[1].split("\n## ")[0]
    for parameter in command_of(name).params:
        long = max(parameter.opts, key=len)
        shown = long if long.startswith("-") else parameter.human_readable_name.upper()
        assert f"`{shown}" in section, f"{name}: {shown} is not in docs/reference/cli.md"


@pytest.mark.parametrize("name", NAMES)
def test_help_says_what_it_does(name: str) -> None:
    done = CliRunner().invoke(main, [name, "--help"])
    assert done.exit_code == 0
    assert command_of(name).help


def test_a_wrong_word_gets_the_nearest_right_one() -> None:
    done = CliRunner().invoke(main, ["chekc"])
    assert done.exit_code == 2
    assert "did you mean check?" in done.output


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_can_complete_it(shell: str) -> None:
    done = CliRunner().invoke(main, [], prog_name="lotwatch", env={"_LOTWATCH_COMPLETE": f"{shell}_source"})
    assert "_LOTWATCH_COMPLETE" in done.output


@pytest.mark.long
def test_a_config_that_is_not_good_stops_run_with_every_problem(tmp_path: Path) -> None:
    bad = tmp_path / "site.yaml"
    bad.write_text("site: x\nbuses: 3\n", "utf-8")
    done = CliRunner().invoke(main, ["run", str(bad), "--data", str(tmp_path / "data")])
    assert done.exit_code == 78
    assert f"{bad}:2:8: buses" in done.output
    assert "nothing was started" in done.output
    assert not (tmp_path / "data").exists()


def test_an_override_without_a_value_is_a_usage_error(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["run", str(tmp_path / "site.yaml"), "--set", "broker.port"])
    assert done.exit_code == 2
    assert "PATH=VALUE" in done.output


@pytest.mark.long
def test_decode_does_not_load_what_run_needs() -> None:
    code = "import sys; from gateway.cli import main; main(['decode', 'LOT-1'], standalone_mode=False)"
    code += "; print([name for name in ('aiomqtt', 'pydantic', 'sqlite3') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_what_help_reads_in_the_files_is_what_the_commands_say():
    group = main
    assert isinstance(group, Commands)
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        assert said_of(name, 70) == command.get_short_help_str(70) != "", name
