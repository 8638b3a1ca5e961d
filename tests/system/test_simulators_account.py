"""The account of a real gateway that is killed while it reads: what it could not have is not lost, nothing is twice."""

import json
import signal
import subprocess
import sys
import time

from gateway.resources import config_dir
from tests.system.simulators_running import PATIENCE, demo, wait_for

SITE = config_dir() / "demo" / "site.yaml"


def gateway(folder, ports, log):
    settings = [
        word for bus, address in ports.items() for word in ("--set", f"buses.{bus}.address={address}")
    ]
    words = [sys.executable, "-m", "gateway", "run", str(SITE), *settings, "--data", str(folder / "journal")]
    # No broker listens there: the gateway journals and waits.
    return subprocess.Popen([*words, "--set", "broker.port=9"], stdout=log, stderr=log)


def account(folder):
    words = ["account", "--run-dir", str(folder / "run"), "--replica", str(folder / "journal")]
    done = subprocess.run(
        [sys.executable, "-m", "simulators", *words], capture_output=True, text=True, check=False
    )
    return done.returncode, json.loads(done.stdout) if done.stdout else {"read": 0, "why": done.stderr}


def enough(folder, more_than):
    """The account as soon as it has more readings than that."""

    def told():
        _, found = account(folder)
        return found if found["read"] > more_than else None

    return wait_for(told)


def test_a_killed_gateway_loses_nothing_that_it_had(tmp_path):
    with (tmp_path / "log").open("wb") as log, demo(tmp_path / "run", "--speed", "2") as ports:
        process = gateway(tmp_path, ports, log)
        try:
            enough(tmp_path, 60)
            process.kill()
            process.wait(PATIENCE)
            _, before = account(
                tmp_path
            )  # now, and not a while before the kill: what comes on top is the next one's
            time.sleep(0.5)
            process = gateway(tmp_path, ports, log)
            enough(tmp_path, before["read"] + 100)
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE) == 0, (tmp_path / "log").read_text()
        finally:
            process.kill()
            process.wait(PATIENCE)
        code, told = account(tmp_path)
    assert (told["lost"], told["duplicated"], told["wrong"]) == (0, 0, 0), told["examples"]
    assert told["codes_lost"] == 0, told["examples"]
    assert told["codes_shown"] >= 2
    assert told["served"] == told["read"] + told["unread"]
    assert set(told["devices"]) == {
        "silo1",
        "blender1",
        "dryer1",
        "dryer2",
        "press1",
        "press2",
        "granulator1",
    }
    assert told["codes_duplicated"] == 0, told["examples"]
    assert code == 0
