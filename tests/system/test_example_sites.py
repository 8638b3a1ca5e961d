"""Each example site runs against the simulators as shipped: devices, lots, ratios and charts, and nothing breaks."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from gateway.config import load
from gateway.demo.broker import free_port
from gateway.journal import open_readers
from gateway.model import BAD_FROM, LotChanged, LotMade, Noted, Reading
from gateway.resources import config_dir
from tests.system.simulators_running import demo
from tests.system.test_daemon import Gateway, records

SPEED = "3"  # plant seconds in a second: a box is full in less than three
EACH = 3  # good readings of every group
BESIDE = {"example-moulding": "feeder1", "example-zh": "wsb1"}  # dosing equipment of line 2


def is_whole(data: Path, groups: set[str], beside: str) -> bool:
    """Whether a box is over with its ratio, every group was read often enough with no bad value, and line 2 doses."""
    with open_readers(data)[0] as reader:
        events = [event for _, _, event in reader.events(1, reader.last().event)]
    if not any(isinstance(event, Noted) and event.kind == "ratio_lot" for event in events):
        return False
    read = [given for given in records(data)[0] if isinstance(given, Reading)]
    good = Counter(
        given.group for given in read if all(quality < BAD_FROM for quality in given.quality.tolist())
    )
    shown = {tuple(given.values.tolist()) for given in read if given.group == beside}
    return len(shown) > 1 and all(good[group] >= EACH for group in groups)


class Run:
    """One site, its simulators and its gateway."""

    def __init__(self, name: str, folder: Path, stack: ExitStack) -> None:
        folder.mkdir()
        self.name, self.data = name, folder / "journal"
        site = config_dir() / name / "site.yaml"
        self.polled = {group.id for device in load(site).devices for group in device.groups if group.points}
        words = ("--site", str(site), "--no-faults", "--waits", "--speed", SPEED)
        ports = stack.enter_context(demo(folder, *words))
        addresses = [f"buses.{bus}.address={address}" for bus, address in ports.items()]
        # nobody is told anything by a test: its mail server is not there
        quiet = ["alerts.mail.host=127.0.0.1", "alerts.mail.port=1", f"web.port={free_port()}"]
        self.gateway = Gateway(site, self.data, *addresses, *quiet)


@pytest.mark.system
def test_the_example_sites_run_against_the_simulators(tmp_path: Path) -> None:
    with ExitStack() as stack:
        runs = [Run(name, tmp_path / name, stack) for name in BESIDE]
        for run in runs:
            run.gateway.wait_until_it_runs()
        for run in runs:
            run.gateway.wait_until(partial(is_whole, run.data, run.polled, f"{BESIDE[run.name]}/normal"))
        for run in runs:
            code, said = run.gateway.stop()
            assert code == 0
            assert "Traceback" not in said
    for run in runs:
        look(run)


def look(run: Run) -> None:
    """What its journal has to say."""
    _, events = records(run.data)
    noted = [event for event in events if isinstance(event, Noted)]
    notes = Counter(event.kind for event in noted)
    assert notes["fold_failed"] == 0
    assert notes["plan_in_force"] > 0
    assert notes["mass_unknown"] == notes["mass_gap"] == 0, "every kilogram of every meter is known"
    assert any(event.kind == "box" and event.kg > 0 for event in events if isinstance(event, LotMade))
    assert {event.change for event in events if isinstance(event, LotChanged)} >= {"opened", "closed"}
    due = {(event.subject, str(event.facts.get("lot", ""))) for event in noted if event.kind == "check_due"}
    assert ("resin_moisture", "09506000134352:R26-0001") in due
    assert not any(row.startswith("resin") and not lot.startswith("09506000134352:") for row, lot in due)
