"""Plays our package under a systemd that runs: `make live`, as root on a Debian 12; two to four minutes.

What only a live systemd can show: that the package installs and starts nothing, that the hardened unit starts, says how
it is, is started again when killed or stuck, takes a new config or keeps the old one, stays down with a bad one, and
reaches nothing that it has no business with. `boot.sh` says where systemd runs. Ends with 1 when one thing fails.
"""

# ruff: noqa: INP001

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from writer import two_persons_write_through_the_writer

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
UNIT = "lotwatch@first"
SITE = "/etc/lotwatch/first/site.yaml"
PATIENCE_S = 300.0
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "TERM": "dumb", "HOME": "/root"}


class Inside:
    """Commands in the namespaces of a booted systemd."""

    def __init__(self, pid: int) -> None:
        self._enter = ["nsenter", "--all", "--target", str(pid), "--"]

    def run(self, script: str) -> subprocess.CompletedProcess[str]:
        """A line of shell."""
        command = [*self._enter, "sh", "-c", script]
        return subprocess.run(
            command, env=ENVIRONMENT, text=True, capture_output=True, check=False, stdin=subprocess.DEVNULL
        )

    def said(self, script: str) -> str:
        """What it printed; RuntimeError when it failed."""
        done = self.run(script)
        if done.returncode:
            raise RuntimeError(f"{script}: {done.stdout}{done.stderr}")
        return done.stdout.strip()

    def is_true(self, script: str) -> bool:
        """Whether it ended well."""
        return self.run(script).returncode == 0

    def until(self, script: str) -> bool:
        """Whether it came to end well in time."""
        ends = time.monotonic() + PATIENCE_S
        while not (well := self.is_true(script)) and time.monotonic() < ends:
            time.sleep(0.5)
        return well

    def of_unit(self, name: str) -> str:
        """A property of the daemon's unit."""
        return self.said(f"systemctl show -P {name} {UNIT}")


@contextlib.contextmanager
def booted(folder: Path) -> Iterator[Inside]:
    """A systemd that has come up; it and all that runs under it end with the block."""
    spaces = ["--mount", "--pid", "--uts", "--ipc", "--cgroup", "--net"]
    with (folder / "boot.log").open("w") as log:
        command = ["unshare", *spaces, "--fork", "--kill-child", "sh", str(HERE / "boot.sh"), str(folder)]
        parent = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    try:
        children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children")
        ends = time.monotonic() + PATIENCE_S
        while not (first := children.read_text("ascii").split()) and time.monotonic() < ends:
            time.sleep(0.1)
        inside = Inside(int(first[0]))
        if not inside.until("systemctl is-active --quiet basic.target"):
            raise RuntimeError(f"systemd did not come up: {(folder / 'boot.log').read_text('utf-8')}")
        yield inside
    finally:
        parent.kill()  # the first process of the namespace ends with it, and with that one all others
        parent.wait()


def guide() -> list[str]:
    """Commands of the guide for strangers, one string a step; ``service`` marks those of systemd."""
    text = (ROOT / "docs" / "howto" / "first-ten-minutes.md").read_text("utf-8")
    return [block.split("```")[0] for block in text.split("```sh\n")[1:]]


def installs_and_starts_nothing(inside: Inside) -> bool:
    """dpkg is content, and no unit of ours runs or is enabled."""
    inside.said("dpkg --install /tmp/in/lotwatch_*.deb")
    running = inside.said("systemctl list-units --no-legend --plain 'lotwatch*'")
    return inside.is_true("lotwatch --version") and not running


def the_guide_s_site_is_good(inside: Inside) -> bool:
    """The steps between installing and running it, as they are written; the device is a simulated one."""
    _install, device, find, watch = guide()[:4]
    inside.said(f"( {device.strip().removesuffix('&')} >/dev/null 2>&1 & )")
    inside.until("lotwatch probe tcp://127.0.0.1:5020 --table holding --json")
    return inside.is_true(find) and inside.is_true(watch)


def starts_and_says_how_it_is(inside: Inside) -> bool:
    """Ready comes after the first commit; the status line has devices and blocks."""
    inside.said(f"systemctl enable --now {UNIT}")
    return "1 devices" in inside.of_unit("StatusText") and inside.of_unit("ActiveState") == "active"


