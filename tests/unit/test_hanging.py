"""A test that hangs: in a process of its own, for it is ended."""

from __future__ import annotations

import subprocess
import sys

_HANGS = """
import threading
from tests.hanging import watched
with watched("tests/some.py::test_that_hangs", 2, 0.01):
    threading.Event().wait(60)
"""


def test_it_is_named_in_the_last_line() -> None:
    done = subprocess.run([sys.executable, "-c", _HANGS], stderr=subprocess.PIPE, text=True, check=False)
    last = done.stderr.splitlines()[-1]
    assert done.returncode == 70
    assert last.startswith("HANGS: tests/some.py::test_that_hangs for 0 s, at ")
    assert " wait: " in done.stderr
