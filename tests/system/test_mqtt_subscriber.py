"""The subscriber of docs/howto/subscribe.md prints an alarm with its lots, live and retained."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from gateway.model import Block
from gateway.wire import Eras, messages
from tests.unit.wire import samples

PATIENCE = 180  # seconds, on a machine that is busy with something else
HOWTO = Path(__file__).parents[2] / "docs" / "howto" / "subscribe.md"


def program(folder: Path) -> Path:
    (code,) = re.findall(r"```python\n(.*?)```", HOWTO.read_text("utf-8"), re.DOTALL)
    assert len([line for line in code.splitlines() if line.strip()]) <= 30
    path = folder / "alarms.py"
    path.write_text(code)
    return path


def test_an_alarm_is_printed_with_its_lots(own_mosquitto, tmp_path):
    (raised,) = messages(samples.IDENTITY, Block((), (samples.alarm(1, 1, "active"),)), Eras())
    writer = paho.Client(CallbackAPIVersion.VERSION2)
    writer.connect_timeout = PATIENCE
    writer.connect(own_mosquitto.host, own_mosquitto.port)
    writer.loop_start()
    writer.publish(raised.topic, raised.payload, qos=1, retain=True).wait_for_publish(PATIENCE)
    command = [sys.executable, str(program(tmp_path)), own_mosquitto.host, str(own_mosquitto.port)]
    with (tmp_path / "out").open("wb") as out:
        process = subprocess.Popen(command, stdout=out)
    wanted = (
        "north: a/7 +# is active (alarm), hall/line1/press1/melt_temp, lots: R-7. Check the nozzle heater.\n"
    )
    try:
        end = time.monotonic() + PATIENCE
        while (said := (tmp_path / "out").read_text()) != wanted:
            assert time.monotonic() < end, said
            assert process.poll() is None
            time.sleep(0.05)  # between looks at what another process does
    finally:
        process.kill()
        process.wait(PATIENCE)
        writer.disconnect()
        writer.loop_stop()