def killed_it_is_started_again(inside: Inside) -> bool:
    """SIGKILL."""
    before = inside.of_unit("MainPID")
    inside.said(f"kill -KILL {before}")
    return inside.until(
        f"systemctl is-active --quiet {UNIT} && [ $(systemctl show -P MainPID {UNIT}) != {before} ]"
    )


def stuck_it_is_started_again(inside: Inside) -> bool:
    """SIGSTOP: the watchdog hears no ping for a minute."""
    before = inside.of_unit("MainPID")
    inside.said(f"kill -STOP {before}")
    again = inside.until(
        f"systemctl is-active --quiet {UNIT} && [ $(systemctl show -P MainPID {UNIT}) != {before} ]"
    )
    return again and "watchdog" in inside.said(f"journalctl --unit {UNIT} --output cat --no-pager")


def a_bad_reload_changes_nothing(inside: Inside) -> bool:
    """systemctl is told, the daemon runs on as the same process; a good one is taken."""
    before = inside.of_unit("MainPID")
    inside.said(f"cp {SITE} /tmp/good.yaml && echo 'nonsense: 1' >>{SITE}")
    refused = not inside.is_true(f"systemctl reload {UNIT}")
    inside.said(f"cp /tmp/good.yaml {SITE}")
    return refused and inside.is_true(f"systemctl reload {UNIT}") and inside.of_unit("MainPID") == before


def it_reaches_nothing_else(inside: Inside) -> bool:
    """No privilege, a filter of system calls, no file but its own, no home, no device but serial ports."""
    pid = inside.of_unit("MainPID")
    status = dict(
        line.split(":\t", 1) for line in inside.said(f"cat /proc/{pid}/status").splitlines() if ":\t" in line
    )
    bare = int(status["CapEff"], 16) == int(status["CapBnd"], 16) == 0
    filtered = status["NoNewPrivs"].strip() == "1" and status["Seccomp"].strip() == "2"
    look = f"nsenter --mount --target {pid} -- "
    closed = not any(
        inside.is_true(f"{look}touch {path}") for path in ("/etc/x", "/usr/x", "/var/lib/x", "/opt/x")
    )
    nobody = inside.said(f"{look}ls /home /root 2>/dev/null | grep -v : || true").strip()
    private = inside.said("stat -c '%a %U' /var/lib/lotwatch/first") == "700 lotwatch"
    return bare and filtered and closed and not nobody and private


def with_a_bad_config_it_stays_down(inside: Inside) -> bool:
    """Starting again would not help: it fails once, and is not started again."""
    inside.said(f"echo 'nonsense: 1' >>{SITE}")
    failed = not inside.is_true(f"systemctl restart {UNIT}")
    time.sleep(5)
    down = inside.of_unit("ActiveState") == "failed" and inside.of_unit("NRestarts") == "0"
    inside.said(f"cp /tmp/good.yaml {SITE} && systemctl reset-failed {UNIT}")
    return failed and down and inside.is_true(f"systemctl start {UNIT}")


def it_stops_and_its_record_verifies(inside: Inside) -> bool:
    """SIGTERM: well ended, and the journal of all those runs is whole."""
    inside.said(f"systemctl stop {UNIT}")
    return inside.of_unit("Result") == "success" and inside.is_true("lotwatch verify /var/lib/lotwatch/first")


CHECKS: tuple[Callable[[Inside], bool], ...] = (
    installs_and_starts_nothing,
    the_guide_s_site_is_good,
    starts_and_says_how_it_is,
    killed_it_is_started_again,
    a_bad_reload_changes_nothing,
    it_reaches_nothing_else,
    stuck_it_is_started_again,
    with_a_bad_config_it_stays_down,
    two_persons_write_through_the_writer,
    it_stops_and_its_record_verifies,
)


def main(*packages: str) -> int:
    """Prints a line a check; 1 if one does not hold."""
    if os.geteuid() != 0:
        print("live: only root may make namespaces and install a package in them", file=sys.stderr)
        return 2
    held = []
    with tempfile.TemporaryDirectory(prefix="lotwatch-live-") as name:
        folder = Path(name)
        for package in packages:
            shutil.copy(package, folder)
        with booted(folder) as inside:
            for check in CHECKS:
                begun = time.monotonic()
                held.append(check(inside))
                words = check.__name__.replace("_", " ")
                print(
                    f"{'holds' if held[-1] else 'FAILS':6} {time.monotonic() - begun:6.1f} s  {words}",
                    flush=True,
                )
    return 0 if all(held) else 1


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
