"""Where the command line meets the shell: words that are no text, a stdout that is closed, full or no longer read."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from gateway.cli.output import Code, say

# What stdout says when its file takes no more.
_NO_MORE = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG}


def check_text(words: Sequence[str]) -> None:
    """Refuse words in which Python hid bytes: nothing that keeps or sends text could take them."""
    for word in words:
        try:
            word.encode("utf-8")
        except UnicodeEncodeError:
            shown = os.fsencode(word).decode("utf-8", "replace")
            say(f"lotwatch: {shown}: not UTF-8 text: write it in UTF-8")
            raise SystemExit(int(Code.USAGE)) from None


@contextlib.contextmanager
def open_stdout() -> Iterator[None]:
    """Data that cannot be printed ends the command in one line; what nobody wants to read any more in none."""
    if sys.stdout is None:  # closed by the shell: >&-
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 # until the process ends
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except OSError as error:
        if error.filename is not None or error.errno not in _NO_MORE | {errno.EPIPE}:
            raise
        with contextlib.suppress(OSError, ValueError):  # what is still to be flushed goes nowhere
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if error.errno == errno.EPIPE:
            raise SystemExit(int(Code.FINDINGS)) from None
        say(f"lotwatch: stdout: {error.strerror}: the output is not whole")
        raise SystemExit(int(Code.TRY_LATER)) from None
