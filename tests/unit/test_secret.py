"""Secrets come out of files that nobody else has access to, and out of nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gateway.trust.secret import place_of, read_secret, secret_file


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    file = tmp_path / "mqtt.password"
    file.write_text(" hunter2\n")
    file.chmod(0o600)
    return file


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o640, 0o440])
def test_a_file_of_ones_own_is_read(kept: Path, mode: int) -> None:
    kept.chmod(mode)
    assert read_secret(f"file:{kept}") == "hunter2"
    assert secret_file(f"file:{kept}") == kept


@pytest.mark.parametrize(
    ("mode", "says"),
    [
        (0o644, "others"),
        (0o604, "others"),
        (0o602, "others"),
        (0o601, "others"),
        (0o660, "group"),
        (0o620, "group"),
    ],
)
def test_a_file_that_others_get_at_is_refused(kept: Path, mode: int, says: str) -> None:
    kept.chmod(mode)
    for read in (read_secret, secret_file):
        with pytest.raises(ValueError, match=rf"mqtt\.password: .*{says}.*chmod 6") as caught:
            read(f"file:{kept}")
        assert "hunter2" not in str(caught.value)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_a_file_of_somebody_else_is_refused_to_who_is_not_root(kept: Path) -> None:
    kept.parent.chmod(0o755)
    for folder in kept.parents:
        if folder.stat().st_mode & 0o011 != 0o011:
            folder.chmod(folder.stat().st_mode | 0o011)
    kept.chmod(0o640)
    os.chown(kept, 65_533, 65_534)
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:  # as nobody, whose group may read it
        os.setgroups([])
        os.setgid(65_534)
        os.setuid(65_534)
        try:
            said = read_secret(f"file:{kept}")
        except (ValueError, OSError) as error:
            said = str(error)
        os.write(write_end, said.encode())
        os._exit(0)
    os.close(write_end)
    os.waitpid(pid, 0)
    with os.fdopen(read_end) as pipe:
        assert "belongs to another user" in pipe.read()


def test_a_credential_of_systemd(tmp_path: Path, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert read_secret("credential:mqtt.password") == "hunter2"
    assert place_of("credential:mqtt.password") == kept
    for name in ("..", ".", "a/b", "../mqtt.password"):
        with pytest.raises(ValueError, match="is no name of a credential"):
            place_of(f"credential:{name}")
    with pytest.raises(FileNotFoundError):
        read_secret("credential:other")
    monkeypatch.delenv("CREDENTIALS_DIRECTORY")
    with pytest.raises(ValueError, match=r"add LoadCredential=mqtt\.password:/PATH to the service"):
        read_secret("credential:mqtt.password")


@pytest.mark.parametrize("place", ["env:HOME", "hunter2", "file:", "credential:", "https:x"])
def test_what_is_no_place(place: str) -> None:
    with pytest.raises(ValueError, match=r"no place|not a place"):
        read_secret(place)


def test_what_is_no_secret(tmp_path: Path, kept: Path) -> None:
    assert read_secret("") == ""
    with pytest.raises(OSError, match=r"(?i)directory"):
        read_secret(f"file:{tmp_path}")
    with pytest.raises(ValueError, match="it is not a file"):
        secret_file(f"file:{tmp_path}")
    kept.write_bytes(b"\xff\xfe")
    with pytest.raises(ValueError, match="not a text in UTF-8"):
        read_secret(f"file:{kept}")
    kept.write_bytes(b"x" * 65_536)
    assert len(read_secret(f"file:{kept}")) == 65_536
    kept.write_bytes(b"x" * 65_537)
    with pytest.raises(ValueError, match="more than 65536 bytes"):
        read_secret(f"file:{kept}")
