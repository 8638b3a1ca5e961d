"""Locks, documents and file sizes keep to what CONTRIBUTING.md and docs/decisions say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CODE = ("gateway", "drivers", "simulators", "tests", "benchmarks")
LARGEST = 450  # lines; most files are under 250
LOCKS = ("requirements/lock.txt", "requirements/dev.txt")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
PAPERS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
DECISIONS = sorted(ROOT.glob("docs/decisions/*.md"))


def pins(lock: str) -> dict[str, str]:
    """Package to version, of a lock file."""
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / lock).read_text("utf-8"), re.MULTILINE))


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_by_hash_and_names_no_index_and_no_machine(lock: str) -> None:
    requirements = re.sub(r"#.*", "", (ROOT / lock).read_text("utf-8")).replace("\\\n", " ").split("\n")
    for requirement in filter(str.strip, requirements):
        assert re.fullmatch(r"[a-z0-9-]+==\S+( ;[^-]+)?(\s+--hash=sha256:[0-9a-f]{64})+\s*", requirement)
    assert "//" not in (ROOT / lock).read_text("utf-8")


def test_tests_run_what_sites_run() -> None:
    assert pins(LOCKS[0]).items() <= pins(LOCKS[1]).items()


def test_no_file_grows_into_a_giant() -> None:
    sizes = {
        path: path.read_text("utf-8").count("\n") for room in CODE for path in ROOT.glob(f"{room}/**/*.py")
    }
    assert not {path: lines for path, lines in sizes.items() if lines > LARGEST}


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_has_its_number_and_four_headings(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.startswith(f"# {path.name[:4]}: ")
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert headings == ["Context", "Decision", "Consequences", "Status and alternatives"]


def test_decisions_do_not_share_a_number() -> None:
    numbers = [path.name[:4] for path in DECISIONS]
    assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize("path", PAPERS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_what_a_document_points_at_exists(path: Path) -> None:
    text = path.read_text("utf-8")
    links = [link.split("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    assert not [link for link in links if link and not (path.parent / link).exists()]
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
    assert (
        set(re.findall(r"(?:^\$ |^`|=\S+ )make ([a-z-]+)", "\n".join(commands(text)), re.MULTILINE))
        <= targets
    )


def commands(text: str) -> list[str]:
    """What stands in code spans and code blocks."""
    blocks = re.findall(r"```.*?```", text, re.DOTALL)
    spans = re.findall(r"`[^`\n]+`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    return [*blocks, *spans]
