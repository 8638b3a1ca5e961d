"""Whether somebody keeps this machine's wall clock right: the kernel's own word, adjtimex(2).

A daemon that disciplines the clock (chrony, ntpd, systemd-timesyncd, ptp4l with phc2sys) clears STA_UNSYNC; the
kernel sets it at boot and again when nobody has told it the time for so long that the error may be 16 s: nine hours
at 500 ppm. So it says that the clock is right, never that it is wrong. Reading needs no privilege, but a sandbox that
keeps a service from setting the clock forbids the call itself: then a service of its own asks, ``python -m
gateway.box.timesync FILE``, and keeps the answer in a file of /run, which CLOCK_FILE in the environment names.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

CLOCK_FILE = "LOTWATCH_CLOCK_FILE"
SAID_EVERY_S = 10
STALE_S = 60  # an older answer is none

_STA_UNSYNC = 0x40  # linux/timex.h
_TIME_ERROR = 5  # the clock's state where it is not synchronised


class _Timex(ctypes.Structure):
    """The front of struct timex (adjtimex(2)); the kernel writes no more than 208 bytes."""

    _fields_ = (
        ("modes", ctypes.c_uint),  # 0: read only
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),  # microseconds
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 256),
    )


def _adjtimex() -> tuple[int, int]:
    """State and status of the kernel's clock. Raises OSError where the kernel does not say."""
    timex = _Timex()
    try:
        state = int(ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(timex)))
    except AttributeError as error:  # a C library without it
        raise OSError("no adjtimex") from error
    if state < 0:
        raise OSError(ctypes.get_errno(), "adjtimex")
    return state, int(timex.status)


def kernel_synchronised(
    ask: Callable[[], tuple[int, int]] = _adjtimex, said: Callable[[], bool | None] | None = None
) -> bool | None:
    """What the kernel says, itself or by the service that may ask; None where nobody says (another system).

    >>> kernel_synchronised(lambda: (5, 0x40)), kernel_synchronised(lambda: (0, 0x2001))
    (False, True)
    """
    try:
        state, status = ask()
    except OSError:
        return (said or _said)()
    return state != _TIME_ERROR and not status & _STA_UNSYNC


def _said() -> bool | None:
    """What the service that asks has written; False where it should have and has not, of late."""
    where = os.environ.get(CLOCK_FILE)
    return None if not where else said_in(Path(where), _boottime_s())


def said_in(path: Path, boottime_s: float) -> bool:
    """Whether a file says that the clock is kept right, and said so less than a minute ago."""
    try:
        word, _, at = path.read_text("ascii", "replace").strip().partition(" ")
        return word == "synchronised" and 0 <= boottime_s - float(at) <= STALE_S
    except (OSError, ValueError):
        return False


def write(path: Path, synchronised: bool | None, boottime_s: float) -> None:  # noqa: FBT001 # as the kernel says it
    """Keep an answer; whole or not at all."""
    word = "synchronised" if synchronised else "unconfirmed"
    half = path.with_name(path.name + ".new")
    half.write_text(f"{word} {boottime_s:.3f}\n", "ascii")
    half.chmod(0o644)
    half.replace(path)


def _boottime_s() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def main(path: Path) -> None:
    """Keep the kernel's answer in a file until SIGTERM. Raises OSError."""
    ends = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    while True:
        write(path, kernel_synchronised(said=lambda: None), _boottime_s())
        if signal.sigtimedwait(ends, SAID_EVERY_S):
            return


if __name__ == "__main__":
    main(Path(sys.argv[1]))
