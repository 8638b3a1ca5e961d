"""The demo's devices as real clients see them: libmodbus (mbpoll), pymodbus's client, pyserial."""

import asyncio
import json
import math
import re
import subprocess
from pathlib import Path

import pytest
import serial
from pymodbus.client import AsyncModbusTcpClient, ModbusSerialClient, ModbusTcpClient

from gateway.config import load
from gateway.resources import config_dir
from simulators.load import word_of
from simulators.recording import read_recording
from simulators.served import read_served
from tests.system.simulators_running import PATIENCE, demo, run, stop, wait_for

RECORDING = Path(__file__).parent.parent / "data" / "recording_glitches.csv"
SITE = config_dir() / "demo" / "site.yaml"


@pytest.fixture(scope="module")
def calm(tmp_path_factory):
    """A demo without faults: its ports and its folder."""
    folder = tmp_path_factory.mktemp("calm")
    with demo(folder, "--no-faults") as ports:
        yield ports, folder


def poll(mbpoll, *words):
    """Values by address as mbpoll prints them."""
    done = subprocess.run(
        [mbpoll, "-0", "-1", "-o", "10", *words],  # the longest wait for an answer that it allows
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    values = dict(re.findall(r"^\[(\d+)\]:\s+(\S+)", done.stdout, re.MULTILINE))
    return {int(place): value for place, value in values.items()}, done.stdout + done.stderr


def test_every_bus_of_the_demo_is_served(calm):
    ports, _ = calm
    assert set(ports) == {bus.name for bus in load(SITE).buses}


def test_libmodbus_reads_what_the_plan_calls_nominal(calm, mbpoll):
    ports, _ = calm
    port = ports["presses"].split(":")[1]
    tcp = ("-m", "tcp", "-p", port, "127.0.0.1")
    wait_for(
        lambda: (
            poll(mbpoll, "-a", "1", "-r", "100", "-c", "1", "-t", "4:int", "-B", *tcp)[0].get(100)
            not in ("0", None)
        )
    )
    floats, _ = poll(mbpoll, "-a", "1", "-r", "102", "-c", "6", "-t", "4:float", "-B", *tcp)
    assert float(floats[102]) == pytest.approx(6.0, abs=0.6)
    assert float(floats[112]) == pytest.approx(42.0, abs=0.4)
    bits, _ = poll(mbpoll, "-a", "2", "-r", "0", "-c", "3", "-t", "1", *tcp)
    assert bits == {0: "1", 1: "0", 2: "1"}
    coils, _ = poll(mbpoll, "-a", "2", "-r", "0", "-c", "1", "-t", "0", *tcp)
    assert coils == {0: "1"}
    port = ports["material"].split(":")[1]
    dryer, _ = poll(mbpoll, "-a", "2", "-r", "0", "-c", "1", "-t", "3", "-m", "tcp", "-p", port, "127.0.0.1")
    assert int(dryer[0]) == pytest.approx(800, abs=20)
    silo, _ = poll(
        mbpoll, "-a", "3", "-r", "0", "-c", "1", "-t", "3:float", "-m", "tcp", "-p", port, "127.0.0.1"
    )
    assert 300 < float(silo[0]) <= 1205  # mbpoll's own order is CDAB; of 1200 kg some are used up by now


def test_libmodbus_is_refused_as_the_standard_says(calm, mbpoll):
    port = calm[0]["presses"].split(":")[1]
    tcp = ("-m", "tcp", "-p", port, "127.0.0.1")
    assert "Illegal data address" in poll(mbpoll, "-a", "1", "-r", "900", "-c", "1", "-t", "4", *tcp)[1]
    assert (
        "Target device failed to respond" in poll(mbpoll, "-a", "9", "-r", "0", "-c", "1", "-t", "4", *tcp)[1]
    )


def test_libmodbus_reads_the_serial_line(calm, mbpoll):
    rtu = ("-m", "rtu", "-b", "38400", "-P", "none", calm[0]["regrind"])
    values, said = poll(mbpoll, "-a", "1", "-r", "0", "-c", "2", "-t", "4", *rtu)
    assert int(values[0]) == pytest.approx(75, abs=20), said
    values, said = poll(mbpoll, "-a", "2", "-r", "0", "-c", "2", "-t", "3", *rtu)
    assert int(values[0]) == pytest.approx(800, abs=20), said
    assert "timed out" in poll(mbpoll, "-a", "7", "-r", "0", "-c", "1", "-t", "4", "-o", "0.3", *rtu)[1]


def test_pymodbus_reads_a_batch_in_one_moment_and_the_log_has_it(calm):
    ports, folder = calm
    host, port = ports["material"].split(":")
    with ModbusTcpClient(host, port=int(port), timeout=PATIENCE) as client:
        wait_for(lambda: client.read_holding_registers(0, count=2, device_id=1).registers[1] > 1)
        words = client.read_holding_registers(0, count=26, device_id=1).registers
        decode = client.convert_from_registers
        doses = [decode(words[place : place + 2], client.DATATYPE.FLOAT32) for place in (2, 4, 6, 8)]
        share = decode(words[10:12], client.DATATYPE.FLOAT32)
        mass = decode(words[12:14], client.DATATYPE.FLOAT32)
        assert sum(doses) == pytest.approx(mass, rel=1e-5)
        assert 100 * doses[1] / mass == pytest.approx(share, rel=1e-5)
        assert share == pytest.approx(25.0, abs=2.5)
        assert decode(words[18:20], client.DATATYPE.FLOAT32, word_order="little") == 25.0
        recipe = client.read_holding_registers(50, count=8, device_id=1).registers
        assert decode(recipe, client.DATATYPE.STRING) == "PP-GF30-25R"
        number = words[24] << 16 | words[25]
    answers = wait_for(
        lambda: [
            a for a in read_served(folder / "served.db")[1] if a.number == number and a.device == "blender1"
        ]
    )
    assert [(a.place, a.address, list(a.words)) for a in answers] == [("holding", 0, words)]


def test_pymodbus_reads_the_serial_line(calm):
    with ModbusSerialClient(calm[0]["regrind"], baudrate=38400, parity="N", timeout=PATIENCE) as client:
        words = client.read_holding_registers(0, count=10, device_id=1).registers
        assert words[9] >= 1
        assert words[0] == pytest.approx(75, abs=20)


def test_a_scale_and_a_scanner_over_pyserial(calm):
    ports, _ = calm
    with serial.Serial(ports["scale"], timeout=PATIENCE) as line:
        line.write(b"SI\r\n")
        assert re.fullmatch(rb"S [SD] [ \d.-]{10} kg\r\n", line.readline())
    with serial.Serial(ports["scanner_press2"], timeout=PATIENCE) as line:
        line.read_until(b"\x03")  # it may have begun before we listened
        told = [line.read_until(b"\x03") for _ in range(3)]
        line.write(b"\x06")
        assert all(re.fullmatch(rb"\x02\]C0[0-9A-F]{24}\x03", code) for code in told)
        assert (
            told[0] == told[1] or told[1] == told[2]
        )  # nobody acknowledged it; once in a minute it gives up


async def test_a_late_answer_keeps_its_own_transaction(tmp_path):
    """pymodbus's handler would send it under the next request's id: ours must not."""
    script = tmp_path / "script"
    script.write_text("at 0 s: silo1 slow 300 ms for 600 s\n")
    with demo(tmp_path / "run", "--script", str(script)) as ports:
        host, port = ports["material"].split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        slow = bytes.fromhex("0001 0000 0006 03 04 0004 0001")  # silo's fills
        quick = bytes.fromhex("0002 0000 0006 02 04 0001 0001")  # dryer's set point, 80.0
        writer.write(slow)
        await asyncio.sleep(0.05)
        writer.write(quick)
        first = await asyncio.wait_for(reader.readexactly(11), PATIENCE)
        second = await asyncio.wait_for(reader.readexactly(11), PATIENCE)
        writer.close()
    assert first == bytes.fromhex("0002 0000 0005 02 04 02 0320")
    assert second == bytes.fromhex("0001 0000 0005 03 04 02 0000")


def test_a_dropped_connection_and_a_script(tmp_path):
    script = tmp_path / "script"
    script.write_text("at 0 s: presses drop for 600 s\nat 0 s: dryer1.dew_point nan for 600 s\n")
    with demo(tmp_path / "run", "--script", str(script), "--speed", "2") as ports:
        host, port = ports["material"].split(":")
        with ModbusTcpClient(host, port=int(port), timeout=PATIENCE) as client:
            assert client.read_input_registers(2, count=1, device_id=2).registers == [0x8000]
        host, port = ports["presses"].split(":")
        with (
            ModbusTcpClient(host, port=int(port), timeout=PATIENCE, retries=0) as client,
            pytest.raises(Exception, match="Modbus"),
        ):
            client.read_holding_registers(100, count=2, device_id=1)
    planted = [json.loads(line) for line in (tmp_path / "run" / "planted.jsonl").read_text().splitlines()]
    assert [(p["tag"], p["kind"], p["about"]) for p in planted] == [
        ("presses", "drop", "wire"),
        ("moulding/line1/drying/dew_point", "nan", "sensor"),
    ]
    books = json.loads((tmp_path / "run" / "books.json").read_text())
    assert all(abs(error) < 1e-9 for error in books["balance_kg"].values())


def test_a_demo_ends_by_itself(tmp_path):
    process = run("demo", "--run-dir", str(tmp_path), "--seconds", "0.5")
    assert process.wait(PATIENCE) == 0
    process.stdout.close()


async def test_a_recording_is_served_row_by_row(tmp_path):
    recording = read_recording(RECORDING)
    process = run(
        "play", str(RECORDING), "--period", "0.002", "--patient", "--write-site", str(tmp_path / "site")
    )
    try:
        told = json.loads(process.stdout.readline())
        assert told["rows"] == len(recording.rows)
        site = load(tmp_path / "site" / "site.yaml")
        assert site.buses[0].address == told["address"]
        host, port = told["address"].split(":")
        count = 8 + 2 * len(recording.names)
        seen: dict[int, tuple[int, list[float]]] = {}
        async with AsyncModbusTcpClient(host, port=int(port), timeout=PATIENCE, retries=0) as client:
            while len(seen) < 200:
                words = (await client.read_holding_registers(0, count=count, device_id=1)).registers
                decode, kinds = client.convert_from_registers, client.DATATYPE
                row = decode(words[2:4], kinds.UINT32)
                when = decode(words[4:8], kinds.UINT64)
                values = [decode(words[at : at + 2], kinds.FLOAT32) for at in range(8, count, 2)]
                seen.setdefault(row, (when, values))
    finally:
        stop(process)
    assert sorted(seen) == list(range(1, 201))
    for row, (when, values) in seen.items():
        assert when == recording.times_ms[row - 1]
        for value, recorded in zip(values, recording.rows[row - 1], strict=True):
            assert value == recorded or (math.isnan(value) and math.isnan(recorded))


def test_load_describes_itself(tmp_path, mbpoll):
    process = run("load", "--devices", "3", "--registers", "100", "--separate", "--write-site", str(tmp_path))
    try:
        told = json.loads(process.stdout.readline())
        site = load(tmp_path / "site.yaml")
        assert len(site.devices) == len(told["ports"]) == 3
        assert sum(len(group.points) for group in site.groups().values()) == 300
        numbers = []
        for _ in range(2):
            values, said = poll(
                mbpoll,
                "-m",
                "tcp",
                "-p",
                str(told["ports"][1]),
                "-a",
                "2",
                "-r",
                "0",
                "-c",
                "100",
                "-t",
                "4",
                "127.0.0.1",
            )
            assert len(values) == 100, said
            words = {place: int(value) & 0xFFFF for place, value in values.items()}
            sequence = words.pop(0)
            numbers.append(words.pop(1))
            assert all(word == word_of(2, place, sequence) for place, word in words.items())
        assert numbers == [1, 2]
        refused = poll(
            mbpoll,
            "-m",
            "tcp",
            "-p",
            str(told["ports"][1]),
            "-a",
            "1",
            "-r",
            "0",
            "-c",
            "1",
            "-t",
            "4",
            "127.0.0.1",
        )
        assert "Target device failed to respond" in refused[1]
    finally:
        stop(process)
