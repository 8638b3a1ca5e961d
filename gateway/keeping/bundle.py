"""A support bundle: what somebody far away needs to understand a box, without secrets, people or the plant's numbers.

Rule 1: everything goes through one `Redactor`; what cannot be read as what it should be stays out, and says so. Rule
2: of events only those about the box are in it; lots, results and what people wrote are counted, never quoted. Rule
3: at the end every member is searched for every secret that is known here: one that is found means no bundle.
"""

from __future__ import annotations

import gzip
import io
import os
import platform
import sys
import tarfile
from collections import deque
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import orjson
import yaml

from gateway import __version__
from gateway.journal import JournalError, JournalReader
from gateway.journal.database import migrations
from gateway.keeping.redact import OURS, Redactor
from gateway.model import Noted
from gateway.people import People
from gateway.people.store import NAME as PEOPLE
from gateway.plain import to_plain

ABOUT_THE_BOX = frozenset({
    "gap", "clock", "bus_down", "bus_up", "unit_dead", "unit_alive", "poll_overrun", "fold_failed", "task_restarted",
    "carried", "upgrade_kept", "upgrade_returned", "missed_shots", "counter_reset", "tell_failed", "chart_forgotten",
    "config_changed", "config_kept", "config_returned", "config_refused",
})  # fmt: skip
EVENTS_MOST = 5_000
LOG_MOST = 2_000_000  # bytes, the newest
CONFIG_MOST = 1_000_000
_SECRET_MOST = 65_536


class Leak(Exception):
    """A known secret was found in a member; no bundle was made. Says which member, never which secret."""


def bundle(config: Path | None, data: Path | None, log: str, salt: bytes, now_ns: int) -> bytes:
    """A .tar.gz. `log`: the service's log as text, "" for none. Raises Leak; what cannot be read is told inside."""
    files = _config_files(config)
    secrets, names = _known(files.values(), data)
    redactor = Redactor(secrets, names, salt)
    members: dict[str, bytes] = {
        "README.txt": _README,
        "about.json": _json(redactor.plain(_about(data, now_ns))),
    }
    for path, plain in files.items():
        name = path.name if config is None else os.path.relpath(path, config.parent)
        words = (
            plain
            if isinstance(plain, str)
            else yaml.safe_dump(redactor.plain(plain), allow_unicode=True, sort_keys=False)
        )
        members[f"config/{redactor.text(name)}"] = words.encode()
    if data is not None:
        members |= _of_journal(data, redactor)
    if log:
        members["log.txt"] = redactor.text(log[-LOG_MOST:]).encode()
    _search({name: data for name, data in members.items() if data is not _README}, secrets, names)
    return _packed(members, now_ns)


def _config_files(config: Path | None) -> dict[Path, Any]:
    """The site file and what lies beside it, without comments: somebody may have written anything there."""
    if config is None:
        return {}
    found: dict[Path, Any] = {}
    for path in [config, *sorted(config.parent.glob("*/*.yaml"))]:
        try:
            text = path.read_text("utf-8") if path.stat().st_size <= CONFIG_MOST else ""
            found[path] = yaml.safe_load(text)
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            found[path] = f"# left out: {type(error).__name__}\n"
    return found


def _known(plains: Iterable[Any], data: Path | None) -> tuple[set[str], set[str]]:
    """Secrets that the config names the place of, the box's keys, and names of people here."""
    secrets, names = set[str](), set[str]()
    for plain in plains:
        _collect(plain, "", secrets)
    if data is not None:
        secrets |= _lines(data / "ledger.key")
        if (data / PEOPLE).is_file():
            people = People(data)
            try:
                for account in people.accounts():
                    names.add(account.name)
                    secrets.add(account.password)
            finally:
                people.close()
    return {each for each in secrets if len(each) >= 4}, names


