"""The separate writer as two persons meet it: a real device of pymodbus's, the daemon that polls it, its journal."""

from __future__ import annotations

import json
import os
import pty
import signal
import socketserver
import subprocess
import sys
import threading
import time
import tty
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import serial
from click.testing import CliRunner, Result

from gateway.journal import JournalReader
from gateway.serving.keys import make
from gateway.views.audit import acts
from lotwatch_writer.audit import read
from lotwatch_writer.cli import main
from tests.system.servers import DIES_WITH_US, HOST, ROOT, free_port
from tests.system.test_daemon import PATIENCE, Gateway
from tests.unit.writer.kit import Blender

pytestmark = pytest.mark.system

TAG = "hall/line1/blender1/regrind_setpoint"
DEVICE = """
import asyncio, sys
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice
async def main():
    device = SimDevice(1, [SimData(0, values=[0] * 100, datatype=DataType.REGISTERS)])
    server = ModbusTcpServer(context=device, address=("127.0.0.1", int(sys.argv[1])))
    await server.serve_forever()
asyncio.run(main())
"""
LIST = """\
people:
  - {{operator: "17", key: {one}}}
  - {{operator: "18", key: {two}}}
devices:
  - {{name: blender, {device}, unit: 1, timeout: {timeout}}}
setpoints:
  - tag: {tag}
    device: blender
    {what}
    uom: "%"
    low: 0
    high: 30
    step: 30
    per_hour: 10
    interval: 1ms
    propose: ["17"]
    approve: ["17", "18"]
    read_back: {{settle: 10ms}}
"""
FLOAT = "function: 16\n    address: 18\n    type: float32\n    order: CDAB"
WORD = "function: 6\n    address: 16\n    type: int16\n    scale: 0.1"


