"""docs/howto/join-a-broker.md, played: its commands make an authority, sign what a box asks, and shut it out again."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.cli import main

GUIDE = (Path(__file__).parents[3] / "docs" / "howto" / "join-a-broker.md").read_text("utf-8")
ONCE, BOX, SIGN, SHOW, OUT = re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL)
[CONFIG] = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)
SITE = (
    "site: north\ngateway: gw1\nlines: [{area: hall, name: line1, cells: [press1]}]\nbuses: []\ndevices: []\n"
)


def lotwatch(line: str) -> str:
    done = CliRunner().invoke(main, line.split()[1:])
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.mark.long
@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl here")
def test_the_guide_is_played(tmp_path: Path) -> None:
    def sh(script: str) -> str:
        script = "set -e\n" + script
        done = subprocess.run(["sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    def here(text: str) -> str:
        places = {"/etc/lotwatch/tls/": "", "/etc/lotwatch/broker-ca.pem": "ca.pem", "/etc/lotwatch/": ""}
        for place, name in places.items():
            text = text.replace(place, f"{tmp_path}/{name}")
        return text

    sh(ONCE)
    checked = sh("openssl verify -x509_strict -CAfile ca.pem -verify_hostname mqtt.example.com broker.pem")
    assert "broker.pem: OK" in checked
    (tmp_path / "site.yaml").write_text(SITE + here(CONFIG))
    [asking] = [line for line in BOX.splitlines() if "certificate request" in line]
    command = here(asking.removeprefix("sudo -u lotwatch ")).partition(" > ")
    (tmp_path / "box.csr").write_text(lotwatch(command[0]))
    assert "CN = north" in sh(SIGN).replace("CN=", "CN = ")
    assert "name    north\nissuer  lotwatch authority" in lotwatch(here(SHOW))
    verify = "openssl verify -x509_strict -crl_check -purpose sslclient -CAfile ca.pem -CRLfile revoked.pem box.pem"
    assert "box.pem: OK" in sh(verify)
    sh(OUT)
    assert "certificate revoked" in sh(f"{verify} || true")
