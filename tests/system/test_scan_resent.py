"""A scanner whose ACK was lost with the gateway's process: it sends its code again, and the code is there once."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.journal import open_readers
from gateway.model import Scan
from tests.system.servers import DIES_WITH_US

PYTHON = (*DIES_WITH_US, sys.executable)
ACK = b"\x06"
PATIENCE = 180  # seconds, on a machine that is busy with something else
SITE = """
site: plant
gateway: gw1
commit: card
poll_classes: {fast: 100ms, normal: 1s, slow: 5s}
buses:
- name: scanner
  driver: serial.barcode
  address: "127.0.0.1:PORT"
  options: {resend_window: 120s}  # on a machine that stalls the scanner's next try may be late
devices:
- {name: scanner1, bus: scanner, map: barcode_scanner, cell: hall/line1/press1}
lines:
- {area: hall, name: line1, cells: [press1]}
scan_points:
- {name: box, device: scanner1, cell: hall/line1/press1, action: open}
"""


class Scanner:
    """A scanner behind a device server, as its technician sees it."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.settimeout(PATIENCE)
        self.port = self._server.getsockname()[1]
        self._line: socket.socket | None = None

    def wait_for_the_gateway(self) -> None:
        if self._line is not None:
            self._line.close()
        self._line, _ = self._server.accept()

    def send(self, code: str, times: int = 2 * PATIENCE) -> int:
        """Once more every half second until it is acknowledged; how often."""
        assert self._line is not None
        self._line.settimeout(0.5)
        for nth in range(1, times + 1):
            self._line.sendall(b"\x02" + code.encode("ascii") + b"\x03")
            try:
                assert self._line.recv(1) == ACK
            except TimeoutError:
                continue
            return nth
        raise AssertionError("no ACK came")

    def close(self) -> None:
        self._server.close()
        if self._line is not None:
            self._line.close()


@pytest.fixture
def scanner() -> Iterator[Scanner]:
    made = Scanner()
    yield made
    made.close()


class Gateway:
    """`lotwatch run`, again and again on the same folder."""

    def __init__(self, port: int, folder: Path) -> None:
        site, self.data = folder / "site.yaml", folder / "data"
        site.write_text(SITE.replace("PORT", str(port)), "utf-8")
        self._command = [*PYTHON, "-m", "gateway", "run", str(site), "--data", str(self.data)]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(self._command)

    def end(self, signal_: signal.Signals = signal.SIGKILL) -> int:
        assert self._process is not None
        self._process.send_signal(signal_)
        return self._process.wait(PATIENCE)

    def wait_for(self, code: str) -> None:
        """Until the newest code is that one."""
        end = time.monotonic() + PATIENCE
        while self.codes()[-1:] != [code]:
            assert time.monotonic() < end
            time.sleep(0.05)  # between looks at what another process does

    def codes(self) -> list[str]:
        with open_readers(self.data)[0] as reader:
            inputs = [given for _, given in reader.inputs(1, reader.last().input)]
        return [given.code for given in inputs if isinstance(given, Scan)]


@pytest.fixture
def gateway(scanner: Scanner, tmp_path: Path) -> Iterator[Gateway]:
    made = Gateway(scanner.port, tmp_path)
    yield made
    made.end()


def test_a_scan_whose_ack_was_lost_with_the_process_is_there_once(scanner: Scanner, gateway: Gateway) -> None:
    gateway.start()
    scanner.wait_for_the_gateway()
    scanner.send("LOT-1")  # it is committed, and let the ACK be lost
    for _ in range(2):  # killed again before anything came
        gateway.end()
        gateway.start()
        scanner.wait_for_the_gateway()
    scanner.send("LOT-1")
    scanner.send("LOT-2")
    gateway.wait_for("LOT-2")  # the ACK that ended `send` may be a late one, of a code that was sent twice
    assert gateway.codes() == ["LOT-1", "LOT-2"]
    gateway.end()
    gateway.start()
    scanner.wait_for_the_gateway()
    scanner.send("LOT-1")  # somebody scans it again: the newest of this point was another
    assert gateway.end(signal.SIGTERM) == 0
    assert gateway.codes() == ["LOT-1", "LOT-2", "LOT-1"]
