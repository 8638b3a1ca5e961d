"""`lotwatch ingest --sparkplug`: what is refused before anything is dialled."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from gateway.cli import main

BROKER = ("ingest", "--broker", "mqtt://127.0.0.1:1")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--sparkplug", "acme"), "no database to write to"),
        (("--sparkplug", "a/b", "--database", "http://127.0.0.1:1"), "a group has no + / #"),
        (("--sparkplug", "", "--database", "http://127.0.0.1:1"), "a group has 1 to 255 bytes"),
        (
            ("--sparkplug", "+", "--sparkplug-host", "#", "--database", "http://127.0.0.1:1"),
            "a host has no + / #",
        ),
    ],
)
def test_usage_errors(tmp_path, words, told):
    done = CliRunner().invoke(main, [*BROKER, "--data", str(tmp_path), *words])
    assert (done.exit_code, told in done.output) == (2, True), done.output
