"""Whether somebody keeps this machine's wall clock right: the kernel's own word, adjtimex(2).

A daemon that disciplines the clock (chrony, ntpd, systemd-timesyncd, ptp4l with phc2sys) clears STA_UNSYNC; the kernel
sets it at boot and again when nobody has told it the time for so long that the error may be 16 s: nine hours at
500 ppm. So it says that the clock is right, never that it is wrong. Reading needs no privilege.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable

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


def kernel_synchronised(ask: Callable[[], tuple[int, int]] = _adjtimex) -> bool | None:
    """What the kernel says; None where it may not be asked (a sandbox, another system).

    >>> kernel_synchronised(lambda: (5, 0x40)), kernel_synchronised(lambda: (0, 0x2001))
    (False, True)
    """
    try:
        state, status = ask()
    except OSError:
        return None
    return state != _TIME_ERROR and not status & _STA_UNSYNC
