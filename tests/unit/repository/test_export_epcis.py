"""`lotwatch export epcis`."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from gateway.cli import main
from tests.unit.epcis.official import assert_valid, problems
from tests.unit.repository.plant import BOX, PALLET


@pytest.fixture
def export(folder):
    def run(*args):
        return CliRunner().invoke(main, ["export", "epcis", "--data", str(folder), *args])

    return run


def test_one_document_of_all(export):
    done = export()
    assert done.exit_code == 0
    document = json.loads(done.stdout)
    assert problems(document) == []
    assert len(document["epcisBody"]["eventList"]) == 17


def test_one_event_a_line(export):
    done = export("--lines", "--from", "2027-01-15T08:06:40Z")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(events) == 7
    assert_valid([{name: value for name, value in event.items() if name != "@context"} for event in events])


def test_the_events_of_a_lot(export):
    some = json.loads(export("--lot", PALLET).stdout)["epcisBody"]["eventList"]
    assert len(some) == 4
    more = json.loads(export("--lot", PALLET, "--lot", BOX).stdout)["epcisBody"]["eventList"]
    assert len(more) == 12


def test_no_event_is_a_document_too(export):
    document = json.loads(export("--to", "2020-01-01").stdout)
    assert document["epcisBody"] == {"eventList": []}
    assert problems(document) == []


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (["--lot", "nobody"], 1, "no lot nobody here"),
        (["--from", "soon"], 2, "write a time as"),
        (["--from", "2027-01-02", "--to", "2027-01-01"], 2, "is not after"),
        (["--data", "/nonexistent"], 2, "no journal"),
    ],
)
def test_what_cannot_be_is_said(export, args, code, words):
    done = export(*args)
    assert done.exit_code == code
    assert words in done.stderr
    assert done.stdout == ""
