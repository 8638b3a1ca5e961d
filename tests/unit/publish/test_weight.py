"""The daemon pays for what it uses: publishing loads no database client, no config models, no second MQTT broker."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("influxdb_client", "pydantic", "yaml", "amqtt", "pymodbus", "reactivex", "urllib3", "gateway.ingest")


@pytest.mark.long
def test_publishing_loads_nothing_heavy():
    code = "import sys, gateway.publish.mqtt, gateway.publish.mqtt_link; print('\\n'.join(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "aiomqtt" in loaded
    assert [name for name in loaded if name.startswith(HEAVY)] == []
