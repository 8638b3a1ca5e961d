"""What an examination has found: a code with its facts; the words are `gateway.explain`'s."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.explain import finding
from gateway.explain.row import Row


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, or soon will be (`warning`)."""

    code: str
    facts: Mapping[str, str] = field(default_factory=dict)
    warning: bool = False

    def words(self, lang: str) -> Row:
        """In that language."""
        return finding(self.code, self.facts, lang)

    def plain(self, lang: str) -> dict[str, Any]:
        """As JSON has it."""
        severity = "warning" if self.warning else "error"
        return {
            "code": self.code, "severity": severity, "facts": dict(self.facts), **self.words(lang)._asdict(),
        }  # fmt: skip
