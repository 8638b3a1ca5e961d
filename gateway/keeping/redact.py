"""What leaves the plant in a support bundle, and what does not: secrets, names and numbers of people. Pure.

Rule: a secret that is known is looked for everywhere and taken out; one that is not is known by the name of its key,
or by its shape. Where in doubt it goes: who helps can ask.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

GONE = "[removed]"
OURS = re.compile(rb"\[removed\]|person-[0-9a-f]{8}")
"""What stands in place of what was taken out."""
_SECRET = re.compile(
    r"pass|secret|token|credential|private|psk|auth|api.?key|\bkey\b|^key$|^pin$|signature|cookie",
    re.IGNORECASE,
)
_PERSON = re.compile(
    r"^(operator|operators|approved_by|released_by|entered_by|by|user|username|login)$", re.IGNORECASE
)
_NAMED = re.compile(
    r"^(contact|phone|mobile|tel|mail|e-?mail|full_?name|first_?name|last_?name|person)$", re.IGNORECASE
)
_PLACE = re.compile(r"^(file:/|env:[A-Za-z_]|credential:\w)\S*$")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"(?<![\w.:-])(?:\+|00)\d[\d ()/-]{6,}\d")
_USERINFO = re.compile(r"(?<=://)[^/\s@]+@")
_QUERY = re.compile(r"(?<=[?&])([^=&\s]*(?:token|key|sig|secret|pass)[^=&\s]*=)[^&\s]+", re.IGNORECASE)
_BEARER = re.compile(r"\b(Bearer|Basic|Token)\s+[\w.~+/=-]{8,}", re.IGNORECASE)
_PEM = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL)
_SAID = re.compile(r"((?:pass\w*|secret|token)\s*[=:]\s*)(\"[^\"]*\"|'[^']*'|\S+)", re.IGNORECASE)
_OPERATOR = re.compile(r"(\boperator\W{0,4})(\d{1,12})\b", re.IGNORECASE)


class Redactor:
    """For one bundle: the same person is the same word throughout it, and another one in the next."""

    def __init__(self, secrets: Iterable[str], names: Iterable[str], salt: bytes) -> None:
        """`secrets` and `names` are those that are known here; each is taken out wherever it stands."""
        self._salt = salt
        longest = sorted({each.strip() for each in secrets if len(each.strip()) >= 4}, key=len, reverse=True)
        self._secrets = longest
        found = sorted({name.strip() for name in names if name.strip()}, key=len, reverse=True)
        self._names = re.compile("|".join(map(re.escape, found)), re.IGNORECASE) if found else None

    def text(self, text: str) -> str:
        """A line or more of free text."""
        for secret in self._secrets:
            text = text.replace(secret, GONE)
        text = _PEM.sub(GONE, text)
        if self._names is not None:
            text = self._names.sub(lambda found: self.person(found[0].casefold()), text)
        text = _OPERATOR.sub(lambda found: found[1] + self.person(found[2]), text)
        text = _SAID.sub(rf"\1{GONE}", text)
        text = _BEARER.sub(rf"\1 {GONE}", text)
        text = _USERINFO.sub(f"{GONE}@", text)
        text = _QUERY.sub(rf"\1{GONE}", text)
        return _PHONE.sub(GONE, _MAIL.sub(GONE, text))

    def plain(self, value: Any, key: str = "") -> Any:
        """A value as of JSON or YAML, under a key."""
        match value:
            case Mapping():
                return {self.text(str(name)): self.plain(each, str(name)) for name, each in value.items()}
            case str() | bytes():
                return self._word(value if isinstance(value, str) else value.decode("utf-8", "replace"), key)
            case Sequence():
                return [self.plain(each, key) for each in value]
            case bool() | None:
                return value
            case int() | float():
                return self._number(value, key)
        return self.text(str(value))

    def _word(self, value: str, key: str) -> str:
        if key.endswith("_from") and _PLACE.match(value):
            return self.text(value)  # where a secret is kept is none
        if _SECRET.search(key) or _NAMED.match(key):
            return GONE
        if _PERSON.match(key):
            return self.person(value)
        return self.text(value)

    def _number(self, value: float, key: str) -> Any:
        if _PERSON.match(key):
            return self.person(str(value))
        return GONE if _SECRET.search(key) and not key.endswith("_ns") else value

    def person(self, word: str) -> str:
        """Somebody, known only within this bundle."""
        return f"person-{hashlib.blake2b(word.encode(), key=self._salt, digest_size=4).hexdigest()}"
