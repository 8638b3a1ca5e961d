"""Nobody outside of this machine is listened to unless the config says so. The demo's are in test_demo.py."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.resources import config_dir
from tests.system.listening import Listener, listeners
from tests.system.servers import DIES_WITH_US, free_port

LISTENS = """
import socket, sys
host, kind = sys.argv[1], getattr(socket, sys.argv[2])
s = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, kind)
s.bind((host, 0))
if kind == socket.SOCK_STREAM: s.listen()
print(s.getsockname()[1], flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize(
    ("host", "kind", "outside"),
    [
        ("0.0.0.0", "SOCK_STREAM", True), ("::", "SOCK_STREAM", True), ("0.0.0.0", "SOCK_DGRAM", True),
        ("127.0.0.1", "SOCK_STREAM", False), ("::1", "SOCK_STREAM", False),
    ],
)  # fmt: skip
def test_it_would_be_seen(host: str, kind: str, outside: bool) -> None:
    """In a child of the process that is asked about."""
    if ":" in host and not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    inner = [sys.executable, "-c", LISTENS, host, kind]
    command = [sys.executable, "-c", f"import subprocess; subprocess.run({inner!r})"]
    with subprocess.Popen(
        [*DIES_WITH_US, *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        found = listeners(process.pid)
        process.communicate()
    protocol = {"SOCK_STREAM": "tcp", "SOCK_DGRAM": "udp"}[kind] + ("6" if ":" in host else "")
    assert found == {Listener(protocol, host, port)}
    assert [each.outside for each in found] == [outside]


def test_the_daemon_listens_to_this_machine_alone(tmp_path: Path) -> None:
    """A site with pages, as it ships."""
    port = free_port()
    site = config_dir() / "example-moulding" / "site.yaml"
    command = [sys.executable, "-m", "gateway", "run", str(site), "--data", str(tmp_path)]
    with subprocess.Popen(
        [*DIES_WITH_US, *command, "--set", f"web.port={port}"], stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        said = ""
        for line in process.stderr:
            said += line
            if "runs, journal in" in line:
                break
        found: set[Listener] = set()
        while process.poll() is None and not any(each.port == port for each in found):
            found = listeners(process.pid)
        process.terminate()
        said += process.stderr.read()
    assert {each for each in found if each.outside} == set()
    assert Listener("tcp", "127.0.0.1", port) in found, said
