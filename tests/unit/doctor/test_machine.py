"""Clock, disk, wear: by what a kernel of a test says."""

from __future__ import annotations

import dataclasses
import os
from types import SimpleNamespace

import pytest

from gateway.doctor import machine
from gateway.doctor.machine import MADE_NS, Machine
from gateway.site.room import Room


def room(free, *, flags=0, files=1.0):
    return SimpleNamespace(
        f_frsize=4_000_000,
        f_blocks=1000,
        f_bavail=round(1000 * free),
        f_files=1000,
        f_favail=round(1000 * files),
        f_flag=flags,
    )


@pytest.fixture
def kernel(tmp_path):
    (tmp_path / "class" / "rtc" / "rtc0").mkdir(parents=True)
    mounts = tmp_path / "mounts"
    mounts.write_text("/dev/sda1 / ext4 rw 0 0\n")
    return Machine(tmp_path, mounts, lambda: True, lambda _: room(0.5))


def codes(found):
    return [each.code for each in found]


def test_a_clock_that_is_kept_right(kernel):
    assert machine.clock(MADE_NS, kernel) == []


@pytest.mark.parametrize(
    ("kept", "now_ns", "code"), [(False, MADE_NS, "LW201"), (None, MADE_NS, "LW202"), (True, 0, "LW203")]
)
def test_a_clock_that_is_not(kernel, kept, now_ns, code):
    assert codes(machine.clock(now_ns, dataclasses.replace(kernel, synchronised=lambda: kept))) == [code]


def test_no_battery_clock(kernel, tmp_path):
    (tmp_path / "class" / "rtc" / "rtc0").rmdir()
    (found,) = machine.clock(MADE_NS, kernel)
    assert (found.code, found.warning) == ("LW204", True)


@pytest.mark.parametrize(("free", "expected"), [(0.21, []), (0.19, [True]), (0.09, [False]), (0.01, [False])])
def test_room_on_the_disk(kernel, tmp_path, free, expected):
    found = machine.disk(tmp_path, dataclasses.replace(kernel, statvfs=lambda _: room(free)))
    assert [each.warning for each in found] == expected
    assert set(codes(found)) <= {"LW302"}


def test_a_disk_that_is_read_only(kernel, tmp_path):
    found = machine.disk(
        tmp_path, dataclasses.replace(kernel, statvfs=lambda _: room(0.5, flags=os.ST_RDONLY))
    )
    assert codes(found) == ["LW304"]


def test_a_disk_without_inodes(kernel, tmp_path):
    found = machine.disk(tmp_path, dataclasses.replace(kernel, statvfs=lambda _: room(0.5, files=0.01)))
    assert codes(found) == ["LW307"]


def test_a_folder_in_memory_by_its_nearest_mount(kernel, tmp_path):
    kernel.mounts.write_text(f"/dev/sda1 / ext4 rw 0 0\ntmpfs {tmp_path} tmpfs rw 0 0\n")
    assert codes(machine.disk(tmp_path / "not" / "there" / "yet", kernel)) == ["LW303"]


@pytest.mark.parametrize(("mode", "expected"), [(0o600, []), (0o640, ["LW308"]), (0o604, ["LW308"])])
def test_a_key_that_others_can_read(tmp_path, mode, expected):
    assert machine.key(tmp_path) == []
    (tmp_path / "ledger.key").touch(mode)
    (tmp_path / "ledger.key").chmod(mode)
    assert codes(machine.key(tmp_path)) == expected


@pytest.mark.parametrize(
    ("life", "used", "warning"), [("0x09 0x01", "80% to 90%", True), ("0x01 0x0b", "all", False)]
)
def test_a_card_that_is_worn(kernel, tmp_path, life, used, warning):
    device = tmp_path / "block" / "mmcblk0" / "device"
    device.mkdir(parents=True)
    (device / "life_time").write_text(f"{life}\n")
    (found,) = machine.wear(kernel)
    assert (found.code, found.facts["used"], found.warning) == ("LW305", used, warning)


@pytest.mark.parametrize("life", ["0x03 0x01", "0x00 0x00", "what"])
def test_a_card_that_is_not_or_does_not_say(kernel, tmp_path, life):
    device = tmp_path / "block" / "mmcblk0" / "device"
    device.mkdir(parents=True)
    (device / "life_time").write_text(life)
    assert machine.wear(kernel) == []


@pytest.mark.parametrize(("quota", "expected"), [(10**9, []), (4_000_000, ["LW309"]), (4_400_000, ["LW309"])])
def test_a_folder_at_its_quota(kernel, tmp_path, quota, expected):
    (tmp_path / "2026-11.chunks").write_bytes(b"x" * 4_000_000)
    found = machine.folder(tmp_path, Room(quota=quota, ballast_bytes=0), plenty(kernel))
    assert codes(found) == expected
    assert all(each.warning for each in found)


def test_a_ballast_that_is_not_there_is_told_of_a_journal_that_has_begun(kernel, tmp_path):
    assert machine.folder(tmp_path / "not yet", Room(), plenty(kernel)) == []
    assert machine.folder(tmp_path, Room(), plenty(kernel)) == []
    (tmp_path / "journal.sqlite").touch()
    (found,) = machine.folder(tmp_path, Room(), plenty(kernel))
    assert (found.code, found.warning) == ("LW310", False)
    assert machine.folder(tmp_path, Room(ballast_bytes=0), plenty(kernel)) == []
    (tmp_path / "ballast").touch()
    assert machine.folder(tmp_path, Room(), plenty(kernel)) == []


def plenty(kernel):
    return dataclasses.replace(kernel, statvfs=lambda _: room(0.5))
