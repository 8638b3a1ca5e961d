"""What a code means, why it matters and how to mend it, in English and Chinese. Pure.

Codes are those that commands print: findings of `doctor` (``LW404``), exit codes (``exit 69``), run rules (``WE1``,
``N2``), reasons of a bad value (``no_answer``) and reasons why a scanned code is refused (``check_digit``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from gateway.explain import codes_chinese, codes_english, findings_chinese, findings_english
from gateway.explain.row import Row

LANGUAGES = ("en", "zh")
_HOLE = re.compile(r"\{([a-z_]+)\}")


def codes() -> list[str]:
    """All that can be explained, findings first."""
    return [*findings_english.FINDINGS, *codes_english.CODES]


def explained(code: str, lang: str = "en") -> Row | None:
    """The row of a code, its facts as names in angle brackets; None where there is no such code.

    >>> explained("lw102").said
    'this user may not open <port>'
    """
    name = _named(code)
    return None if name is None else _filled(_row(name, lang), {})


def finding(code: str, facts: Mapping[str, str], lang: str = "en") -> Row:
    """The row of a finding with its facts in it. Raises KeyError for a code that is none."""
    return _filled(_row(code, lang), facts)


def _named(code: str) -> str | None:
    """The code that is meant: findings and rules in any case, an exit code by its number alone."""
    word = code.strip()
    tries = (word, word.upper(), word.lower(), f"exit {word}")
    return next((each for each in tries if each in _ENGLISH), None)


_ENGLISH: dict[str, Row] = {**findings_english.FINDINGS, **codes_english.CODES}
_CHINESE: dict[str, tuple[str, str, str]] = {**findings_chinese.FINDINGS, **codes_chinese.CODES}


def _row(code: str, lang: str) -> Row:
    english = _ENGLISH[code]
    return Row(*_CHINESE[code], english.command) if lang == "zh" else english


def _filled(row: Row, facts: Mapping[str, str]) -> Row:
    def put(text: str) -> str:
        return _HOLE.sub(lambda hole: str(facts.get(hole[1], f"<{hole[1]}>")), text)

    return Row(*(put(text) for text in row))
