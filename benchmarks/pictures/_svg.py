"""Drawings as SVG, put together by hand: panels with axes, lines, bands and words. Pure.

A page shows a drawing as an image, which cannot know the colour of the page. So its ground is transparent, and each of
its colours is about as far from white as from black (contrast 4 to both); lines that need telling apart differ by their
dashes too. Coordinates are rounded to a tenth of a pixel, so that the same picture is the same text.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape

WIDTH = 720
INK = "#797979"
STYLES = (
    ("#2f7fc1", ""),
    ("#c4602a", "7 3"),
    ("#1f8a5f", "2 3"),
    ("#9a63c4", "10 3 2 3"),
)
"""Colour and dashes of the lines of a panel, in turn."""

BLUE, RED = STYLES[0][0], STYLES[1][0]


@dataclass(frozen=True, slots=True)
class Axis:
    """From `low` to `high`, with numbers at the `ticks`."""

    low: float
    high: float
    ticks: tuple[float, ...]
    title: str = ""
    log: bool = False

    def share(self, value: float) -> float:
        """Where a value stands: 0 at `low`, 1 at `high`; what is beyond stands at the end."""
        low, high, at = self.low, self.high, min(max(value, self.low), self.high)
        if self.log:
            low, high, at = math.log(low), math.log(high), math.log(at)
        return (at - low) / (high - low)


@dataclass(slots=True)
class Panel:
    """A box with two axes at `left`, `top`; what is drawn in it is kept in `parts`."""

    x: Axis
    y: Axis
    top: float
    height: float
    left: float = 64
    width: float = WIDTH - 88
    parts: list[str] = field(default_factory=list)

    def at(self, x: float, y: float) -> tuple[float, float]:
        return self.left + self.width * self.x.share(x), self.top + self.height * (1 - self.y.share(y))

    def frame(self) -> None:
        """Axes, ticks, their numbers, faint lines across."""
        end, floor = self.left + self.width, self.top + self.height
        for tick in self.y.ticks:
            y = self.at(self.x.low, tick)[1]
            self._rule((self.left, y, end, y), INK, 'stroke-opacity=".3"')
            self.parts.append(words(self.left - 8, y + 4.5, f"{tick:,g}", anchor="end"))
        for tick in self.x.ticks:
            x = self.at(tick, self.y.low)[0]
            self._rule((x, floor, x, floor + 5), INK)
            self.parts.append(words(x, floor + 19, f"{tick:,g}", anchor="middle"))
        self._rule((self.left, floor, end, floor), INK)
        if self.x.title:
            self.parts.append(words(end, floor + 37, self.x.title, anchor="end"))
        if self.y.title:
            self.parts.append(words(self.left, self.top - 10, self.y.title))

    def line(self, xs: Iterable[float], ys: Iterable[float], style: int, *, thick: float = 2) -> None:
        """Straight from point to point."""
        colour, dashes = STYLES[style]
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(self.at, xs, ys))
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        self.parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="{thick:g}"{dashed}/>'
        )

    def dots(self, xs: Iterable[float], ys: Iterable[float], colour: str, size: float = 3) -> None:
        """One at each point, so wide."""
        moves = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in map(self.at, xs, ys))
        self.parts.append(
            f'<path d="{moves}" stroke="{colour}" stroke-width="{size:g}" stroke-linecap="round" fill="none"/>'
        )

    def level(self, y: float, *, colour: str = INK, dashes: str = "") -> None:
        """A line across."""
        at = self.at(self.x.low, y)[1]
        dashed = f'stroke-dasharray="{dashes}"' if dashes else ""
        self._rule((self.left, at, self.left + self.width, at), colour, dashed)

    def upright(self, x: float, colour: str = INK, dashes: str = "") -> None:
        """A line from the floor to the top."""
        at = self.at(x, self.y.low)[0]
        dashed = f'stroke-dasharray="{dashes}"' if dashes else ""
        self._rule((at, self.top, at, self.top + self.height), colour, f'stroke-width="1.5" {dashed}'.strip())

    def band(self, low: float, high: float, colour: str) -> None:
        """A tinted stretch of x."""
        start, end = self.at(low, self.y.low)[0], self.at(high, self.y.low)[0]
        self.parts.append(
            f'<rect x="{start:.1f}" y="{self.top:g}" width="{end - start:.1f}" height="{self.height:g}" '
            f'fill="{colour}" fill-opacity=".25"/>'
        )

    def word(self, x: float, y: float, text: str, colour: str = INK, anchor: str = "start") -> None:
        """Words at a place of the axes."""
        across, down = self.at(x, y)
        self.parts.append(words(across, down, text, colour, anchor))

    def _rule(self, ends: tuple[float, float, float, float], colour: str, more: str = "") -> None:
        x1, y1, x2, y2 = ends
        more = f" {more}" if more else ""
        self.parts.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"{more}/>'
        )


def words(x: float, y: float, text: str, colour: str = INK, anchor: str = "start") -> str:
    """A line of text; `anchor` is the part of it that stands at x: "start", "middle" or "end"."""
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" text-anchor="{anchor}">{escape(text)}</text>'


def stroke(x: float, y: float, colour: str, dashes: str = "") -> str:
    """A short piece of a line, for a legend."""
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    ends = f'x1="{x:.1f}" y1="{y:.1f}" x2="{x + 30:.1f}" y2="{y:.1f}"'
    return f'<line {ends} stroke="{colour}" stroke-width="2.5"{dashed}/>'


def legend(names: Sequence[str], apart: float, row: int = 4) -> list[str]:
    """What the styles mean, at the top: so many in a row, so far apart."""
    parts = []
    for place, (name, (colour, dashes)) in enumerate(zip(names, STYLES, strict=False)):
        x, top = 64 + place % row * apart, 20 + place // row * 24
        parts += [stroke(x, top, colour, dashes), words(x + 36, top + 4.5, name, colour)]
    return parts


def drawing(told: str, height: int, parts: Iterable[str]) -> str:
    """The file. `told` says in words what is to be seen, for those who cannot see it."""
    told = escape(told)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" '
        f'role="img" aria-label="{told}" font-family="sans-serif" font-size="13" stroke-width="1">'
    )
    return "\n".join([head, f"<title>{told}</title>", *parts, "</svg>", ""])
