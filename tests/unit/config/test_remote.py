"""`remote`: who may send configs from far away."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.config import ConfigErrors, load
from gateway.plain import from_plain, to_plain
from gateway.proof.note import SigningKey
from gateway.site import Remote, Site

from .conftest import SITE, write

KEY = SigningKey("operator-17", bytes(32)).public.line()


def site(folder: Path, rows: str, broker: str = "broker: {host: 127.0.0.1}\n") -> Site:
    text = SITE if "broker:" in SITE and broker else SITE + broker
    write(folder, site=f"{text}remote:\n{rows}\n")
    return load(folder / "site.yaml")


def test_keys_and_for_how_long_a_config_is_on_probation(tmp_path):
    made = site(tmp_path, f'  probation: 2min\n  keys: [{{name: office, key: "{KEY}"}}]')
    assert made.remote == Remote((("office", KEY),), 120_000_000_000)
    assert from_plain(Site, to_plain(made)) == made


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("  keys: []", "keys"),
        ("  keys: [{name: office, key: x}]", "not a key"),
        (f'  keys: [{{name: a, key: "{KEY}"}}, {{name: b, key: "{KEY}"}}]', "is here twice"),
        (f'  probation: 1s\n  keys: [{{name: office, key: "{KEY}"}}]', "must be from 5s to 24h"),
    ],
)
def test_what_is_no_remote_is_told_with_its_place(tmp_path, rows, told):
    with pytest.raises(ConfigErrors, match=told):
        site(tmp_path, rows)
