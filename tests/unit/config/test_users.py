"""`users`: who may act at a replica; each with a key that is one, and is theirs."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.config import ConfigErrors, load
from gateway.plain import from_plain, to_plain
from gateway.proof.note import SigningKey
from gateway.site import Site, User

from .conftest import SITE, write

KEY = SigningKey("operator-17", bytes(32)).public.line()


def site(folder: Path, rows: str) -> Site:
    write(folder, site=f"{SITE}users:\n{rows}\n")
    return load(folder / "site.yaml")


def test_a_key_in_the_file_or_beside_it(tmp_path):
    (tmp_path / "18.pub").write_text(SigningKey("operator-18", bytes(32)).public.line() + "\n")
    made = site(
        tmp_path,
        f'  - {{operator: "17", key: "{KEY}", may: [acknowledge, hold, hold]}}\n'
        '  - {operator: "18", key_file: 18.pub, may: [release]}',
    )
    first, second = made.users
    assert first == User("17", KEY, ("acknowledge", "hold"))
    assert (second.operator, second.may, second.key[:12]) == ("18", ("release",), "operator-18+")
    assert from_plain(Site, to_plain(made)) == made


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (f'{{operator: 17, key: "{KEY}", may: [hold]}}', "is not an operator number"),
        (f'{{operator: "Mary", key: "{KEY}", may: [hold]}}', "is not an operator number"),
        (f'{{operator: "17", key: "{KEY}", may: []}}', "may"),
        (f'{{operator: "17", key: "{KEY}", may: [dance]}}', "an act"),
        (f'{{operator: "17", key: "{KEY}", may: [correct]}}', "an act"),
        (f'{{operator: "18", key: "{KEY}", may: [hold]}}', 'the key is called "operator-17"'),
        (f'{{operator: "17", key: "{KEY[:-8]}", may: [hold]}}', "not a key"),
        (f'{{operator: "17", key: "{KEY.replace("+", "+00", 1)}", may: [hold]}}', "copied wrongly"),
        ('{operator: "17", may: [hold]}', "give key or key_file"),
        (f'{{operator: "17", key: "{KEY}", key_file: a.pub, may: [hold]}}', "and not both"),
        ('{operator: "17", key_file: nothing.pub, may: [hold]}', "nothing.pub: No such file"),
        ('{operator: "17", key_file: plans, may: [hold]}', "plans: Is a directory"),
        ('{operator: "17", key_file: site.yaml, may: [hold]}', "not a key"),
        (f'{{operator: "17", key: "{KEY}", may: [hold], name: Mary}}', "name"),
        (
            f'{{operator: "17", key: "{KEY}", may: [hold]}}\n  - {{operator: "17", key: "{KEY}", may: [hold]}}',
            "twice",
        ),
    ],
)
def test_mistakes_are_told(tmp_path, row, told):
    with pytest.raises(ConfigErrors) as caught:
        site(tmp_path, f"  - {row}")
    assert told in str(caught.value)
    assert "users[" in str(caught.value) or "users" in str(caught.value)
