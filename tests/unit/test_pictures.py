"""The pictures in docs/pictures are what the code draws now, and can be read on a white page and on a black one."""

from __future__ import annotations

import html
import re
from xml.etree import ElementTree as ET

import pytest

from benchmarks.pictures import DRAWN, FOLDER
from benchmarks.pictures._svg import INK, STYLES, WIDTH, Axis

SVG = sorted(path.name for path in FOLDER.glob("*.svg"))
PAGE = (FOLDER.parent / "explanation" / "choosing-a-chart.md").read_text("utf-8")
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def test_each_picture_has_its_code() -> None:
    assert sorted(DRAWN) == sorted(path.name for path in FOLDER.iterdir())


@pytest.mark.long
@pytest.mark.parametrize("name", DRAWN)
def test_a_picture_is_what_the_code_draws_now(name: str) -> None:
    committed, drawn = (FOLDER / name).read_text("utf-8"), DRAWN[name]()
    assert NUMBER.sub("0", drawn) == NUMBER.sub("0", committed), "python -m benchmarks pictures"
    # Another machine's arithmetic may round a number the other way.
    apart = [
        abs(float(a) - float(b))
        for a, b in zip(NUMBER.findall(drawn), NUMBER.findall(committed), strict=True)
    ]
    assert max(apart) < 0.11, "python -m benchmarks pictures"


@pytest.mark.parametrize("name", SVG)
def test_a_picture_is_small_says_what_it_shows_and_is_on_the_page(name: str) -> None:
    text = (FOLDER / name).read_text("utf-8")
    assert len(text) < 40_000
    root = ET.fromstring(text)
    assert float(root.attrib["width"]) <= WIDTH <= 720
    told = root.attrib["aria-label"]
    assert root[0].text == told
    assert f"![{told}](../pictures/{name})" in PAGE


@pytest.mark.parametrize("name", SVG)
def test_nothing_stands_outside_of_the_picture(name: str) -> None:
    root = ET.fromstring((FOLDER / name).read_text("utf-8"))
    height = float(root.attrib["height"])
    for each in root:
        across = [float(each.attrib[key]) for key in ("x", "x1", "x2") if key in each.attrib]
        down = [float(each.attrib[key]) for key in ("y", "y1", "y2") if key in each.attrib]
        if each.text and each.tag.endswith("text"):  # 0.62 em a letter is a wide guess
            left = {"start": 0.0, "middle": 0.5, "end": 1.0}[each.attrib["text-anchor"]]
            wide = 0.62 * 13 * len(html.unescape(each.text))
            across += [across[0] - left * wide, across[0] + (1 - left) * wide]
        assert all(0 <= x <= WIDTH for x in across), each.text
        assert all(0 <= y <= height for y in down), each.text


@pytest.mark.parametrize("colour", [INK, *(colour for colour, _ in STYLES)])
def test_colours_can_be_seen_on_white_and_on_black(colour: str) -> None:
    assert 1.05 / (luminance(colour) + 0.05) > 4
    assert (luminance(colour) + 0.05) / (luminance("#0d1117") + 0.05) > 4


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.1)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_what_is_beyond_an_axis_stands_at_its_end() -> None:
    axis = Axis(1, 100, (1, 10, 100), log=True)
    assert [axis.share(value) for value in (0.1, 1, 10, 1000)] == pytest.approx([0, 0, 0.5, 1])
