"""`lotwatch user`, `web certificate` and `serve` as an administrator uses them, and gets them wrong."""

from __future__ import annotations

import json
import os
import stat

import pytest
from click.testing import CliRunner

from gateway.cli import main
from gateway.people import Diary, People
from gateway.web.selfsigned import made

SECRET = "correct horse battery"


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch):
    """What starts another process is tested in tests/unit/people."""

    async def hashed(password):
        return f"hash of {password}"

    monkeypatch.setattr("gateway.cli.useraccounts.hashed", hashed)


@pytest.fixture
def data(tmp_path):
    word = tmp_path / "word"
    word.write_text(SECRET)
    word.chmod(0o600)
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def lotwatch(*words, given=None):
    return CliRunner().invoke(main, [str(word) for word in words], input=given)


def add(data, name, operator, role, *more):
    given = (
        "--operator",
        operator,
        "--role",
        role,
        "--password-from",
        f"file:{data.parent}/word",
        "--data",
        data,
    )
    return lotwatch("user", "add", name, *given, *more)


def diary(data):
    people = People(data)
    rows = [(row.kind, row.operator, row.facts.get("role")) for row in Diary(people).untold()]
    people.close()
    return rows


def test_accounts_are_made_changed_and_erased_and_each_is_written_down(data):
    (data / "journal.sqlite").touch()
    assert add(data, "Li Na", 4711, "quality").output == ""
    assert add(data, "Acme", 9, "supplier", "--site", "acme").exit_code == 0
    assert lotwatch("user", "change", "li na", "--role", "operator", "--data", data).exit_code == 0
    found = json.loads(lotwatch("user", "list", "--data", data, "--json").stdout)["accounts"]
    assert [(each["name"], each["role"], each["sites"]) for each in found] == [
        ("Acme", "supplier", ["acme"]), ("Li Na", "operator", []),
    ]  # fmt: skip
    assert "Li Na" in lotwatch("user", "list", "--data", data).stdout
    given = (SECRET + "!\n") * 2
    assert lotwatch("user", "change", "Acme", "--password", "--data", data, given=given).exit_code == 0
    assert lotwatch("user", "remove", "ACME", "--data", data).exit_code == 0
    assert diary(data) == [
        ("account_made", "4711", "quality"), ("account_made", "9", "supplier"), ("account_changed", "4711", "operator"),
        ("account_changed", "9", None), ("account_removed", "9", None),
    ]  # fmt: skip
    log = json.loads(lotwatch("user", "log", "--data", data, "--json", "--most", 2).stdout)["log"]
    assert [(row["kind"], row["facts"]["from"]) for row in log] == [
        ("account_removed", "console"), ("account_changed", "console"),
    ]  # fmt: skip
    assert "account_removed" in lotwatch("user", "log", "--data", data).stdout
    assert stat.S_IMODE((data / "people.sqlite").stat().st_mode) == 0o600


def test_over_replicas_whoever_acts_gets_a_key(data):
    said = add(data, "Li Na", 4711, "quality")
    assert 'operator: "4711"' in said.stdout
    assert stat.S_IMODE((data / "keys" / "operator-4711.key").stat().st_mode) == 0o600
    assert add(data, "Eye", 5, "viewer").stdout == ""


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("add", "A", "--operator", "x", "--role", "viewer"), 2, "an operator is a number"),
        (("add", "A", "--operator", "1", "--role", "supplier"), 2, "names the sites"),
        (("add", "A", "--operator", "1", "--role", "boss"), 2, "is not one of"),
        (("add", "Li Na", "--operator", "2", "--role", "viewer"), 2, "there is an account"),
        (("add", "B", "--operator", "4711", "--role", "viewer"), 2, "operator 4711 has an account"),
        (("change", "Nobody", "--role", "viewer"), 1, "nobody is called Nobody here"),
        (("change", "Li Na"), 2, "nothing to change"),
        (("change", "Li Na", "--role", "supplier"), 2, "names the sites"),
        (("change", "Li Na", "--site", "a", "--all-sites"), 2, "give one of them"),
        (("remove", "Nobody"), 1, "nobody is called Nobody here"),
    ],
)
def test_mistakes_are_told(data, words, code, told):
    add(data, "Li Na", 4711, "quality")
    more = ("--password-from", f"file:{data.parent}/word") if words[0] == "add" else ()
    said = lotwatch("user", *words, *more, "--data", data)
    assert (said.exit_code, told in said.output) == (code, True), said.output


