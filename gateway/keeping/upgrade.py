"""An upgrade on probation: the version before comes back by itself where the new one does not read what it read.

Rule 1: the version before is in charge: it stays installed, runs this, and asks the new one only for facts. Rule 2:
what is done is in a file before it is done, so a power cut in between is gone on from. Rule 3: no record that was
committed is lost or sent twice, whatever comes back (docs/decisions/0106).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import orjson

from gateway.journal.chunkfile import sync_folder
from gateway.keeping.versions import Unusable, Versions
from gateway.service.tidings import leave

PROBATION_S = 600.0
LOOK_S = 5.0


class Services(Protocol):
    """What starts and stops gateways."""

    def stop(self, unit: str) -> None: ...

    def start(self, unit: str) -> None:
        """Begin to start it; whether it reads anything is seen in its journal."""


class Time(Protocol):
    """The clock of the machine, and waiting for it."""

    def now_ns(self) -> int: ...

    def wait(self, seconds: float) -> None: ...


@dataclass(frozen=True, slots=True)
class Gateway:
    """One that runs here."""

    unit: str
    data: str
    devices: tuple[str, ...] = ()  # that the version before read
    copy: str = ""  # of its journal, where the new version changes its shape


@dataclass(frozen=True, slots=True)
class Plan:
    """How far an upgrade is; the file."""

    before: str
    after: str
    probation_s: float
    gateways: tuple[Gateway, ...]
    stage: str = "begun"  # stopped, probation, returning, kept, returned
    began_ns: int = 0  # of the probation
    why: str = ""
    silent: tuple[str, ...] = field(default=())  # devices that the new version did not read


def read_plan(file: Path) -> Plan | None:
    """The upgrade that is under way, or the last one; None: there was none."""
    try:
        plain: dict[str, Any] = orjson.loads(file.read_bytes())
    except FileNotFoundError:
        return None
    gateways = tuple(Gateway(**{**each, "devices": tuple(each["devices"])}) for each in plain.pop("gateways"))
    return Plan(**{**plain, "silent": tuple(plain["silent"])}, gateways=gateways)


class Upgrade:
    """One upgrade, from any stage to its end."""

    def __init__(
        self, versions: Versions, services: Services, time: Time, file: Path, say: Callable[[str], None]
    ) -> None:
        self._versions, self._services, self._time = versions, services, time
        self._file, self._say = file, say

    def begin(self, after: str, gateways: Sequence[Gateway], probation_s: float = PROBATION_S) -> Plan:
        """Write down what is to be done, and what the version that runs reads. Raises Unusable."""
        before = self._versions.current()
        if after not in self._versions.names():
            raise Unusable(f"there is no version {after} here, but {', '.join(self._versions.names())}")
        if after == before:
            raise Unusable(f"version {after} runs already")
        read = []
        for gateway in gateways:
            said = self._versions.ask(before, "upgrade", "heard", "--data", gateway.data)
            read.append(replace(gateway, devices=tuple(_names(said))))
        return self._write(Plan(before, after, probation_s, tuple(read)))

    def run(self, plan: Plan) -> Plan:
        """Go on from where a plan is to its end: "kept" or "returned"."""
        steps = {
            "begun": self._stop,
            "stopped": self._switch,
            "probation": self._watch,
            "returning": self._return,
        }
        while plan.stage in steps:
            plan = self._write(steps[plan.stage](plan))
        return plan

    def _stop(self, plan: Plan) -> Plan:
        """Gateways stopped, their journals copied where the new version would change their shape."""
        gateways = []
        changes = self._changes(plan)
        for gateway in plan.gateways:
            self._services.stop(gateway.unit)
            copy = f"{gateway.data.rstrip('/')}.before-{plan.after}" if changes else ""
            if copy and not Path(copy).exists():
                self._say(f"{gateway.unit}: copying its journal: {plan.after} changes its shape")
                self._versions.run(plan.before, "backup", copy, "--data", gateway.data)
            gateways.append(replace(gateway, copy=copy))
        return replace(plan, gateways=tuple(gateways), stage="stopped")

    def _changes(self, plan: Plan) -> bool:
        try:
            asked = ("upgrade", "schema")
            return self._versions.ask(plan.before, *asked) != self._versions.ask(plan.after, *asked)
        except Unusable:  # who cannot say so may do anything
            return True

    def _switch(self, plan: Plan) -> Plan:
        self._versions.put(plan.after)
        for gateway in plan.gateways:
            self._services.start(gateway.unit)
        self._say(f"{plan.after} is on probation for {plan.probation_s:.0f} s")
        return replace(plan, stage="probation", began_ns=self._time.now_ns())

    def _watch(self, plan: Plan) -> Plan:
        until = plan.began_ns + round(plan.probation_s * 1e9)
        silent: tuple[str, ...] = ()
        why = ""
        while True:
            try:
                silent, why = tuple(self._silent(plan)), ""
            except Unusable as error:
                why = str(error)
            if not silent and not why:
                self._tell(plan, "upgrade_kept", {})
                self._say(f"{plan.after} reads every device that {plan.before} read: it stays")
                return replace(plan, stage="kept")
            if self._time.now_ns() >= until:
                break
            self._time.wait(LOOK_S)
        why = why or f"not read within {plan.probation_s:.0f} s: {', '.join(silent)}"
        self._say(f"{plan.before} comes back: {why}")
        return replace(plan, stage="returning", why=why, silent=silent)

    def _silent(self, plan: Plan) -> Iterator[str]:
        for gateway in plan.gateways:
            since = ("--since-ns", str(plan.began_ns))
            said = self._versions.ask(plan.after, "upgrade", "heard", "--data", gateway.data, *since)
            yield from sorted(set(gateway.devices) - set(_names(said)))

    def _return(self, plan: Plan) -> Plan:
        for gateway in plan.gateways:
            self._services.stop(gateway.unit)
        self._versions.put(plan.before)
        for gateway in plan.gateways:
            if gateway.copy:
                self._go_on(plan, gateway)
        self._tell(plan, "upgrade_returned", {"why": plan.why, "devices": list(plan.silent)})
        for gateway in plan.gateways:
            self._services.start(gateway.unit)
        return replace(plan, stage="returned")

    def _go_on(self, plan: Plan, gateway: Gateway) -> None:
        """The journal that the new version has written in its own shape is set aside, whole; the copy goes on.

        Where the new version never opened it, its shape is the old one, and it goes on itself.
        """
        data = Path(gateway.data)
        aside, fresh = Path(f"{data}.of-{plan.after}"), Path(f"{data}.going-on")
        if not aside.exists():
            if self._opens(plan.before, data):
                return
            shutil.rmtree(fresh, ignore_errors=True)
            archive = Path(f"{data}.archive-{plan.after}")
            shutil.rmtree(archive, ignore_errors=True)
            words = ("restore", gateway.copy, str(archive), "--go-on", str(fresh), "--accept-clock")
            self._versions.run(plan.before, *words)
            if (archive / "people.sqlite").exists():
                shutil.copyfile(archive / "people.sqlite", fresh / "people.sqlite")
                (fresh / "people.sqlite").chmod(0o600)
            _as(data, fresh)
            data.rename(aside)
        if fresh.exists():
            fresh.rename(data)
        sync_folder(data.parent)

    def _opens(self, version: str, data: Path) -> bool:
        try:
            self._versions.ask(version, "upgrade", "heard", "--data", str(data))
        except Unusable:
            return False
        return True

    def _tell(self, plan: Plan, kind: str, facts: dict[str, Any]) -> None:
        for gateway in plan.gateways:
            leave(
                Path(gateway.data),
                kind,
                {"before": plan.before, "after": plan.after, **facts},
                self._time.now_ns(),
            )

    def _write(self, plan: Plan) -> Plan:
        half = self._file.with_name(self._file.name + ".new")
        with half.open("wb") as file:
            file.write(orjson.dumps(asdict(plan), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
            file.flush()
            os.fsync(file.fileno())
        half.replace(self._file)
        sync_folder(self._file.parent)
        return plan


def _names(said: object) -> list[str]:
    if not isinstance(said, dict) or not isinstance(said.get("devices"), list):
        raise Unusable(f"devices were asked for, and it said {said!r}")
    return [str(name) for name in said["devices"]]


def _as(model: Path, folder: Path) -> None:
    """Let the owner of one folder own another one and what is in it."""
    owner = model.stat()
    for path in (folder, *folder.rglob("*")):
        if (path.stat().st_uid, path.stat().st_gid) != (owner.st_uid, owner.st_gid):
            os.chown(path, owner.st_uid, owner.st_gid)
    folder.chmod(owner.st_mode & 0o777)
