"""What is wrong with a config, all of it at once, each at its place in its file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

Path = tuple[str | int, ...]
"""Keys and indices from the top of a file: ``("devices", 0, "points", 3, "type")``."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong; `str` gives ``file:line:col: path: text``."""

    file: str
    line: int  # from 1
    col: int  # from 1, in characters
    path: str  # "devices[0].points[3].type"; "" for a problem of the file
    text: str
    severity: str = "error"  # or "warning"

    def __str__(self) -> str:
        path = f"{self.path}: " if self.path else ""
        word = "warning: " if self.severity == "warning" else ""
        return f"{self.file}:{self.line}:{self.col}: {word}{path}{self.text}"


class ConfigErrors(Exception):
    """The config cannot be used. `problems` has every error and every warning, in the order of the files' lines."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: list[Problem] = in_order(problems)
        super().__init__("\n".join(map(str, self.problems)))


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Each problem once: the files in the order they came, each by line."""
    once = list(dict.fromkeys(problems))
    files = list(dict.fromkeys(problem.file for problem in once))
    return sorted(once, key=lambda problem: (files.index(problem.file), problem))


def spell(path: Path) -> str:
    """``devices[0].points[3].type``."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            key = part if part.isprintable() else ascii(part)[1:-1]  # a problem is one line
            text += f".{key}" if text else key
    return text if len(text) <= 200 else text[:199] + "…"
