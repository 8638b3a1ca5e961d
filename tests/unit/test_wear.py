"""What the kernel tells of a disk, and what it does not tell."""

from __future__ import annotations

import os
from pathlib import Path

from gateway.wear import wear


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
