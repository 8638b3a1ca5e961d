"""Five hundred damaged sites: each loads, or is refused with a place inside the file. Never a traceback."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.config import ConfigErrors, Problem, load
from gateway.resources import config_dir

BATCHES, EACH = 25, 20
STRANGE = [
    *(
        "0x",
        "1e999",
        ".nan",
        "~",
        "[]",
        "{}",
        "[[]]",
        "*a",
        "&a",
        "!!int 5",
        "'",
        '"',
        "|",
        ">",
        "-",
        "?",
        ":",
        "%",
        "@",
    ),
    *(
        "\t",
        "\0",
        "é",
        "年",
        "\u2028",
        "9" * 5000,
        "- - -",
        "<<",
        "yes",
        "1:30",
        "010",
        "2026-01-01",
        "{a: {a: {a: 1}}}",
    ),
]


def delete_line(rng: random.Random, text: str) -> str:
    lines = text.splitlines(keepends=True)
    del lines[rng.randrange(len(lines))]
    return "".join(lines)


def double_line(rng: random.Random, text: str) -> str:
    lines = text.splitlines(keepends=True)
    at = rng.randrange(len(lines))
    lines.insert(rng.randrange(len(lines)), lines[at])
    return "".join(lines)


def swap_lines(rng: random.Random, text: str) -> str:
    lines = text.splitlines(keepends=True)
    a, b = rng.randrange(len(lines)), rng.randrange(len(lines))
    lines[a], lines[b] = lines[b], lines[a]
    return "".join(lines)


def indent(rng: random.Random, text: str) -> str:
    lines = text.splitlines(keepends=True)
    at = rng.randrange(len(lines))
    lines[at] = (
        rng.choice(["  ", " ", "\t", "    "]) + lines[at] if rng.random() < 0.6 else lines[at].lstrip()
    )
    return "".join(lines)


def swap_value(rng: random.Random, text: str) -> str:
    values = list(re.finditer(r"(?<=: )[^\s,}#]+", text))
    if not values:
        return text
    one = rng.choice(values)
    new = rng.choice(STRANGE) if rng.random() < 0.6 else rng.choice(values)[0]
    return text[: one.start()] + new + text[one.end() :]


def rename_key(rng: random.Random, text: str) -> str:
    keys = list(re.finditer(r"[a-z_]+(?=:(\s|$))", text))
    if not keys:
        return text
    one = rng.choice(keys)
    letters = list(one[0])
    rng.shuffle(letters)
    new = rng.choice(["".join(letters), one[0][:-1], rng.choice(keys)[0], "password", "", "5", "<<"])
    return text[: one.start()] + new + text[one.end() :]


def random_bytes(rng: random.Random, text: str) -> bytes:
    raw = bytearray(text.encode())
    for _ in range(rng.randint(1, 6)):
        raw[rng.randrange(len(raw))] = rng.randrange(256)
    return bytes(raw)


def truncate(rng: random.Random, text: str) -> bytes:
    raw = text.encode()
    return raw[: rng.randrange(len(raw))]


def insert(rng: random.Random, text: str) -> str:
    at = rng.randrange(len(text))
    return text[:at] + rng.choice(STRANGE) + text[at:]


MUTATIONS: list[Callable[[random.Random, str], str | bytes]] = [
    delete_line, double_line, swap_lines, indent, swap_value, swap_value, rename_key, random_bytes, truncate, insert,
]  # fmt: skip


def damaged(rng: random.Random, folder: Path) -> Path:
    """A copy of the demo with one to three faults in one of its files."""
    files = {
        name: (config_dir() / name).read_text("utf-8")
        for name in ("demo/site.yaml", "demo/plans/moulding.yaml", "devices/moulding_machine.yaml")
    }
    files["demo/plans/blending.yaml"] = (config_dir() / "demo/plans/blending.yaml").read_text("utf-8")
    files["demo/plans/drying.yaml"] = (config_dir() / "demo/plans/drying.yaml").read_text("utf-8")
    victim = rng.choice(
        ["demo/site.yaml", "demo/site.yaml", "demo/plans/moulding.yaml", "devices/moulding_machine.yaml"]
    )
    raw: str | bytes = files.pop(victim)
    for _ in range(rng.randint(1, 3)):
        if isinstance(raw, bytes):
            raw = raw.decode("utf-8", "replace")
        raw = rng.choice(MUTATIONS)(rng, raw) if raw.strip() else raw
    for name, content in {**files, victim: raw}.items():
        target = folder / name.removeprefix("demo/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(
            content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
        )
    return folder / "site.yaml"


@pytest.mark.parametrize("batch", range(BATCHES))
def test_damaged_sites_load_or_say_where(tmp_path: Path, batch: int) -> None:
    refused = 0
    for number in range(EACH):
        seed = batch * EACH + number
        path = damaged(random.Random(seed), tmp_path)
        problems = said(path)
        assert problems is None or any(problem.severity == "error" for problem in problems), seed
        refused += problems is not None
        for problem in problems or ():
            inside(problem.file, problem.line, problem.col, seed)
            assert problem.text, (seed, problem)
            assert "\n" not in str(problem), (seed, problem)
    assert refused >= EACH // 2  # the mutations do bite: were they harmless, this would show nothing


def said(path: Path) -> list[Problem] | None:
    """None where the site loads."""
    try:
        load(path)
    except ConfigErrors as errors:
        return errors.problems
    return None


def test_a_name_that_is_a_mapping(tmp_path: Path) -> None:
    path = damaged(random.Random(3), tmp_path)
    text = (config_dir() / "demo" / "site.yaml").read_text("utf-8")
    path.write_text(text.replace("- name: silo1", "- name: {a: [1]}"))
    with pytest.raises(ConfigErrors, match="a mapping is not a name"):
        load(path)


def inside(file: str, line: int, col: int, seed: int) -> None:
    """The place is in the file, or right behind its last character."""
    lines = Path(file).read_bytes().removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace").split("\n")
    assert 1 <= line <= len(lines), (seed, file, line)
    assert 1 <= col <= len(lines[line - 1]) + 1, (seed, file, line, col)
