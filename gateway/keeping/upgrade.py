"""An upgrade on probation: the version before comes back by itself where the new one does not read what it read.

Rule 1: the version before is in charge: it stays installed, runs this, and asks the new one only for facts. Rule 2:
what is done is in a file before it is done, so a power cut in between is gone on from. Rule 3: no record that was
committed is lost or sent twice, whatever comes back (docs/decisions/0106).  Rule 4: what goes wrong on the way, a full
disk or a service that does not stop, leaves gateways that run.  Rule 5: no wall clock decides: a box may begin in 1970,
and be set right meanwhile; what the new version reads has a higher number than what the one before wrote.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from gateway.journal.chunkfile import sync_folder
from gateway.keeping.upgradeplan import ENDED, Gateway, Plan, free_mark, read_plan, write_plan
from gateway.keeping.versions import Unusable, Versions
from gateway.service.tidings import leave

PROBATION_S = 600.0
LOOK_S = 5.0
LEAST_S = (
    60.0  # of the probation, however much of it was spent before a power cut: a gateway takes time to start
)


class Services(Protocol):
    """What starts and stops gateways."""

    def stop(self, unit: str) -> None:
        """Return when it has ended. Raises Unusable where it has not: two versions never write one journal."""

    def start(self, unit: str) -> None:
        """Begin to start it; whether it reads anything is seen in its journal."""

    def runs(self, unit: str) -> bool:
        """Whether it has said that it is ready, and has not ended."""


class Time(Protocol):
    """Clocks of the machine, and waiting for them."""

    def now_ns(self) -> int:
        """Wall time, for events."""

    def boottime_ns(self) -> int:
        """Since the machine was started; nobody sets it."""

    def wait(self, seconds: float) -> None:
        """Return then."""


class Upgrade:
    """One upgrade, from any stage to its end."""

    def __init__(
        self, versions: Versions, services: Services, time: Time, file: Path, say: Callable[[str], None]
    ) -> None:
        self._versions, self._services, self._time = versions, services, time
        self._file, self._say = file, say

    def begin(self, after: str, gateways: Sequence[Gateway], probation_s: float = PROBATION_S) -> Plan:
        """Write down what is to be done, and what the version that runs reads. Raises Unusable, OSError."""
        last = read_plan(self._file)
        if last is not None and last.stage not in ENDED:
            raise Unusable(f"an upgrade to {last.after} is under way ({last.stage}): lotwatch upgrade resume")
        before = self._versions.current()
        if after not in self._versions.names():
            raise Unusable(f"there is no version {after} here, but {', '.join(self._versions.names())}")
        if after == before:
            raise Unusable(f"version {after} runs already")
        read = tuple(
            replace(gateway, devices=tuple(_names(self._heard(before, gateway)))) for gateway in gateways
        )
        return self._write(Plan(before, after, probation_s, read, free_mark(after, gateways)))

    def run(self, plan: Plan) -> Plan:
        """Go on from where a plan is to its end: "kept" or "returned".

        Raises Unusable or OSError where it cannot; gateways run then, and it may be tried again.
        """
        steps = {
            "begun": self._stop,
            "stopped": self._switch,
            "probation": self._watch,
            "returning": self._return,
        }
        if plan.stage == "stopped" and self._versions.current() == plan.before:
            plan = replace(
                plan, stage="begun"
            )  # the machine was started again, and so were they: the copies are old
        while plan.stage in steps:
            try:
                plan = self._write(steps[plan.stage](plan))
            except (Unusable, OSError):
                for gateway in plan.gateways:
                    self._services.start(gateway.unit)
                raise
            if plan.stage == "kept":
                self._prune(plan)
        return plan

    def _prune(self, plan: Plan) -> None:
        """Versions that nobody comes back to; what cannot be removed costs room, and no upgrade."""
        try:
            gone = self._versions.prune((plan.before, plan.after))
        except (Unusable, OSError) as error:
            self._say(f"old versions stay: {error}")
            return
        if gone:
            self._say(f"removed {', '.join(gone)}: older than the version before")

    def _stop(self, plan: Plan) -> Plan:
        """Gateways stopped, their journals copied where the new version would change their shape."""
        gateways = []
        try:
            changes = self._changes(plan)
            for gateway in plan.gateways:
                self._services.stop(gateway.unit)
                copy = plan.beside(gateway, "before") if changes else None
                if copy is not None:
                    shutil.rmtree(copy, ignore_errors=True)  # of this attempt, cut short
                    self._say(f"{gateway.unit}: copying its journal: {plan.after} changes its shape")
                    self._versions.work(plan.before, "backup", str(copy), "--data", gateway.data)
                last = _last(self._heard(plan.before, gateway))
                gateways.append(replace(gateway, copy=str(copy or ""), input=last))
        except Unusable as error:
            return self._stay(plan, str(error))
        return replace(plan, gateways=tuple(gateways), stage="stopped")

    def _stay(self, plan: Plan, why: str) -> Plan:
        """Nothing was switched yet: the version before runs on, in its own journal."""
        self._say(f"{plan.before} stays: {why}")
        for gateway in plan.gateways:
            shutil.rmtree(plan.beside(gateway, "before"), ignore_errors=True)
        self._tell(plan, "upgrade_returned", {"why": why, "devices": []})
        for gateway in plan.gateways:
            self._services.start(gateway.unit)
        return replace(plan, stage="returned", why=why)

    def _changes(self, plan: Plan) -> bool:
        try:
            asked = ("upgrade", "schema")
            return self._versions.ask(plan.before, *asked) != self._versions.ask(plan.after, *asked)
        except Unusable:  # who cannot say so may do anything
            return True

    def _switch(self, plan: Plan) -> Plan:
        try:
            self._versions.put(plan.after)
        except Unusable as error:
            return replace(plan, stage="returning", why=str(error))
        for gateway in plan.gateways:
            self._services.start(gateway.unit)
        self._say(f"{plan.after} is on probation for {plan.probation_s:.0f} s")
        return replace(plan, stage="probation", spent_s=0.0)

    def _watch(self, plan: Plan) -> Plan:
        silent: tuple[str, ...] = ()
        least_s = min(LEAST_S, plan.probation_s)
        before_s, began_ns = min(plan.spent_s, plan.probation_s - least_s), self._time.boottime_ns()
        while True:
            spent_s = before_s + (self._time.boottime_ns() - began_ns) / 1e9
            plan = self._write(replace(plan, spent_s=spent_s))
            try:
                silent, why = tuple(self._silent(plan)), ", ".join(self._down(plan))
                why = why and f"not ready within {plan.probation_s:.0f} s: {why}"
            except Unusable as error:
                why = str(error)
            if not silent and not why:
                self._tell(plan, "upgrade_kept", {})
                self._say(f"{plan.after} reads every device that {plan.before} read: it stays")
                return replace(plan, stage="kept")
            if spent_s >= plan.probation_s:
                break
            self._time.wait(LOOK_S)
        why = why or f"not read within {plan.probation_s:.0f} s: {', '.join(silent)}"
        self._say(f"{plan.before} comes back: {why}")
        return replace(plan, stage="returning", why=why, silent=silent)

    def _down(self, plan: Plan) -> list[str]:
        """Gateways that are not up: one that read nothing before is judged by that alone."""
        return [gateway.unit for gateway in plan.gateways if not self._services.runs(gateway.unit)]

    def _silent(self, plan: Plan) -> Iterator[str]:
        for gateway in plan.gateways:
            said = self._heard(plan.after, gateway, "--after-input", str(gateway.input))
            yield from sorted(set(gateway.devices) - set(_names(said)))

    def _heard(self, version: str, gateway: Gateway, *more: str) -> object:
        """What a version says of a journal."""
        return self._versions.ask(version, "upgrade", "heard", "--data", gateway.data, *more)

    def _return(self, plan: Plan) -> Plan:
        """The version before, in journals that it can read. Raises Unusable where one of them is not to be had."""
        failed = []
        for gateway in plan.gateways:
            self._services.stop(gateway.unit)
        self._versions.put(plan.before)
        for gateway in plan.gateways:
            try:
                if gateway.copy:
                    self._go_on(plan, gateway)
            except (Unusable, OSError) as error:
                failed.append(f"{gateway.unit}: {error}")
        if failed:
            raise Unusable(f"{'; '.join(failed)}; mend that, then lotwatch upgrade resume")
        self._tell(plan, "upgrade_returned", {"why": plan.why, "devices": list(plan.silent)})
        for gateway in plan.gateways:
            self._services.start(gateway.unit)
        return replace(plan, stage="returned")

    def _go_on(self, plan: Plan, gateway: Gateway) -> None:
        """The journal that the new version has written in its own shape is set aside, whole; the copy goes on.

        Where the new version never opened it, its shape is the old one, and it goes on itself.
        """
        data = Path(gateway.data.rstrip("/"))
        aside, fresh = plan.beside(gateway, "of"), Path(f"{data}.going-on")
        if not aside.exists():
            if self._opens(plan.before, data):
                return
            shutil.rmtree(fresh, ignore_errors=True)
            archive = plan.beside(gateway, "archive")
            shutil.rmtree(archive, ignore_errors=True)
            words = ("restore", gateway.copy, str(archive), "--go-on", str(fresh), "--accept-clock")
            self._versions.work(plan.before, *words)
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
        told, now_ns = {"before": plan.before, "after": plan.after, **facts}, self._time.now_ns()
        for gateway in plan.gateways:
            try:
                leave(Path(gateway.data), kind, told, now_ns)
            except OSError as error:  # a full disk keeps no gateway from being started
                self._say(f"{gateway.data}: {error.strerror}: its journal will not tell of this upgrade")

    def _write(self, plan: Plan) -> Plan:
        return write_plan(self._file, plan)


def _names(said: object) -> list[str]:
    if not isinstance(said, dict) or not isinstance(said.get("devices"), list):
        raise Unusable(f"devices were asked for, and it said {said!r}")
    return [str(name) for name in said["devices"]]


def _last(said: object) -> int:
    if not isinstance(said, dict) or not isinstance(said.get("input"), int):
        raise Unusable(f"the number of the last input was asked for, and it said {said!r}")
    return int(said["input"])


def _as(model: Path, folder: Path) -> None:
    """Let the owner of one folder own another one and what is in it."""
    owner = model.stat()
    for path in (folder, *folder.rglob("*")):
        if (path.stat().st_uid, path.stat().st_gid) != (owner.st_uid, owner.st_gid):
            os.chown(path, owner.st_uid, owner.st_gid)
    folder.chmod(owner.st_mode & 0o777)
