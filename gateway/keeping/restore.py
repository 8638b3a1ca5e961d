"""A backup put back as a folder: every file by its hash, every record by its leaf. To read; to go on, see `goon`."""

from __future__ import annotations

import os
import shutil
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from gateway.journal import JournalReader
from gateway.journal.chunkfile import sync_folder
from gateway.journal.database import NAME as DATABASE
from gateway.journal.database import open_for_writing
from gateway.journal.errors import JournalError, translated
from gateway.journal.lock import RESTORED
from gateway.journal.verify import Verdict, verify
from gateway.keeping.manifest import NAME, Manifest, NotABackup, copied, half_of, manifest_of
from gateway.proof.head import Head
from gateway.proof.note import PublicKey

_MANIFEST_MOST = 1 << 24


class NotRestored(Exception):
    """Nothing was put back; says why and what to do."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back, and what checking it found."""

    manifest: Manifest
    verdict: Verdict


def restore(
    source: Path,
    target: Path,
    key: PublicKey | None = None,
    kept: Head | None = None,
    then: Callable[[Path, Manifest], None] = lambda _, __: None,
) -> Restored:
    """Put a backup, a folder or a .tar, into a new or empty folder, and verify it. All of it or nothing.

    `key`: whose signatures are to be believed, where not those of the backup's own ledger.pub; `kept`: a head that
    somebody else kept; `then`: what is done with the verified folder before it is closed to writers.
    Raises NotRestored.
    """
    target = target.resolve()  # "." has no name
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise NotRestored(f"{target}: it is not empty, and nothing is written over: name another folder")
    half = half_of(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(mode=0o700)
        with _opened(source) as files:
            manifest = files.manifest()
            for name, said in manifest.files.items():
                _put(files, half, name, said, source)
        verdict = _verified(half, manifest, key, kept)
        then(half, manifest)
        (half / RESTORED).write_bytes(manifest.text())
        sync_folder(half)
        if target.exists():
            target.rmdir()
        half.rename(target)
        sync_folder(target.parent)
    except (NotABackup, JournalError, tarfile.TarError) as error:
        raise NotRestored(f"{source}: {error}") from error
    except OSError as error:
        raise NotRestored(f"{error.filename or source}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(half, ignore_errors=True)
    return Restored(manifest, verdict)


def _verified(half: Path, manifest: Manifest, key: PublicKey | None, kept: Head | None) -> Verdict:
    with translated(half / DATABASE):
        open_for_writing(half).close()  # brings an older schema up to date
    with JournalReader(half) as reader:
        identity = reader.identity
        if (identity.site, identity.gateway, identity.epoch) != (
            manifest.site,
            manifest.gateway,
            manifest.epoch,
        ):
            raise NotRestored(
                f"the backup says that it is of {manifest.gateway}, its journal of {identity.gateway}"
            )
        head = reader.ledger.head(reader.ledger.size())
        if (head.size, head.root.hex()) != (manifest.leaves, manifest.root):
            raise NotRestored("the head of its ledger is not the one that the backup names: it was changed")
        verdict = verify(reader, key or reader.ledger.key(), kept)
    if verdict.findings:
        shown = "; ".join(verdict.findings[:3])
        raise NotRestored(f"it is not what was committed: {shown}")
    return verdict


class _Files:
    """The files of a backup, by name."""

    def __init__(self, source: Path, tar: tarfile.TarFile | None) -> None:
        self._source, self._tar = source, tar

    def open(self, name: str) -> BinaryIO:
        """Raises NotABackup, OSError."""
        if self._tar is None:
            return (self._source / name).open("rb")
        try:
            file = self._tar.extractfile(name)
        except KeyError:
            file = None
        if file is None:
            raise NotABackup(f"{self._source}: there is no {name} in it")
        return file  # type: ignore[return-value] # a BufferedReader, which typeshed calls IO[bytes]

    def manifest(self) -> Manifest:
        """Raises NotABackup."""
        try:
            with self.open(NAME) as file:
                return manifest_of(file.read(_MANIFEST_MOST), self._source)
        except FileNotFoundError:
            raise NotABackup(
                f"there is no {NAME} in it: name a folder or .tar that `lotwatch backup` made"
            ) from None


@contextmanager
def _opened(source: Path) -> Iterator[_Files]:
    if source.is_dir():
        yield _Files(source, None)
        return
    with tarfile.open(source, "r:") as tar:
        yield _Files(source, tar)


def _put(files: _Files, half: Path, name: str, said: tuple[int, str], source: Path) -> None:
    path = half / name
    with files.open(name) as file, path.open("xb") as copy:
        os.fchmod(copy.fileno(), 0o600 if name != DATABASE else 0o640)
        found = copied(file, copy.write, said[0] + 1)
        copy.flush()
        os.fsync(copy.fileno())
    if found != said:
        raise NotRestored(
            f"{source}: {name} is not what was backed up: {found[0]} bytes, or others than then"
        )
