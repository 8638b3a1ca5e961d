"""`lotwatch certificate`: a key that stays, a request that others can read, and what a broker would not take."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli import main
from gateway.trust.boxkey import BadKey, make_key, read_certificate, read_key, request
from tests.system.compartments import Authority

SITE = (
    "site: north\ngateway: gw1\nlines: [{area: hall, name: line1, cells: [press1]}]\nbuses: []\ndevices: []\n"
)
BROKER = (
    "broker: {{host: 127.0.0.1, tls: true, certificate_file: {0}/box.pem, key_from: 'file:{0}/box.key'}}\n"
)
DAY_NS = 86_400_000_000_000
pytestmark = pytest.mark.usefixtures("sites_read_here")


def run(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def site(tmp_path: Path) -> Path:
    path = tmp_path / "site.yaml"
    path.write_text(SITE + BROKER.format(tmp_path))
    return path


def test_the_key_is_made_once_and_stays(site: Path, tmp_path: Path) -> None:
    done = run("certificate", "request", site)
    assert (done.exit_code, done.stderr) == (
        0, f"lotwatch: {tmp_path}/box.key is made: it stays on this box, only the request leaves it\n",
    )  # fmt: skip
    key = tmp_path / "box.key"
    assert key.stat().st_mode & 0o777 == 0o600
    text = key.read_text()
    assert text.startswith("-----BEGIN PRIVATE KEY-----\n")
    assert "PRIVATE" not in done.stdout
    again = run("certificate", "request", site, "--json")
    assert key.read_text() == text
    said = json.loads(again.stdout)
    assert (said["name"], said["key"], said["made"]) == ("north", str(key), False)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl here")
def test_openssl_reads_the_request(site: Path, tmp_path: Path) -> None:
    (tmp_path / "box.csr").write_text(run("certificate", "request", site).stdout)
    command = ["openssl", "req", "-in", str(tmp_path / "box.csr"), "-noout", "-verify", "-subject", "-text"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "verify OK" in done.stderr + done.stdout
    assert "CN = north" in done.stdout.replace("CN=", "CN = ")
    assert "TLS Web Client Authentication" in done.stdout
    assert "prime256v1" in done.stdout


@pytest.mark.parametrize(
    ("config", "words", "code", "says"),
    [
        (SITE, [], 2, "give --key FILE, or the config broker.key_from"),
        (
            SITE.replace("north", "ingest"),
            ["--key", "{}/x.key"],
            78,
            'a site called "ingest" would see every site',
        ),
        (SITE, ["--key", "{}/x.key", "--name", "n" * 65], 2, "it cannot be asked for"),
        (SITE, ["--key", "{}/none/x.key"], 2, "none/x.key: No such file or directory"),
        (SITE, ["--key", "{}/site.yaml"], 2, "others have access to it"),
        ("site: 7\n", ["--key", "{}/x.key"], 78, "is not good"),
    ],
)
def test_what_cannot_be_asked_for(
    tmp_path: Path, config: str, words: list[str], code: int, says: str
) -> None:
    path = tmp_path / "site.yaml"
    path.write_text(config)
    path.chmod(0o644)
    done = run("certificate", "request", path, *(word.format(tmp_path) for word in words))
    assert (done.exit_code, done.stdout) == (code, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_name_of_a_worker_may_be_asked_for_in_words(tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    path.write_text(SITE)
    said = json.loads(
        run("certificate", "request", path, "--key", tmp_path / "k", "--name", "ingest", "--json").stdout
    )
    assert (said["name"], said["made"]) == ("ingest", True)


def test_what_a_certificate_says_and_what_is_wrong_with_it(tmp_path: Path) -> None:
    ours, other = tmp_path / "ours", tmp_path / "other"
    ours.mkdir()
    other.mkdir()
    authority, stranger = Authority(ours, "our authority"), Authority(other, "somebody")
    certificate, key = authority.box("north")
    shown = run("certificate", "show", certificate, "--key", key, "--ca", authority.file)
    assert (shown.exit_code, shown.stderr) == (0, "")
    assert shown.stdout.startswith("name    north\nissuer  our authority\nends    2100-01-01T00:00:00")
    wrong = run(
        "certificate", "show", certificate, "--key", stranger.box("x")[1], "--ca", stranger.file, "--json"
    )
    assert wrong.exit_code == 1
    assert json.loads(wrong.stdout)["problems"] == ["it is of another key", "somebody has not issued it"]
    for file, says in ((key, "no certificate in PEM form"), (tmp_path / "none", "No such file")):
        done = run("certificate", "show", file)
        assert (done.exit_code, says in done.stderr) == (2, True)


def test_a_certificate_begins_and_ends(tmp_path: Path) -> None:
    certificate = read_certificate(Authority(tmp_path).box("north")[0])
    begins, ends = certificate.begins_ns, certificate.ends_ns
    assert (ends - begins) // DAY_NS == 29_220  # 2020 to 2100
    for now, said in ((begins - 1, "not valid yet"), (begins, ""), (ends - 1, ""), (ends, "it is over")):
        problems = certificate.problems(now, key=None, ca=None)
        assert (problems == []) == (not said)
        assert said in "".join(problems)
    assert (certificate.days_left(ends - DAY_NS), certificate.days_left(ends + 1)) == (1, -1)


def test_keys_that_are_none(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 # here only
    from cryptography.hazmat.primitives.asymmetric import ed25519, rsa  # noqa: PLC0415

    def written(key, protection) -> Path:
        path = tmp_path / "key"
        path.write_bytes(
            key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protection)
        )
        return path

    plain, locked = serialization.NoEncryption(), serialization.BestAvailableEncryption(b"x")
    edwards = ed25519.Ed25519PrivateKey.generate()
    assert "BEGIN CERTIFICATE REQUEST" in request(read_key(written(edwards, plain)), "north")
    with pytest.raises(BadKey, match="it has a passphrase"):
        read_key(written(edwards, locked))
    with pytest.raises(BadKey, match="no EC or Ed25519 key"):
        read_key(written(rsa.generate_private_key(65_537, 1024), plain))
    with pytest.raises(FileExistsError):
        make_key(tmp_path / "key")
