"""What the checks of a site share: names known so far, and names that stand in rows too broken to use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from gateway.config.maps import Maps
from gateway.config.models import SiteFile
from gateway.config.points import Placed
from gateway.config.problems import Path
from gateway.config.validate import Checked
from gateway.plan.words import nearest, shown
from gateway.site import Device, Point

_MOST_SUGGESTED = 100


@dataclass(frozen=True, slots=True)
class Tagged:
    """A tag's point and where it is read."""

    point: Point
    group: str
    placed: Placed | None = None  # None: the fold derives it


@dataclass
class Draft:
    """A site on its way from file to rows."""

    checked: Checked[SiteFile]
    model: SiteFile
    maps: Maps
    cells: dict[str, Path] = field(default_factory=dict)
    kinds: dict[str, str | None] = field(default_factory=dict)  # bus name: "polling", "talking"
    readers: dict[str, str | None] = field(default_factory=dict)  # device name: its bus's kind
    devices: list[Device] = field(default_factory=list)
    tags: dict[str, Tagged] = field(default_factory=dict)
    doubtful: set[str] = field(default_factory=set)  # cells whose tags are not all known
    _suggested: int = 0

    def say(self, path: Path, text: str, *, severity: str = "error") -> None:
        """Add a problem of the site file."""
        self.checked.say(path, text, severity=severity)

    def nearest(self, word: str, words: Iterable[str]) -> str:
        """The nearest right word, for the first hundred: where a line was renamed, thousands of tags are unknown."""
        self._suggested += 1
        return nearest(word, words) if self._suggested <= _MOST_SUGGESTED else ""

    def raw_names(self, section: str) -> set[str]:
        """Names as the file has them, those of broken rows too: what names them is not wrong itself."""
        return self.raw_words(section, "name")

    def raw_words(self, section: str, key: str) -> set[str]:
        """What the file has under a key in the rows of a section."""
        return {str(row[key]) for row in self._raw(section) if isinstance(row.get(key), (str, int))}

    def alert_names(self, section: str) -> set[str]:
        """Names of `people` or `ladders`, as the file has them."""
        data = self.checked.document.data
        alerts = data.get("alerts") if isinstance(data, dict) else None
        rows = alerts.get(section) if isinstance(alerts, dict) else None
        return (
            {str(row["name"]) for row in rows if isinstance(row, dict) and "name" in row}
            if isinstance(rows, list)
            else set()
        )

    def _raw(self, section: str) -> Iterable[dict[str, Any]]:
        data = self.checked.document.data
        rows = data.get(section) if isinstance(data, dict) else None
        return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []

    def doubt_broken_rows(self) -> None:
        """Tags of devices that could not be read may be named without being wrong."""
        whole = {row.name for row in self.model.devices}
        for row in self._raw("devices"):
            if str(row.get("name")) not in whole:
                self.doubtful.add(str(row.get("cell", "")))

    def once(self, section: str, names: Iterable[str]) -> None:
        """Say where a name is taken already."""
        first: dict[str, int] = {}
        for at, name in enumerate(names):
            if name in first:
                line, _ = self.checked.document.place(self.checked.original((section, first[name])))
                self.say((section, at, "name"), f"{shown(name)} is taken, on line {line}")
            else:
                first[name] = at

    def check_cell(self, path: Path, cell: str, source: Checked[Any] | None = None) -> bool:
        """Whether a cell is one of the site's."""
        if cell in self.cells or self._broken_lines():
            return True
        (source or self.checked).say(
            path, f"{shown(cell)} is not a cell of this site{self.nearest(cell, self.cells)}"
        )
        return False

    def _broken_lines(self) -> bool:
        return len(list(self._raw("lines"))) != len(self.model.lines)

    def tag(self, source: Checked[Any], path: Path, tag: str) -> Tagged | None:
        """The point of a tag; an unknown one is said, with the nearest."""
        found = self.tags.get(tag)
        if found is None and tag.rpartition("/")[0] not in self.doubtful and "" not in self.doubtful:
            source.say(path, f"{shown(tag)} is not a tag of this site{self.nearest(tag, self.tags)}")
        return found