def _collect(plain: Any, key: str, secrets: set[str]) -> None:
    if isinstance(plain, Mapping):
        for name, each in plain.items():
            _collect(each, str(name), secrets)
    elif isinstance(plain, list):
        for each in plain:
            _collect(each, key, secrets)
    elif isinstance(plain, str) and key.endswith("_from"):
        kind, _, name = plain.partition(":")
        if kind == "file":
            secrets |= _lines(Path(name))
        elif kind == "env":
            secrets.add(os.environ.get(name, ""))
        elif kind == "credential":
            secrets |= _lines(Path(os.environ.get("CREDENTIALS_DIRECTORY", "/nowhere"), name))


def _lines(path: Path) -> set[str]:
    """A secret's file: the whole of it, and each line, for some hold several."""
    try:
        text = path.read_text("utf-8", "replace")[:_SECRET_MOST].strip()
    except OSError:  # whoever makes the bundle may not read it, and so cannot leak it
        return set()
    return {text, *(line.strip() for line in text.splitlines())}


def _about(data: Path | None, now_ns: int) -> dict[str, Any]:
    about: dict[str, Any] = {
        "lotwatch": __version__, "schema": max(migrations()), "python": sys.version.split()[0],
        "machine": platform.machine(), "kernel": platform.release(), "made_ns": now_ns,
    }  # fmt: skip
    if data is not None:
        try:
            disk = os.statvfs(data)
            about["disk"] = {"bytes": disk.f_blocks * disk.f_frsize, "free": disk.f_bavail * disk.f_frsize}
            about["files"] = {
                path.name: path.stat().st_size for path in sorted(data.iterdir()) if path.is_file()
            }
        except OSError as error:
            about["disk"] = {"error": error.strerror}
    return about


def _of_journal(data: Path, redactor: Redactor) -> dict[str, bytes]:
    try:
        with JournalReader(data) as reader:
            last, span = reader.last(), reader.span()
            told: dict[str, Any] = {
                "identity": to_plain(reader.identity), "input": last.input, "event": last.event,
                "leaves": reader.ledger.size(), "counts": reader.counts(), "span_ns": span, "removed": reader.gaps(),
            }  # fmt: skip
            newest = deque[bytes](maxlen=EVENTS_MOST)
            for seq, _, event in reader.events_of(0, sorted(ABOUT_THE_BOX)):
                if isinstance(event, Noted):
                    newest.append(orjson.dumps({"seq": seq, **redactor.plain(to_plain(event))}))
    except JournalError as error:
        return {"journal.json": _json({"error": redactor.text(str(error))})}
    return {
        "journal.json": _json(redactor.plain(told)),
        "events.jsonl": b"".join(line + b"\n" for line in newest),
    }


def _json(plain: Any) -> bytes:
    return orjson.dumps(
        plain, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE | orjson.OPT_NON_STR_KEYS
    )


def _search(members: Mapping[str, bytes], secrets: Iterable[str], names: Iterable[str]) -> None:
    for name, data in members.items():
        rest = OURS.sub(b"", data)  # somebody may be called "person"
        for word in {*secrets, *(each for each in names if len(each) >= 4)}:
            if word.encode() in rest:
                raise Leak(
                    f"{name} would hold a secret or a name that is known here: no bundle was made; tell us so"
                )


def _packed(members: Mapping[str, bytes], now_ns: int) -> bytes:
    out = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=out, mode="wb", mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as tar,
    ):
        for name, data in members.items():
            info = tarfile.TarInfo(f"lotwatch-support/{name}")
            info.size, info.mtime, info.mode = len(data), now_ns // 1_000_000_000, 0o600
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


_README = b"""A support bundle of lotwatch: config without comments and secrets, how the journal stands, events about
the box, and the service's log. Secrets, e-mail addresses, telephone numbers and names are taken out; people are
"person-...", the same one within this bundle. No readings, lots, results or entries were put in; the log is what the
service said. Look through it before you send it.
"""
