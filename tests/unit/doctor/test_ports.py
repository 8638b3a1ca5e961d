"""Ports, on real ptys and sockets of this machine."""

from __future__ import annotations

import fcntl
import os
import pty
import socket

import pytest

from gateway.doctor import load, ports
from gateway.layout import Field
from gateway.site import Bus, Device, Group, Point, Site


def codes(found):
    return [each.code for each in found]


@pytest.fixture
def line():
    near, far = pty.openpty()
    yield os.ttyname(far)
    os.close(near)
    os.close(far)


def bus(address, **more):
    return Bus("b", "modbus.rtu", address, **more)


def test_a_port_that_is_there_and_free(line):
    assert ports.bus(bus(line), running=False) == []


def test_a_port_that_is_not_there():
    (found,) = ports.bus(bus("/dev/ttyNONE0"), running=False)
    assert found.code == "LW101"
    assert "/dev/ttyNONE0" in found.words("en").said


def test_a_port_that_another_program_has_taken(line):
    holder = os.open(line, os.O_RDWR | os.O_NOCTTY)
    fcntl.flock(holder, fcntl.LOCK_EX)
    try:
        assert codes(ports.bus(bus(line), running=False)) == ["LW103"]
        assert ports.bus(bus(line), running=True) == []  # the daemon's own
    finally:
        os.close(holder)


def test_a_name_that_may_change_and_the_one_that_stays(tmp_path):
    port = tmp_path / "ttyUSB0"
    port.touch()
    stable = tmp_path / "by-id"
    stable.mkdir()
    (stable / "usb-FTDI_1").symlink_to(port)
    (found,) = ports.bus(bus(str(port)), running=True, stable=(stable,))
    assert (found.code, found.warning) == ("LW104", True)
    assert f"{stable}/usb-FTDI_1" in found.words("zh").fix


def test_a_port_of_others(tmp_path):
    port = tmp_path / "ttyS0"
    port.touch()
    (found,) = ports.bus(bus(str(port)), running=False, may=lambda *_: False)  # root may open everything
    assert found.code == "LW102"
    assert port.group() in found.words("en").command


def test_a_socket_that_answers_and_one_that_does_not():
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        assert ports.bus(Bus("b", "modbus.tcp", address), running=True) == []
        assert codes(ports.listening("127.0.0.1", server.getsockname()[1])) == ["LW106"]
    assert codes(ports.bus(Bus("b", "modbus.tcp", address), running=True)) == ["LW105"]


def test_a_bus_that_cannot_keep_its_schedule():
    points = tuple(Point(f"p{at}", f"a/l/c/p{at}", Field("float32"), "holding", 200 * at) for at in range(40))
    for period_ns, code in ((1_000_000_000, "LW701"), (1_600_000_000, "LW702"), (60_000_000_000, None)):
        device = Device("d", "b", "", 1, "a/l/c", (Group("d/x", "d", period_ns, points, 10**10),))
        row = bus("/dev/ttyS0", baud=9600)
        found = load.load(Site("s", "g", (row,), (device,)), row, "site.yaml")
        assert codes(found) == ([code] if code else [])
        assert all(each.facts["worst"] == "d/x" for each in found)