def until(there: Callable[[], object], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not there():
        assert time.monotonic() < end, what
        time.sleep(0.05)  # between looks at what another process does


class Writer:
    """`lotwatch-writer serve` as a process, and its commands."""

    def __init__(self, folder: Path, device: str, what: str, timeout: str = "1s") -> None:
        self.folder, self.audit, self.socket = folder, folder / "audit", folder / "s"
        self.audit.mkdir()
        one, two = (make(folder / f"{each}.key", each).public.line() for each in ("17", "18"))
        text = LIST.format(one=one, two=two, device=device, tag=TAG, what=what, timeout=timeout)
        self.list = folder / "list.yaml"
        self.list.write_text(text, "utf-8")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [*DIES_WITH_US, sys.executable, "-m", "lotwatch_writer", "serve", str(self.list)]
        command += ["--audit", str(self.audit), "--socket", str(self.socket)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "config/deploy/writer")}
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, env=environment)
        assert self.process.stderr is not None
        said = self.process.stderr.readline()
        assert b"listening at" in said, said

    def end(self, number: int = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        self.process.communicate(timeout=PATIENCE)
        return self.process.returncode

    def kinds(self) -> list[str]:
        return [row.kind for row in read(self.audit)] if (self.audit / "audit.jsonl").exists() else []

    def run(self, *words: object) -> Result:
        return CliRunner().invoke(main, [str(word) for word in words])

    def signs(self, operator: str, *words: object) -> Result:
        key = self.folder / f"{operator}.key"
        return self.run(*words, "--operator", operator, "--key", key, "--socket", self.socket)

    def propose(self, value: float) -> str:
        done = self.signs("17", "propose", TAG, value, "--reason", "runs cold", "--json")
        assert done.exit_code == 0, done.output
        return str(json.loads(done.stdout)["proposal"])

    def approve(self, proposal: str) -> Result:
        return self.signs("18", "approve", proposal[:12], "--yes")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tmp_path.chmod(0o700)
    return tmp_path


@pytest.fixture
def pymodbus(folder: Path) -> Iterator[int]:
    del folder
    port = free_port()
    process = subprocess.Popen([*DIES_WITH_US, sys.executable, "-c", DEVICE, str(port)])
    until(lambda: _listens(port), "the device did not listen")
    yield port
    process.kill()
    process.communicate()


def _listens(port: int) -> bool:
    import socket  # noqa: PLC0415 # of this look alone

    with socket.socket() as end:
        return end.connect_ex((HOST, port)) == 0


def test_two_persons_write_a_setpoint_and_the_journal_knows(folder: Path, pymodbus: int) -> None:
    (folder / "site.yaml").write_text(
        f"""\
site: here
gateway: g1
lines: [{{area: hall, name: line1, cells: [blender1]}}]
buses: [{{name: net, driver: modbus.tcp, address: "{HOST}:{pymodbus}"}}]
devices:
  - {{name: blender, bus: net, unit: 1, cell: hall/line1/blender1, points: [{{name: regrind_setpoint, table: holding,
     address: 18, type: float32, order: CDAB, uom: "%", poll: fast}}]}}
poll_classes: {{fast: 100ms}}
""",
        "utf-8",
    )
    data = folder / "journal"
    gateway = Gateway(folder / "site.yaml", data)
    writer = Writer(folder, f'driver: modbus.tcp, address: "{HOST}:{pymodbus}"', FLOAT)
    done = writer.run("check", writer.list, "--site", folder / "site.yaml")
    assert (done.exit_code, done.output[:18]) == (0, "good: 1 setpoints,"), done.output
    writer.start()
    gateway.wait_until_it_runs()

    done = writer.signs("17", "propose", TAG, "30.5", "--reason", "more")
    assert (done.exit_code, done.stderr) == (1, "lotwatch-writer: 30.5 % is not from 0 to 30\n")
    proposal = writer.propose(22.5)
    done = writer.signs("17", "approve", proposal[:12], "--yes")
    assert (done.exit_code, "nobody approves their own" in done.stderr) == (1, True)
    done = writer.approve(proposal)
    assert (done.exit_code, done.stdout) == (0, f"{TAG}: written: the device holds 22.5 %\n"), done.output

    def polled() -> bool:
        with JournalReader(data) as reader:
            return 22.5 in reader.readings(TAG, 0, 2**62).values

    gateway.wait_until(polled)
    until(lambda: writer.run("tell", "--audit", writer.audit, "--data", data).exit_code == 0, "not told")
    done = writer.run("tell", "--audit", writer.audit, "--data", data)
    assert (done.exit_code, done.stdout) == (0, "told\n")
    with JournalReader(data) as reader:
        rows = acts(reader, 2**62, 100)
    assert [(row["operator"], row["body"]["step"], row["came"]) for row in reversed(rows)] == [
        ("17", "refused", ["setpoint_refused"]),
        ("17", "proposed", ["setpoint_asked"]),
        ("17", "refused", ["setpoint_refused"]),
        ("18", "approved", ["setpoint_asked"]),
        ("18", "written", ["setpoint_written"]),
    ]
    assert rows[-2]["body"]["reason"] == "runs cold"
    verify = ("verify", "--audit", writer.audit, "--data", data, "--list", writer.list)
    done = writer.run(*verify)
    assert (done.exit_code, done.stdout[:18]) == (0, "9 rows, 1 writes, "), done.output
    assert gateway.stop()[0] == 0
    assert writer.end() == 0

    text = (writer.audit / "audit.jsonl").read_text("utf-8")
    (writer.audit / "audit.jsonl").write_text(text.replace('"value":22.5', '"value":12.5'), "utf-8")
    done = writer.run(*verify)
    assert (done.exit_code, "does not follow" in done.stderr) == (1, True), done.output
    done = writer.signs("17", "propose", TAG, "1", "--reason", "x")
    assert (done.exit_code, "no writer listens" in done.stderr) == (69, True)


@pytest.fixture
def blender() -> Iterator[tuple[Blender, int]]:
    """The tests' own device on a real socket, which can be told to say nothing."""
    device = Blender()

    class Talk(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            while data := self.request.recv(300):
                if (said := device(data)) is not None:
                    self.request.sendall(said)

    class Device(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    with Device((HOST, free_port()), Talk) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield device, server.server_address[1]
        server.shutdown()
        thread.join()


def test_a_writer_that_is_killed_in_a_write_reads_and_does_not_repeat(
    folder: Path, blender: tuple[Blender, int]
) -> None:
    device, port = blender
    writer = Writer(folder, f'driver: modbus.tcp, address: "{HOST}:{port}"', WORD, timeout="10s")
    writer.start()
    proposal = writer.propose(12.5)
    device.how = "silent"  # takes it, and gives no answer
    said: list[Any] = []
    asking = threading.Thread(target=lambda: said.append(writer.approve(proposal)))
    asking.start()
    until(lambda: device.writes, "nothing was written")
    writer.end(signal.SIGKILL)
    asking.join(PATIENCE)
    assert (said[0].exit_code, "it is not known what became of it" in said[0].stderr) == (75, True), said[
        0
    ].output
    assert writer.kinds()[-1] == "writing"
    with (writer.audit / "audit.jsonl").open("ab") as file:
        file.write(b'{"n":6,"before":"')  # and a row that the power cut tore
    device.how = "takes"
    writer.start()
    until(lambda: writer.kinds()[-1] == "read_back", "the device was not read")
    assert [row.facts.get("verdict") for row in read(writer.audit) if row.kind == "read_back"] == ["written"]
    assert writer.kinds()[5:] == ["torn", "begun", "read_back"]
    assert len(device.writes) == 1
    assert writer.approve(writer.propose(13.0)).exit_code == 0
    assert writer.end() == 0
    assert writer.run("verify", "--audit", writer.audit).exit_code == 0


def test_a_serial_port_that_the_gateway_has_is_refused_in_words(folder: Path) -> None:
    device = Blender(serial=True)
    master, slave = pty.openpty()
    tty.setraw(slave)
    path = folder / "ttyTEST"
    path.symlink_to(os.ttyname(slave))
    stopped = threading.Event()

    def answers() -> None:
        came = b""
        while not stopped.is_set():
            try:
                came += os.read(master, 300)
            except OSError:
                return
            if len(came) >= 8 and (said := device(came)) is not None:
                came = b""
                os.write(master, said)

    thread = threading.Thread(target=answers)
    thread.start()
    writer = Writer(folder, f"driver: modbus.rtu, address: {path}", WORD)
    writer.start()
    with serial.Serial(str(path), exclusive=True):
        done = writer.signs("17", "propose", TAG, "12.5", "--reason", "x")
        assert done.exit_code == 1
        assert "is held by another program, mostly the gateway" in done.stderr
    done = writer.approve(writer.propose(12.5))
    assert (done.exit_code, done.stdout) == (0, f"{TAG}: written: the device holds 12.5 %\n"), done.output
    assert [each.hex() for each in device.writes] == ["060010007d"]
    assert writer.end() == 0
    stopped.set()
    os.write(slave, b"\0")  # wakes who reads
    thread.join()
    os.close(slave)
    os.close(master)
