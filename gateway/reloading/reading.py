"""The config of a daemon that runs, read by a process of its own: pydantic and YAML never enter the daemon's memory."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import orjson

from gateway.plain import from_plain
from gateway.site import Site

READING_S = 120.0  # designs of a large plan take seconds to compute, on a slow box a minute


class BadConfig(Exception):
    """It is not good, or cannot be read; says every problem, a line each."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a daemon's config comes from."""

    config: Path
    settings: tuple[str, ...] = ()  # PATH=VALUE, laid over what the file says
    hash: str = ""  # of what it said when the run began, where a bundle may be in force instead

    def read(self, other: str = "") -> Site:
        """The site in it, or in another file. Raises BadConfig. Blocks for a second."""
        file = Path(other) if other else self.config
        command = [sys.executable, "-m", "gateway.config", str(file), *self.settings]
        try:
            done = subprocess.run(command, capture_output=True, timeout=READING_S, check=False)
        except OSError as error:
            raise BadConfig(f"{file}: {sys.executable} cannot be started: {error.strerror}") from error
        except subprocess.TimeoutExpired as error:
            raise BadConfig(f"{file}: it was not read within {READING_S:.0f} s") from error
        if done.returncode != 0:
            said = done.stderr.decode("utf-8", "replace").strip()
            raise BadConfig(said or f"{file}: whoever read it ended with code {done.returncode}")
        site: Site = from_plain(Site, orjson.loads(done.stdout))
        return site
