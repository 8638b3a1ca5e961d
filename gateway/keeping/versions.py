"""Versions side by side below one folder, and the link that says which one runs: `versions/0.2.0`, `current`."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Collection, Sequence
from pathlib import Path

import orjson

from gateway.journal.chunkfile import sync_folder

PATIENCE_S = 300
KEPT = 2  # versions, beside what runs
WORK_S = 6 * 3_600  # a year of records copied to a card, or verified


class Unusable(Exception):
    """A version that is not there, or does not answer; says which, and what it said."""


class Versions:
    """The folder of an installation, such as /opt/lotwatch."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def names(self) -> list[str]:
        """Those that are there."""
        folder = self.root / "versions"
        return sorted(path.parents[1].name for path in folder.glob("*/bin/lotwatch"))

    def current(self) -> str:
        """The one that runs. Raises Unusable."""
        try:
            return (self.root / "current").readlink().name
        except OSError as error:
            raise Unusable(
                f"{self.root / 'current'}: {error.strerror}: is lotwatch installed there?"
            ) from error

    def put(self, name: str) -> None:
        """Let another one run from the next start on; at once or not at all. Raises Unusable."""
        if name not in self.names():
            raise Unusable(
                f"{self.root}: there is no version {name}, but {', '.join(self.names()) or 'none'}"
            )
        fresh = self.root / "current.new"
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(Path("versions", name))
        fresh.replace(self.root / "current")
        sync_folder(self.root)

    def prune(self, needed: Collection[str]) -> list[str]:
        """Remove all but what is needed, what runs and the newest two; those that went. Raises Unusable, OSError.

        The newest is who was put here last (ctime): a package keeps the times of its build.
        """
        by_age = sorted(self.names(), key=lambda each: (self.root / "versions" / each).stat().st_ctime_ns)
        kept = {*needed, self.current(), *by_age[-KEPT:]}
        gone = [each for each in by_age if each not in kept]
        for each in gone:
            shutil.rmtree(self.root / "versions" / each)
        return gone

    def ask(self, name: str, *words: str) -> object:
        """What a version's own `lotwatch ... --json` says. Raises Unusable."""
        said = self.run(name, *words, "--json")
        try:
            return orjson.loads(said)
        except orjson.JSONDecodeError as error:
            raise Unusable(
                f"{name}: lotwatch {' '.join(words)} said what is not JSON: {said[:200]!r}"
            ) from error

    def work(self, name: str, *words: str) -> None:
        """Let a version do what takes as long as its journal is large. Raises Unusable."""
        self.run(name, *words, patience_s=WORK_S)

    def run(self, name: str, *words: str, patience_s: float = PATIENCE_S) -> bytes:
        """The stdout of a version's command. Raises Unusable."""
        command: Sequence[str] = (str(self.root / "versions" / name / "bin" / "lotwatch"), *words)
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
        try:
            done = subprocess.run(
                command, capture_output=True, timeout=patience_s, check=True, env=environment
            )
        except subprocess.CalledProcessError as error:
            said = error.stderr.decode("utf-8", "replace").strip()[-300:]
            raise Unusable(f"{name}: lotwatch {words[0]} ended with {error.returncode}: {said}") from error
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Unusable(f"{name}: lotwatch {words[0]}: {error}") from error
        return done.stdout
