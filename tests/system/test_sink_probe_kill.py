"""`lotwatch sink-probe --kill` on real databases: InfluxDB as a command, VictoriaMetrics as a process of somebody's."""

from __future__ import annotations

import shlex
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import orjson

from tests.system import servers
from tests.system.conftest import _program

SITE = """
site: plant
gateway: gw1
poll_classes: {{normal: 1s}}
lines:
- {{area: hall, name: line1, cells: [press1]}}
buses: []
devices: []
database: {{url: "http://127.0.0.1:{port}", kind: {kind}, writer: direct}}
"""


def probed(folder: Path, server: servers.Server, kind: str, *options: str) -> tuple[int, dict]:
    site = folder / "site.yaml"
    site.write_text(SITE.format(port=server.port, kind=kind), "utf-8")
    command = [sys.executable, "-m", "gateway", "sink-probe", str(site), "--json", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    assert "Traceback" not in done.stderr
    return done.returncode, {each["key"]: each for each in orjson.loads(done.stdout)["answers"]}


def test_influxdb_as_a_command_keeps_what_it_answered(tmp_path):
    folder = tmp_path / "db"
    folder.mkdir()
    server = servers.influx1(_program("influxd"), folder)
    server.start()
    urllib.request.urlopen(f"http://127.0.0.1:{server.port}/query", b"q=CREATE DATABASE lotwatch").close()
    server.stop()
    command = shlex.join(server.command)
    code, answers = probed(tmp_path, server, "influxdb1", "--kill", command, "--kills", "1", "--span", "2")
    assert answers["killed"]["good"]
    assert answers["killed"]["found"].startswith("at the 204: none of ")
    assert code == 0
    assert not servers.listens(server.port)  # it was ended again


def test_victoriametrics_as_a_process_loses_what_is_young(tmp_path):
    folder = tmp_path / "db"
    folder.mkdir()
    server = servers.victoria(_program("victoria-metrics"), folder)
    server.start()
    stop = threading.Event()

    def supervise() -> None:
        while not stop.is_set():
            if server.ended is not None:
                time.sleep(0.5)  # as supervisors do
                server.start()
            time.sleep(0.02)

    supervisor = threading.Thread(target=supervise)
    supervisor.start()
    try:
        pid = str(server.pid)
        code, answers = probed(tmp_path, server, "victoriametrics", "--kill", pid, "--span", "5")
    finally:
        stop.set()
        supervisor.join()
        server.kill()
    # 8 to 11 s are what it takes: after 5 nothing may be there yet, and the probe says that it cannot tell.
    assert " points lost in 1 kills" in answers["killed"]["found"]
    assert code == (0 if answers["killed"]["good"] else 1)
