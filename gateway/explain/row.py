"""What a code means, in one language."""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """One code. Words in braces are facts of a finding; the command is the same in every language."""

    said: str  # in one line, with the facts
    means: str  # why it matters
    fix: str  # what to do
    command: str = ""  # what to run, facts filled in
