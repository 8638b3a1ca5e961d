"""Damaged sites: each loads, or is refused with a place inside the file, in 50 ms. Never a traceback."""

from __future__ import annotations

import random
import re
import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

from benchmarks.reliability.inputs.slow import MS, Watch
from benchmarks.reliability.row import Outcome, Row, dice
from gateway.config import ConfigErrors, Problem, load
from gateway.resources import config_dir

SITES = (*["example"] * 7, "scenarios", "dosing", "demo")
DEVICE = "devices/moulding_machine.yaml"
STRANGE = [
    "0x", "1e999", ".nan", "~", "[]", "{}", "[[]]", "*a", "&a", "!!int 5", "'", '"', "|", ">", "-", "?", ":", "%", "@",
    "\t", "\0", "é", "年", "\u2028", "9" * 5000, "- - -", "<<", "yes", "1:30", "010", "2026-01-01", "{a: {a: {a: 1}}}",
]  # fmt: skip


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


@cache
def good(site: str) -> dict[str, bytes]:
    """The files of a site that is shipped, by their place in its folder."""
    folder = config_dir() / site
    found = {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.yaml"))}
    found[DEVICE] = (config_dir() / DEVICE).read_bytes()
    return found


def lay(folder: Path, files: dict[str, bytes]) -> None:
    """Write them."""
    for name, content in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def damaged(rng: random.Random, site: str) -> tuple[str, bytes]:
    """A file of the site with one to three faults; `site.yaml` mostly."""
    files = good(site)
    victim = rng.choice(["site.yaml", "site.yaml", *files])
    raw: str | bytes = files[victim]
    for _ in range(rng.randint(1, 3)):
        if isinstance(raw, bytes):
            raw = raw.decode("utf-8", "replace")
        raw = rng.choice(MUTATIONS)(rng, raw) if raw.strip() else raw
    return victim, raw if isinstance(raw, bytes) else raw.encode("utf-8", "surrogatepass")


def said(path: Path) -> list[Problem] | None:
    """None where the site loads."""
    try:
        load(path)
    except ConfigErrors as errors:
        return errors.problems
    return None


def run(seed: int, number: int, count: int) -> Outcome:
    """So many damaged sites."""
    rng, outcome = dice("configs", seed, number), Outcome(count)
    watch = Watch(outcome, 50 * MS)
    with tempfile.TemporaryDirectory(prefix="lotwatch-configs-") as work:
        for site in set(SITES):
            lay(Path(work) / site, good(site))
        for _ in range(count):
            site = rng.choice(SITES)
            victim, content = damaged(rng, site)
            lay(Path(work) / site, {victim: content})
            path = Path(work) / site / "site.yaml"
            began = time.thread_time_ns()
            wrong = judged(path, outcome)
            watch.look(time.thread_time_ns() - began, f"{site}/{victim}", lambda: judged(path, Outcome()))  # noqa: B023
            if wrong:
                outcome.find(f"{site}/{victim}: {wrong}: {content[:300]!r}")
            lay(Path(work) / site, {victim: good(site)[victim]})
    return outcome


def judged(path: Path, outcome: Outcome) -> str:
    """What is wrong with what is said of a site; "" where nothing is."""
    try:
        problems = said(path)
    except Exception as error:  # noqa: BLE001 # that is what is looked for
        return f"raised {error!r}"
    outcome.facts["loads" if problems is None else "refused"] += 1
    if problems is not None and not any(problem.severity == "error" for problem in problems):
        return "refused without an error"
    for problem in problems or ():
        if not problem.text or "\n" in str(problem):
            return f"no line of words: {problem!r}"
        if not inside(problem.file, problem.line, problem.col):
            return f"the place is not in the file: {problem}"
    return ""


def inside(file: str, line: int, col: int) -> bool:
    """Whether the place is in the file, or right behind its last character; a folder has one place only."""
    if Path(file).is_dir():
        return line == col == 1
    lines = Path(file).read_bytes().removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace").split("\n")
    return 1 <= line <= len(lines) and 1 <= col <= len(lines[line - 1]) + 1


ROW = Row(
    "configs", "damaged sites", "loads, or is refused with a place in the file, <= 50 ms each",
    per_run=2_000, nightly=200_000, budget_s=60, batch=250, run=run,
)  # fmt: skip
