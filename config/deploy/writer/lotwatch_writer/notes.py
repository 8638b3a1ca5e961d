"""What a person signs: a note (C2SP signed-note) of one line that says what it is, and one of JSON. Pure.

Each holds a challenge that the writer gave a moment ago and takes once, so no note is of use a second time, or later,
or at another box; and the digest of the list, so that nobody signs for bounds that have changed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from gateway.acts import key_name
from gateway.proof.merkle import ProofWrong
from gateway.proof.note import PublicKey, SigningKey, opened, split

FIRST_LINE = "lotwatch-writer/v1"
REASON_MOST = 500
_HEX = re.compile("[0-9a-f]{64}")
_TEXTS = {"do", "operator", "challenge", "list"}
_MORE = {
    "propose": {"tag", "value", "uom", "reason"},
    "approve": {"proposal", "tag", "value", "uom"},
    "withdraw": {"proposal"},
}


class BadNote(ValueError):
    """Not a note of ours; says why."""


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody signed, or claims to have."""

    do: str
    operator: str
    challenge: str
    list: str
    tag: str = ""
    value: float = 0.0
    uom: str = ""
    reason: str = ""
    proposal: str = ""


def signed(key: SigningKey, **said: Any) -> str:
    """The note."""
    return key.signed(f"{FIRST_LINE}\n{orjson.dumps(said).decode()}\n")


def heard(note: str) -> Said:
    """What a note says; its signature is not looked at. Raises BadNote, whatever the text is."""
    try:
        text, _ = split(note)
    except ProofWrong as error:
        raise BadNote(str(error)) from None
    first, _, rest = text.partition("\n")
    if first != FIRST_LINE:
        raise BadNote(f"it does not begin with {FIRST_LINE}")
    try:
        said = orjson.loads(rest.encode("utf-8", "replace"))
    except orjson.JSONDecodeError:
        raise BadNote("its second line is not JSON") from None
    if not isinstance(said, dict) or said.get("do") not in _MORE or set(said) != _TEXTS | _MORE[said["do"]]:
        raise BadNote(f"it says neither of {', '.join(_MORE)}, with all that belongs to it and nothing else")
    return _checked(said)


def _checked(said: Mapping[str, Any]) -> Said:
    for name, value in said.items():
        if name == "value":
            if type(value) not in {int, float} or not math.isfinite(value):
                raise BadNote("value is not a number")
        elif not isinstance(value, str) or len(value) > REASON_MOST or not value.isprintable():
            raise BadNote(f"{name} is not a line of at most {REASON_MOST} characters")
    if not re.fullmatch("[0-9]{1,12}", said["operator"], re.ASCII):
        raise BadNote("operator is not a number")
    if not said.get("reason", "x").strip():
        raise BadNote("reason is empty")
    if "proposal" in said and not _HEX.fullmatch(said["proposal"]):
        raise BadNote("proposal is not 64 hexadecimal digits")
    given = dict(said)
    if "value" in given:
        given["value"] = float(given["value"])
    return Said(**given)


def held_by(note: str, operator: str, key: PublicKey) -> bool:
    """Whether this person's key signed the note."""
    try:
        opened(note, key)
    except ProofWrong:
        return False
    return key.name == key_name(operator)
