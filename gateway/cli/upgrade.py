"""`lotwatch upgrade`: another version, on probation."""

from __future__ import annotations

import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.options import data_option
from gateway.cli.output import Code, Exit, emit, say, stop
from gateway.cli.stored import opened

if TYPE_CHECKING:
    from gateway.keeping.upgrade import Upgrade
    from gateway.keeping.upgradeplan import Gateway, Plan

ROOT = Path("/opt/lotwatch")
STATE = Path("/var/lib/lotwatch/upgrade.json")
WANTED = "upgrade-wanted"  # beside it: the version that the package wants begun; see lotwatch-upgrade.service
RUNNING = "--state=active,activating,reloading"
"""One that is being started, or is started again and again, is upgraded as those are that run: it is to be judged."""

root_option = click.option(
    "--root",
    type=click.Path(path_type=Path),
    default=ROOT,
    show_default=True,
    help="Where the versions are, side by side.",
)
state_option = click.option(
    "--state",
    type=click.Path(path_type=Path),
    default=STATE,
    show_default=True,
    help="The file that says how far an upgrade is.",
)


@click.group()
def command() -> None:
    """Let another version run on probation: where it does not read a device, the one before comes back by itself."""


@command.command()
@click.argument("version")
@root_option
@state_option
@click.option(
    "--gateway",
    "gateways",
    multiple=True,
    metavar="UNIT=DIR",
    help="A service and its journal; may be repeated. All lotwatch@ services that run, without it.",
)
@click.option(
    "--probation",
    type=click.FloatRange(min=1, max=86_400),
    default=600,
    show_default=True,
    metavar="SECONDS",
    help="For how long the new version may take to read every device.",
)
def to(version: str, root: Path, state: Path, gateways: tuple[str, ...], probation: float) -> None:
    """Switch to VERSION, which is installed beside the one that runs.

    Stays until it is decided. Ends with 0 where the new version stays, with 1 where the one before came back.
    """
    from gateway.keeping.upgradeplan import alone  # noqa: PLC0415 # a command loads what it needs, when it runs
    from gateway.keeping.versions import Unusable  # noqa: PLC0415

    work = _upgrade(root, state)
    try:
        with alone(state):
            plan = work.begin(version, [*_given(gateways)] or _running(), probation)
            state.with_name(WANTED).unlink(missing_ok=True)  # not before: a power cut would forget it
            plan = work.run(plan)
        _end(plan)
    except Unusable as error:
        raise Exit(Code.USAGE, str(error)) from error
    except OSError as error:
        raise Exit(Code.USAGE, f"{error.filename or state}: {error.strerror}") from error


@command.command()
@root_option
@state_option
def resume(root: Path, state: Path) -> None:
    """Go on with an upgrade that a restart has cut short; nothing where none is under way."""
    from gateway.keeping.upgradeplan import ENDED, alone, read_plan  # noqa: PLC0415 # a command loads what it needs
    from gateway.keeping.versions import Unusable  # noqa: PLC0415

    try:
        plan = read_plan(state)
        if plan is None or plan.stage in ENDED:
            say("lotwatch: no upgrade is under way")
            return
        with alone(state):
            plan = _upgrade(root, state).run(read_plan(state) or plan)
        _end(plan)
    except Unusable as error:
        raise Exit(Code.TRY_LATER, str(error)) from error
    except OSError as error:
        raise Exit(Code.TRY_LATER, f"{error.filename or state}: {error.strerror}") from error


@command.command()
@data_option("A journal.")
@click.option(
    "--after-input",
    type=click.IntRange(min=0),
    metavar="N",
    help="In inputs after this number; without it, lately: ten minutes at least.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one object.")
def heard(data: Path, after_input: int | None, *, as_json: bool) -> None:
    """Devices of which the journal has a good value; as JSON also the number of its last input."""
    from gateway.clock import SystemClock  # noqa: PLC0415 # a command loads what it needs, when it runs
    from gateway.keeping.heard import heard_after, lately  # noqa: PLC0415

    now_ns = SystemClock().now().time_ns
    with opened(data) as readers:
        found = [
            name
            for reader in readers
            for name in (lately(reader, now_ns) if after_input is None else heard_after(reader, after_input))
        ]
        last = max((reader.last().input for reader in readers), default=0)
    if as_json:
        emit({"devices": found, "input": last})
    else:
        click.echo("\n".join(found))


