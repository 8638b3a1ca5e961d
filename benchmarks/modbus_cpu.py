"""CPU of the Modbus client per million registers, against libmodbus and pymodbus: python -m benchmarks.modbus_cpu

Reads of 125 registers from one server process in the same run, one after another. Ours is the whole driver: request,
checks, decode, scale, quality, time stamp, a Reading; libmodbus decodes and scales, pymodbus decodes only. Measured is
the client's own CPU time (user and system, RUSAGE_SELF), the median of some rounds in which the clients take turns.
"""

from __future__ import annotations

import asyncio
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Coroutine
from pathlib import Path

from benchmarks._table import Row, machine, print_table

REGISTERS = 125
READS = 4_000  # per client and round
ROUNDS = 5
UVLOOP_REACH, ASYNCIO_REACH = 1.5, 4.0


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


async def ours(port: int) -> float:
    """Our driver over our line."""
    from drivers.modbus import tcp  # noqa: PLC0415 # each client in its own process loads only itself
    from gateway.clock import SystemClock  # noqa: PLC0415
    from gateway.layout import Field  # noqa: PLC0415
    from gateway.lines.tcp import TcpLine  # noqa: PLC0415
    from gateway.site import Bus, Device, Group, Point  # noqa: PLC0415

    points = tuple(
        Point(f"p{i}", f"a/b/c/p{i}", Field("uint16", scale="0.1"), "holding", i) for i in range(REGISTERS)
    )
    group = Group("d/fast", "d", 100_000_000, points, 1_000_000_000)
    device = Device("d", "b", "any", 1, "a/b/c", (group,))
    clock = SystemClock()
    line = TcpLine("127.0.0.1", port, clock)
    bus = Bus("b", "modbus.tcp", f"127.0.0.1:{port}")
    driver = tcp.build(bus=bus, devices=[device], line=line, clock=clock)
    for _ in range(200):
        reading = await driver.poll(device, group)
        assert reading.values[124] == 12.4
        assert not reading.quality.any()
    before = _cpu()
    for _ in range(READS):
        await driver.poll(device, group)
    spent = _cpu() - before
    await driver.close()
    return spent


async def bare(port: int) -> float:
    """Our line alone: the same bytes out and in, nothing looked at. What no client on this loop can save."""
    from gateway.clock import SystemClock  # noqa: PLC0415
    from gateway.lines.tcp import TcpLine  # noqa: PLC0415

    clock = SystemClock()
    line = TcpLine("127.0.0.1", port, clock)
    request = bytes.fromhex("00010000000601030000") + REGISTERS.to_bytes(2, "big")
    for _ in range(200):
        await line.send(request)
        await line.receive(clock.boottime_ns() + 1_000_000_000)
    before = _cpu()
    for _ in range(READS):
        await line.send(request)
        await line.receive(clock.boottime_ns() + 1_000_000_000)
    spent = _cpu() - before
    await line.close()
    return spent


async def pymodbus(port: int) -> float:
    """pymodbus's asyncio client."""
    from pymodbus.client import AsyncModbusTcpClient  # noqa: PLC0415

    client = AsyncModbusTcpClient("127.0.0.1", port=port)
    await client.connect()
    for _ in range(50):
        answer = await client.read_holding_registers(0, count=REGISTERS, device_id=1)
        assert answer.registers[124] == 124
    before = _cpu()
    for _ in range(READS):
        await client.read_holding_registers(0, count=REGISTERS, device_id=1)
    spent = _cpu() - before
    client.close()
    return spent


def _client(name: str, port: int) -> float:
    """CPU seconds of a client in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.modbus_cpu", name, str(port)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    return float(done.stdout)


def _libmodbus(folder: Path) -> Path | None:
    """The compiled peer, or None where there is no compiler or no libmodbus (Debian: libmodbus5)."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        return None
    source, program = Path(__file__).with_name("modbus_peer.c"), folder / "modbus_peer"
    command = [compiler, "-O2", str(source), "-o", str(program), "-l:libmodbus.so.5"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    return program if done.returncode == 0 else None


def measure() -> dict[str, float]:
    """CPU seconds per million registers, by client; without "libmodbus" where it cannot be built."""
    server = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.modbus_server"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        with tempfile.TemporaryDirectory() as folder:
            program = _libmodbus(Path(folder))
            clients: dict[str, Callable[[], float]] = {
                name: lambda name=name: _client(name, port)  # type: ignore[misc] # mypy: lambda with a default
                for name in ("uvloop", "bare", "asyncio", "pymodbus")
            }
            if program is not None:
                command = [str(program), str(port), str(READS)]
                clients["libmodbus"] = lambda: float(subprocess.check_output(command, timeout=120))
            rounds = [{name: client() for name, client in clients.items()} for _ in range(ROUNDS)]
    finally:
        server.terminate()
        server.wait()
    million = 1e6 / (READS * REGISTERS)
    return {name: statistics.median(each[name] for each in rounds) * million for name in clients}


def run(data: Path | None = None) -> list[Row]:
    """The rows of this figure."""
    del data
    cpu = measure()
    peer = cpu.get("libmodbus")
    peer_text = f"libmodbus C {peer:.3f} s" if peer else "libmodbus5 or gcc is missing"
    rows = []
    for name, what, reach in (
        ("uvloop", "CPU per 1e6 registers, uvloop", UVLOOP_REACH),
        ("bare", "... of it socket, loop and line, nothing decoded", 0.0),
        ("asyncio", "CPU per 1e6 registers, plain asyncio", ASYNCIO_REACH),
        ("pymodbus", "... pymodbus's client, decode only", 0.0),
    ):
        ratio = cpu[name] / peer if peer else None
        rows.append(
            Row(
                what,
                peer_text,
                f"<= {reach:g} x" if reach else "",
                f"{cpu[name]:.3f} s",
                f"{ratio:.2f} x" if ratio else "",
                reached=ratio <= reach if ratio and reach else None,
            )
        )
    return rows


def main() -> None:
    if len(sys.argv) == 3:
        _one_client(sys.argv[1], int(sys.argv[2]))
        return
    print(machine())
    print_table(run())


def _one_client(name: str, port: int) -> None:
    clients: dict[str, Callable[[int], Coroutine[None, None, float]]] = {"bare": bare, "pymodbus": pymodbus}
    work = clients.get(name, ours)
    if name in {"uvloop", "bare"}:
        import uvloop  # noqa: PLC0415

        print(uvloop.run(work(port)))
    else:
        print(asyncio.run(work(port)))


if __name__ == "__main__":
    main()
