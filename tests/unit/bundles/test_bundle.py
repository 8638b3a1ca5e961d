"""What is taken of a bundle, and what is not, whoever sends it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import pytest

from gateway.bundles import BYTES_MOST, BadBundle, Bundle, note_of, opened_bundle
from gateway.bundles.bundle import FIRST_LINE, judged
from gateway.plain import to_plain
from gateway.proof.note import SigningKey
from tests.unit.reloading.plant import SITE

KEY, OTHER = SigningKey("operator-17", bytes(range(32))), SigningKey("operator-17", bytes(32))
KEYS = [KEY.public.line()]
BUNDLE = Bundle(SITE, 5, 1_000, 2_000)


def test_what_a_known_key_signed_is_the_site_that_was_signed() -> None:
    assert opened_bundle(note_of(BUNDLE, KEY).encode(), KEYS) == replace(BUNDLE, key="operator-17")


def with_members(**members: Any) -> bytes:
    body = {
        "site": "plant", "gateway": "gw1", "sequence": 5, "made_ns": 1, "expires_ns": 2, "config": to_plain(SITE),
    } | members  # fmt: skip
    return KEY.signed(f"{FIRST_LINE}\n{orjson.dumps(body).decode()}\n").encode()


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (note_of(BUNDLE, OTHER).encode(), "no key of this site's config has signed it"),
        (note_of(BUNDLE, KEY).encode()[:-40], "not a signed note|signature"),
        (note_of(BUNDLE, KEY).replace("gw1", "gw2").encode(), "does not fit the text"),
        (b"", "not a signed note"),
        (b"\xff\xfe", "UTF-8"),
        (b"x" * (10 << 20), "at most 4194304 are taken"),
        (KEY.signed("lotwatch/v1/act\n{}\n").encode(), "is no config"),
        (KEY.signed(f"{FIRST_LINE}\n{{\n").encode(), "is not JSON"),
        (with_members(files={"../../etc/passwd": "x"}), "and nothing else"),
        (with_members(sequence=-1), "not whole numbers"),
        (with_members(sequence=True), "not whole numbers"),
        (with_members(config={}), "not a site that this version knows"),
        (with_members(config={**to_plain(SITE), "shell": "rm"}), "not a site that this version knows"),
        (with_members(config={**to_plain(SITE), "devices": 7}), "not a site that this version knows"),
        (with_members(site="north"), "names one site, and its config another one"),
    ],
)
def test_what_is_not_taken_says_why(payload: bytes, words: str) -> None:
    with pytest.raises(BadBundle, match=words):
        opened_bundle(payload, KEYS)


@pytest.mark.parametrize(
    ("bundle", "words"),
    [
        (replace(BUNDLE, site=replace(SITE, site="north")), "it is for north/gw1, and this is plant/gw1"),
        (replace(BUNDLE, sequence=4), "number 4 is not above 4"),
        (replace(BUNDLE, expires_ns=1_500), "its time is over"),
    ],
)
def test_another_site_an_older_number_and_a_time_that_is_over_are_refused(bundle: Bundle, words: str) -> None:
    judged(BUNDLE, SITE, 4, 1_500)
    with pytest.raises(BadBundle, match=words):
        judged(bundle, SITE, 4, 1_500)


@pytest.mark.long
def test_no_bundle_is_made_that_a_gateway_would_not_take() -> None:
    large = replace(SITE, cells=("a" * BYTES_MOST,))
    with pytest.raises(ValueError, match="a gateway takes"):
        note_of(replace(BUNDLE, site=large), KEY)