@command.command()
@click.option("--json", "as_json", is_flag=True, help="Print one object.")
def schema(*, as_json: bool) -> None:
    """The number of the shape in which this version keeps journals."""
    from gateway.journal.database import migrations  # noqa: PLC0415 # a command loads what it needs, when it runs

    number = max(migrations())
    if as_json:
        emit({"schema": number})
    else:
        click.echo(str(number))


@command.command()
@state_option
@click.option("--json", "as_json", is_flag=True, help="Print one object.")
def status(state: Path, *, as_json: bool) -> None:
    """How far the upgrade is, or how the last one ended."""
    from gateway.keeping.upgradeplan import read_plan  # noqa: PLC0415 # a command loads what it needs, when it runs
    from gateway.keeping.versions import Unusable  # noqa: PLC0415

    try:
        plan = read_plan(state)
    except Unusable as error:
        raise Exit(Code.USAGE, str(error)) from error
    except OSError as error:
        raise Exit(Code.USAGE, f"{error.filename or state}: {error.strerror}") from error
    if as_json:
        emit(plan)
    elif plan is None:
        click.echo("there was no upgrade yet")
    else:
        click.echo(f"{plan.before} to {plan.after}: {plan.stage}{f': {plan.why}' if plan.why else ''}")


def _end(plan: Plan) -> None:
    if plan.stage == "returned":
        say(f"lotwatch: {plan.before} is back: {plan.why}")
        stop(Code.FINDINGS)
    say(f"lotwatch: {plan.after} stays")


def _upgrade(root: Path, state: Path) -> Upgrade:
    from gateway.clock import SystemClock  # noqa: PLC0415 # a command loads what it needs, when it runs
    from gateway.keeping.upgrade import Upgrade  # noqa: PLC0415
    from gateway.keeping.versions import Versions  # noqa: PLC0415

    class Time:
        def now_ns(self) -> int:
            return SystemClock().now().time_ns

        def boottime_ns(self) -> int:
            return SystemClock().boottime_ns()

        def wait(self, seconds: float) -> None:
            threading.Event().wait(seconds)

    return Upgrade(Versions(root), Systemd(), Time(), state, lambda text: say(f"lotwatch: {text}"))


class Systemd:
    """Services of systemd."""

    def stop(self, unit: str) -> None:
        """Raises Unusable where it may still run."""
        _systemctl("stop", unit)

    def start(self, unit: str) -> None:
        """What keeps it from running is seen by `runs`."""
        _asked("reset-failed", unit)
        _asked("start", "--no-block", unit)

    def runs(self, unit: str) -> bool:
        """Whether it is active: for a service of Type=notify, whether it has said that it is ready."""
        return _asked("is-active", "--quiet", unit).returncode == 0


def _systemctl(*words: str) -> str:
    done = _asked(*words)
    if done.returncode:
        raise _unusable(
            f"systemctl {' '.join(words)}: {done.stderr.strip() or f'ended with {done.returncode}'}"
        )
    return done.stdout


def _asked(*words: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(["systemctl", *words], capture_output=True, text=True, check=False)  # noqa: S607 # on PATH
    except OSError as error:
        raise _unusable(f"systemctl: {error.strerror}: no systemd here") from error


def _unusable(text: str) -> Exception:
    from gateway.keeping.versions import Unusable  # noqa: PLC0415 # a command loads what it needs, when it runs

    return Unusable(text)


def _running() -> list[Gateway]:
    from gateway.keeping.upgradeplan import Gateway  # noqa: PLC0415 # a command loads what it needs, when it runs

    said = _systemctl("list-units", "--plain", "--no-legend", RUNNING, "lotwatch@*.service")
    units = [line.split()[0] for line in said.splitlines() if line.strip()]
    return [
        Gateway(unit, f"/var/lib/lotwatch/{unit.partition('@')[2].removesuffix('.service')}")
        for unit in units
    ]


def _given(gateways: tuple[str, ...]) -> list[Gateway]:
    from gateway.keeping.upgradeplan import Gateway  # noqa: PLC0415 # a command loads what it needs, when it runs

    found = []
    for each in gateways:
        unit, equals, folder = each.partition("=")
        if not (unit and equals and folder):
            raise Exit(
                Code.USAGE,
                f"--gateway {each}: write UNIT=DIR, such as lotwatch@north=/var/lib/lotwatch/north",
            )
        found.append(Gateway(unit, folder))
    return found
