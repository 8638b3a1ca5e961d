"""`web`: this machine only, or others over TLS; what is missing or cannot be used is told at its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.config import ConfigErrors, load
from gateway.plain import from_plain, to_plain
from gateway.site import Site
from tests.unit.test_certificates import written

from .conftest import SITE, write

GOOD = {
    "port": "8080", "listen": '"0.0.0.0:8443"', "certificate_file": "web.crt", "key_from": "file:web.key",
    "hosts": "[box.example, 192.0.2.1]",
}  # fmt: skip


def site(folder: Path, **changed: str | None) -> Site:
    rows = {name: value for name, value in {**GOOD, **changed}.items() if value is not None}
    write(folder, site=f"{SITE}web:\n" + "".join(f"  {name}: {value}\n" for name, value in rows.items()))
    return load(folder / "site.yaml")


def test_other_machines_are_served_by_names_with_a_certificate(tmp_path):
    written(tmp_path)
    made = site(tmp_path)
    beyond = made.web_beyond
    assert beyond is not None
    assert (beyond.host, beyond.port, beyond.hosts) == ("0.0.0.0", 8443, ("box.example", "192.0.2.1"))
    assert (beyond.certificate_file, beyond.key_from) == (f"{tmp_path}/web.crt", f"file:{tmp_path}/web.key")
    assert from_plain(Site, to_plain(made)) == made
    alone = site(tmp_path, listen=None, certificate_file=None, key_from=None, hosts=None)
    assert (alone.web_port, alone.web_beyond) == (8080, None)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"listen": "8443"}, "is not an address and a port"),
        ({"listen": '"box:8443"'}, "is not an address and a port"),
        ({"listen": '"0.0.0.0:99999"'}, "is not an address and a port"),
        ({"listen": '"0.0.0.0:8080"'}, "port 8080 is that of 127.0.0.1 already"),
        ({"listen": None}, "is of use with listen only"),
        ({"key_from": None}, "there is TLS only: give key_from too"),
        ({"hosts": None, "certificate_file": None}, "give certificate_file, hosts too"),
        ({"hosts": "[Box]"}, "is not a name in small letters"),
        ({"hosts": '["*.example"]'}, "is not a name in small letters"),
        ({"certificate_file": "none.crt"}, "none.crt: No such file"),
        ({"key_from": "file:none.key"}, "none.key: No such file"),
        ({"key_from": "file:web.crt"}, "web.crt: others have access to it"),
        ({"key_from": "here"}, "key_from"),
        ({"port": "0"}, "out of range"),
    ],
)
def test_mistakes_are_told_at_their_line(tmp_path, changed, told):
    written(tmp_path)
    with pytest.raises(ConfigErrors) as errors:
        site(tmp_path, **changed)
    found = [each for each in errors.value.problems if told in each.text or told in each.path]
    assert found, errors.value
    assert all(each.path.startswith("web") and each.line > SITE.count("\n") for each in found)


def test_a_credential_that_only_the_service_has_is_a_warning_elsewhere(tmp_path, monkeypatch):
    from gateway.config import read  # noqa: PLC0415

    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    written(tmp_path)
    assert site(tmp_path, key_from="credential:web.key").web_beyond is not None
    (warning,) = read(tmp_path / "site.yaml").warnings
    assert "LoadCredential=web.key" in warning.text
