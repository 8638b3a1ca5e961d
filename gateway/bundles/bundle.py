"""A bundle: a signed note whose text is one line that says what it is, and one of JSON with the whole site. Pure.

The site is as the config process makes it, with every plan and device map in it: so a bundle names no file, and the box
reads none for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import orjson

from gateway.plain import from_plain, to_plain
from gateway.proof.merkle import ProofWrong
from gateway.proof.note import NoKey, PublicKey, SigningKey, opened, split
from gateway.site import Site

FIRST_LINE = "lotwatch/v1/config"
BYTES_MOST = 4 << 20
SEQUENCE_MOST = 2**53
_MEMBERS = {"site", "gateway", "sequence", "made_ns", "expires_ns", "config"}


class BadBundle(ValueError):
    """It is not taken; says why."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """What somebody wants a gateway to work by."""

    site: Site
    sequence: int  # each above the one before
    made_ns: int
    expires_ns: int
    key: str = ""  # name of the key that signed it


def note_of(bundle: Bundle, key: SigningKey) -> str:
    """The note. Raises ValueError where it is too large."""
    body = {
        "site": bundle.site.site, "gateway": bundle.site.gateway, "sequence": bundle.sequence,
        "made_ns": bundle.made_ns, "expires_ns": bundle.expires_ns, "config": to_plain(bundle.site),
    }  # fmt: skip
    note = key.signed(f"{FIRST_LINE}\n{orjson.dumps(body, option=orjson.OPT_SORT_KEYS).decode()}\n")
    if len(note) > BYTES_MOST:
        raise ValueError(f"it has {len(note)} bytes, and a gateway takes {BYTES_MOST}")
    return note


def opened_bundle(payload: bytes, keys: Iterable[str]) -> Bundle:
    """The bundle that one of the keys signed. Raises BadBundle, whatever the bytes are."""
    if len(payload) > BYTES_MOST:
        raise BadBundle(f"it has {len(payload)} bytes, and at most {BYTES_MOST} are taken")
    try:
        note = payload.decode("utf-8")
        names = {(name, id_) for name, id_, _ in split(note)[1]}
        known = [key for key in map(PublicKey.of_line, keys) if (key.name, key.id) in names]
        if not known:
            raise BadBundle("no key of this site's config has signed it")
        text = opened(note, known[0])
    except UnicodeDecodeError:
        raise BadBundle("it is not a text in UTF-8") from None
    except (ProofWrong, NoKey) as error:
        raise BadBundle(str(error)) from None
    return bundle_of(text, known[0].name)


def bundle_of(text: str, key: str = "") -> Bundle:
    """The bundle in a note's text, whoever signed it. Raises BadBundle."""
    first, _, rest = text.partition("\n")
    if first != FIRST_LINE:
        raise BadBundle(f"it is signed, and is no config: its first line is not {FIRST_LINE}")
    try:
        said = orjson.loads(rest)
    except orjson.JSONDecodeError as error:
        raise BadBundle(f"it is signed, and is not JSON: {error}") from None
    if not isinstance(said, dict) or set(said) != _MEMBERS:
        raise BadBundle(f"it is signed, and does not have {', '.join(sorted(_MEMBERS))}, and nothing else")
    numbers = [said[name] for name in ("sequence", "made_ns", "expires_ns")]
    if any(type(number) is not int or number < 0 for number in numbers) or numbers[0] > SEQUENCE_MOST:
        raise BadBundle("its sequence and times are not whole numbers")
    try:
        site: Site = from_plain(Site, said["config"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise BadBundle(f"its config is not a site that this version knows: {error}") from None
    if (said["site"], said["gateway"]) != (site.site, site.gateway):
        raise BadBundle("it names one site, and its config another one")
    return Bundle(site, numbers[0], numbers[1], numbers[2], key)


def judged(bundle: Bundle, here: Site, newest: int, now_ns: int) -> None:
    """Whether it is for this gateway, now, and newer than what was taken. Raises BadBundle."""
    if (bundle.site.site, bundle.site.gateway) != (here.site, here.gateway):
        raise BadBundle(
            f"it is for {bundle.site.site}/{bundle.site.gateway}, and this is {here.site}/{here.gateway}"
        )
    if bundle.sequence <= newest:
        raise BadBundle(f"its number {bundle.sequence} is not above {newest}, which was taken")
    if now_ns >= bundle.expires_ns:
        raise BadBundle("its time is over")
