"""What is made when a module is imported (constants, defaults, classes): a pytest of its own for each mutant.

Its importer gives out the mutated module. The plain run is played first and sets the limits; a mutant that failed
counts only when the test that failed passes with the right code, and the file is still the one that was mutated.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType

import pytest

from benchmarks._mutation_fork import KILLED, MEMORY_B, SURVIVED, TIMEOUT
from benchmarks._mutation_sites import Mutant, mutants, mutated

_FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+::.+?)(?: - .*)?$", re.MULTILINE)


class Cold:
    """Asks about one mutant at a time; `order` has the names of the tests it is shown, the quick ones first."""

    def __init__(self, files: Mapping[str, str], paths: Sequence[str], order: Sequence[str]) -> None:
        self._files, self._paths, self._order = files, [str(each) for each in paths], list(order)
        self._limits: tuple[float, float] | None = None  # CPU, clock; seconds

    def ask(self, path: Path, mutant: Mutant) -> str:
        """Its verdict. One whose file was edited meanwhile survives: nothing can be said."""
        if self._limits is None:
            self._limits = self._plain()
        code, failed = self._pytest([str(path), mutant.node, mutant.variant], self._paths, self._limits)
        if path.read_text("utf-8") != self._files[str(path)] or code == 0:
            return SURVIVED
        # Nothing named: it could not be imported or collected, so the same must be possible without it.
        again = [failed] if failed else ["--collect-only", *self._paths]
        if self._pytest(None, again, self._limits)[0] != 0:
            return SURVIVED
        return TIMEOUT if code in {None, -24} else KILLED  # 24: the limit of CPU

    def _plain(self) -> tuple[float, float]:
        cpu, began = _children_cpu(), time.monotonic()
        code, failed = self._pytest(None, self._paths, (3_600.0, 3_600.0))
        if code != 0:
            raise pytest.UsageError(f"without a mutant, {failed or 'pytest'} fails: mend that first")
        return 10 + 4 * (_children_cpu() - cpu), 60 + 8 * (time.monotonic() - began)

    def _pytest(
        self, mutant: list[object] | None, paths: Sequence[str], limits: tuple[float, float]
    ) -> tuple[int | None, str]:
        """Its exit code, none if the clock ended it, and the name of the test that failed."""
        with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
            order = Path(folder) / "order.json"
            order.write_text(json.dumps(self._order), "utf-8")
            environment = {**os.environ, "MUTATION_ORDER": str(order)}
            if mutant is not None:
                environment["MUTANT"] = json.dumps(mutant)
            command = [
                sys.executable, "-m", "pytest", "-x", "-q", "-rfE", "-p", "benchmarks._mutation_cold",
                "-p", "no:cacheprovider", f"--basetemp={folder}/t", "-m", "not system", *paths,
            ]  # fmt: skip
            try:
                done = subprocess.run(
                    command, env=environment, capture_output=True, check=False, timeout=limits[1], text=True,
                    errors="replace", preexec_fn=lambda: _limited(limits[0]),
                )  # fmt: skip
            except subprocess.TimeoutExpired:
                return None, ""
        found = _FAILED.search(done.stdout)
        return done.returncode, found.group(1) if found else ""


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _limited(cpu_s: float) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (int(cpu_s), int(cpu_s) + 5))
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_B, MEMORY_B))


# --- in the child, which loads this file as a plugin of pytest -------------------------------------------------------


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those tests alone, the quick ones first."""
    names = json.loads(Path(os.environ["MUTATION_ORDER"]).read_text("utf-8"))
    order = {name: at for at, name in enumerate(names)}
    items[:] = sorted((each for each in items if each.nodeid in order), key=lambda item: order[item.nodeid])


class _Importer:
    """Gives out one module with one mistake in it."""

    def __init__(self, path: Path, node: int, variant: int) -> None:
        self._path, self._at = path, (node, variant)

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        del path, target
        file = Path(__file__).parents[1] / name.replace(".", "/")
        if self._path not in {file.with_suffix(".py"), file / "__init__.py"}:
            return None
        return importlib.util.spec_from_file_location(
            name, self._path, loader=_Loader(name, str(self._path), self._at)
        )


class _Loader(SourceFileLoader):
    def __init__(self, name: str, path: str, at: tuple[int, int]) -> None:
        super().__init__(name, path)
        self._at = at

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        source = Path(path).read_text("utf-8")
        mutant = next(each for each in mutants(source) if (each.node, each.variant) == self._at)
        return compile(mutated(source, mutant), path, "exec")


if "MUTANT" in os.environ:
    _where, _node, _variant = json.loads(os.environ["MUTANT"])
    sys.meta_path.insert(0, _Importer(Path(_where), _node, _variant))