def test_a_poor_password_or_folder_is_told(data):
    (data.parent / "word").write_text("short")
    said = add(data, "A", 1, "viewer")
    assert (said.exit_code, "12 to 256 characters" in said.output) == (2, True)
    said = lotwatch("user", "list", "--data", data / "none")
    assert (said.exit_code, "there is no such folder" in said.output) == (2, True)
    (data / "people.sqlite").write_text("no database at all, and long enough to be read as one" * 20)
    said = lotwatch("user", "list", "--data", data)
    assert (said.exit_code, "cannot be opened" in said.output) == (75, True)


def test_a_certificate_is_made_once(tmp_path):
    said = lotwatch("web", "certificate", tmp_path / "tls", "--host", "Box.example", "--host", "192.0.2.1")
    assert said.exit_code == 0
    assert 'hosts: ["box.example", "192.0.2.1"]' in said.stdout
    assert "SHA-256 fingerprint" in said.stderr
    assert stat.S_IMODE((tmp_path / "tls" / "web.key").stat().st_mode) == 0o600
    again = lotwatch("web", "certificate", tmp_path / "tls", "--host", "a")
    assert (again.exit_code, "it is there" in again.output) == (2, True)
    odd = lotwatch("web", "certificate", tmp_path / "x", "--host", "a b")
    assert (odd.exit_code, "not a host name" in odd.output) == (2, True)
    found = json.loads(lotwatch("web", "certificate", tmp_path / "y", "--host", "a", "--json").stdout)
    assert found["hosts"] == ["a"]


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("NONE",), 2, "there is no such folder"),
        (("JOURNAL",), 2, "it is a journal: its daemon serves its pages"),
        ((".", "--host", "a"), 2, "go with --listen"),
        ((".", "--listen", "8443"), 2, "write an address and a port"),
        ((".", "--listen", "0.0.0.0:8443"), 2, "there is TLS only"),
        ((".", "--listen", "0.0.0.0:8090", "--tls"), 2, "port 8090 is that of 127.0.0.1 already"),
        ((".", "--listen", "0.0.0.0:8443", "--tls", "--host", "A B"), 2, "not a name in small letters"),
        ((".", "--listen", "0.0.0.0:8443", "--tls"), 78, "web.key: others have access"),
    ],
)
def test_a_folder_that_cannot_be_served_is_told(tmp_path, monkeypatch, words, code, told):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "JOURNAL").mkdir()
    (tmp_path / "JOURNAL" / "journal.sqlite").touch()
    found = made(["a"], 1_800_000_000_000_000_000, 10)
    (tmp_path / "web.crt").write_bytes(found.certificate)
    (tmp_path / "web.key").write_bytes(found.key)
    (tmp_path / "web.key").chmod(0o644)
    tls = ("--certificate-file", "web.crt", "--key-from", "file:web.key", "--host", "a")
    said = lotwatch("serve", *(part for word in words for part in (tls if word == "--tls" else (word,))))
    assert (said.exit_code, told in said.output) == (code, True), said.output


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_what_root_makes_belongs_to_whose_folder_it_is(data):
    """A server that runs as a user of its own could open neither the accounts nor the key to sign with."""
    os.chown(data, 12_345, 12_346)
    assert add(data, "Li Na", "4711", "quality").exit_code == 0
    made_there = [path for path in data.rglob("*") if path.name != "keys"]
    assert {"people.sqlite", "operator-4711.key", "operator-4711.key.pub"} <= {
        path.name for path in made_there
    }
    assert {(path.stat().st_uid, path.stat().st_gid) for path in data.rglob("*")} == {(12_345, 12_346)}
