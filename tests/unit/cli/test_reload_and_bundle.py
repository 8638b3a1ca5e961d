"""What `lotwatch reload` and `lotwatch bundle` say when they cannot."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.cli.bundle import command as bundle
from gateway.cli.reload import command as reload
from gateway.door.words import BadRequest, reload_of, reload_request
from gateway.proof.note import SigningKey


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ((), 69, "no daemon listens here"),
        (("nowhere.yaml",), 2, "nowhere.yaml: no such file"),
        (("--operator", "Li"), 2, "--operator is a number"),
    ],
)
def test_a_reload_that_cannot_be_says_why(
    tmp_path: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    done = CliRunner().invoke(reload, [*words, "--data", str(tmp_path)])
    assert done.exit_code == code
    assert said in done.output


def test_a_wish_is_read_as_it_was_said() -> None:
    assert reload_of(reload_request("17", "/etc/x.yaml")) == ("17", "/etc/x.yaml")
    assert reload_of(reload_request("", "")) == ("", "")
    assert reload_of(b'{"kind": "hold"}') is None
    assert reload_of(b"\xff") is None


@pytest.mark.parametrize(
    "line",
    [
        b'{"v":1,"kind":"reload","operator":"Li","body":{}}',
        b'{"v":1,"kind":"reload","operator":"","body":{"config":7}}',
        b'{"v":1,"kind":"reload","operator":"","body":{"config":"a","run":"b"}}',
        b'{"v":1,"kind":"reload","operator":"","body":{"config":"a\\u0000"}}',
        b'{"v":2,"kind":"reload","operator":"","body":{}}',
        b'{"v":1,"kind":"reload"}',
    ],
)
def test_what_is_no_wish_is_refused(line: bytes) -> None:
    with pytest.raises(BadRequest):
        reload_of(line)


def test_a_bundle_that_cannot_be_sent_says_why(tmp_path: Path) -> None:
    note = tmp_path / "x.note"
    for text, said in (
        ("x", "not a signed note"),
        (SigningKey("a", bytes(32)).signed("hello\n"), "is no config"),
    ):
        note.write_text(text)
        done = CliRunner().invoke(bundle, ["send", str(note), "--broker", "mqtt://127.0.0.1:1"])
        assert done.exit_code == 2
        assert said in done.output
    done = CliRunner().invoke(bundle, ["send", str(note), "--broker", "ftp://x"])
    assert (done.exit_code, "write mqtt://HOST:PORT" in done.output) == (2, True)


def test_a_key_that_others_can_read_signs_nothing(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text(SigningKey("operator-17", bytes(32)).line())
    key.chmod(0o644)
    words = ["make", "site.yaml", "--key", str(key), "--operator", "17", "--sequence", "1", "-o", "x"]
    done = CliRunner().invoke(bundle, words)
    assert done.exit_code != 0
    assert "others can read it" in done.output
