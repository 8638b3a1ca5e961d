"""What the kernel tells of a disk, and what it does not tell."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gateway.box.wear import COMMIT_BYTES, VALUE_BYTES, budget, wear
from gateway.layout import Field
from gateway.site import Bus, Device, Group, Point, Site


def system(tmp_path, folder, partition=True, **files):
    """A tree as Linux has it below /sys: the numbered link leads to a partition inside its disk."""
    number = folder.stat().st_dev
    disk = tmp_path / "devices" / "mmcblk0"
    place = disk / "mmcblk0p2" if partition else disk
    (disk / "device").mkdir(parents=True)
    place.mkdir(exist_ok=True)
    if partition:
        (place / "partition").write_text("2\n")
        (place / "stat").write_text("1 " * 17)
    for name, text in files.items():
        (disk / name.replace("device_", "device/")).write_text(text)
    (tmp_path / "block").mkdir()
    (tmp_path / "block" / f"{os.major(number)}:{os.minor(number)}").symlink_to(place)
    return tmp_path / "block"


# a line of Documentation/block/stat.rst of Linux has 17 numbers: the 7th is sectors written
STAT = "  267961    75363 14489554    84511  5862740  1526679 193792232  4530027        0   782548  5076597\n"


def test_a_card_says_how_much_of_its_life_is_used(tmp_path):
    files = {"stat": STAT, "device_life_time": "0x03 0x05\n", "device_pre_eol_info": "0x02\n"}
    found = wear(tmp_path, system(tmp_path, tmp_path, **files))
    assert found == {"written": 193792232 * 512, "used_pct": 50, "reserve": "warning"}


def test_one_that_is_past_its_life_says_more_than_all(tmp_path):
    found = wear(tmp_path, system(tmp_path, tmp_path, partition=False, device_life_time="0x0b 0x00\n"))
    assert found == {"written": None, "used_pct": 110, "reserve": None}


def test_a_disk_that_says_nothing_is_not_guessed_at(tmp_path):
    assert set(wear(tmp_path, tmp_path / "none").values()) == {None}
    assert set(wear(Path("/nowhere"), tmp_path).values()) == {None}
    found = wear(tmp_path, system(tmp_path, tmp_path, device_life_time="0x00 0x00\n"))
    assert found["used_pct"] is None


def site_of(profile, tags=20, period_ns=10**9):
    points = tuple(Point(f"t{n}", f"a/l/c/t{n}", Field("uint16")) for n in range(tags))
    group = Group("d/fast", "d", period_ns, points, 5 * 10**9)
    bus, device = Bus("b", "modbus.tcp", "h:1"), Device("d", "b", "m", 1, "a/l/c", (group,) if tags else ())
    return Site("s", "g", (bus,), (device,), commit=profile)


# `python -m benchmarks write_budget`, 20 tags at 1 Hz: card 0.189 GB, minute 0.055 GB a day
@pytest.mark.parametrize(("profile", "loss_s", "measured"), [("card", 10, 0.189e9), ("minute", 60, 0.055e9)])
def test_the_estimate_is_what_was_measured(profile, loss_s, measured):
    found = budget(site_of(profile))
    assert (found["profile"], found["loss_s"]) == (profile, loss_s)
    assert found["bytes_a_day"] == pytest.approx(measured, rel=0.15)
    assert found["years"] == pytest.approx(4e12 / found["bytes_a_day"] / 365.25, abs=0.1)


def test_a_site_that_reads_seldom_commits_seldom_and_one_that_reads_nothing_not():
    assert budget(site_of("ssd", 1, 60 * 10**9))["bytes_a_day"] == round(1440 * (COMMIT_BYTES + VALUE_BYTES))
    assert budget(site_of("ssd", 0))["years"] is None
