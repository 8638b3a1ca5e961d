"""Finds and reads device maps: `devices/<model>.yaml` beside the site file, then those shipped."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path as FilePath

from gateway.config.models import DeviceMap
from gateway.config.points import Placed, check_together, of_map
from gateway.config.problems import Problem
from gateway.config.validate import Checked
from gateway.config.yamltext import MOST_BYTES, Document
from gateway.plan.words import nearest, shown
from gateway.resources import config_dir


@dataclass(frozen=True, slots=True)
class KnownMap:
    """A device map that was read, as far as it could be."""

    checked: Checked[DeviceMap]
    points: list[Placed]
    whole: bool


class Maps:
    """The device maps that a site uses, each read once."""

    def __init__(self, folder: FilePath) -> None:
        self._folders = [folder / "devices"]
        shipped = _shipped()
        if shipped is not None and shipped not in self._folders:
            self._folders.append(shipped)
        self._known: dict[str, KnownMap | None] = {}
        self._fits: set[tuple[str, int]] = set()

    def get(self, name: str) -> KnownMap | None:
        """The map of that name, or None where there is no such file."""
        if name not in self._known:
            self._known[name] = self._read(name)
        return self._known[name]

    def unknown(self, name: str) -> str:
        """What to say of a name that has no file."""
        names = sorted({file.stem for folder in self._folders for file in folder.glob("*.yaml")})
        folders = " or ".join(str(folder) for folder in self._folders)
        return f"{shown(name)} is not a device map in {folders}{nearest(name, names)}"

    def fit(self, name: str, max_words: int) -> None:
        """Check an unchanged map against a read length, once."""
        known = self._known.get(name)
        if known is not None and (name, max_words) not in self._fits:
            self._fits.add((name, max_words))
            check_together(known.points, max_words)

    def problems(self) -> list[Problem]:
        """What is wrong in the maps read so far."""
        return [problem for known in self._known.values() if known for problem in known.checked.problems]

    def _read(self, name: str) -> KnownMap | None:
        for folder in self._folders:
            file = folder / f"{name}.yaml"
            if file.is_file():
                document = read_file(file)
                checked = Checked(document, DeviceMap)
                whole = checked.model is not None and not checked.problems
                return KnownMap(checked, of_map(checked), whole)
        return None


def read_file(file: FilePath) -> Document:
    """A YAML file; one that cannot be read is a document with that problem."""
    name = str(file).encode("utf-8", "replace").decode("utf-8")
    try:
        if file.exists() and not file.is_file() and not file.is_dir():
            raise OSError(0, "it is not a file")  # /dev/zero has no end
        with file.open("rb") as opened:
            return Document(name, opened.read(MOST_BYTES + 1))
    except (OSError, ValueError) as error:
        document = Document(name, b"")
        document.problems.append(document.problem((), _why(error, file)))
        return document


def there(file: FilePath) -> bool:
    """Whether there is such a file; a name that no file can have is none."""
    try:
        return file.exists()
    except (OSError, ValueError):  # too long, or with a NUL
        return False


def _why(error: Exception, file: FilePath) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    if isinstance(error, IsADirectoryError) or file.is_dir():
        return "is a directory: name the file in it, such as site.yaml"
    if isinstance(error, PermissionError):
        return "may not be read by this user"
    return f"cannot be read: {getattr(error, 'strerror', None) or error}"


def _shipped() -> FilePath | None:
    try:
        folder = config_dir() / "devices"
    except FileNotFoundError:
        return None
    with contextlib.suppress(OSError):  # the working directory may be gone
        return folder.relative_to(FilePath.cwd()) if folder.is_relative_to(FilePath.cwd()) else folder
    return folder
